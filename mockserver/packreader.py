"""The pack reader: turns the tables of a pack file into rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache

from .candidates import Claim
from .errors import did_you_mean, quote
from .gazetteer import Gazetteer, GazetteerBuilder, TermTooLong, cut_terms
from .lategazetteer import LateGazetteer, TermFile
from .packfile import BadPack, Table
from .patterns import BadPattern, PatternRule, compile_pattern
from .repeats import Repeat
from .rulepack import RulePack
from .sequences import BadSequence, Sequence, SequenceRule, compile_sequence, read_sequence
from .sequencesearch import Need, SequenceSearch, build_search, needs_of
from .sortedwords import SortedWords, sort_words
from .tags import Tags, build_tags
from .validators import VALIDATORS
from .wordcodes import WordCodes, build_word_codes
from .wordkinds import ANY, SHAPES, START, WordList

_TOP = (
    *("name", "description", "labels", "headlines", "lists", "shorthands"),
    *("gazetteer", "pattern", "sequence", "repeat", "tags"),
)
_RULE = ("id", "label", "priority", "score")
_CASES = ("exact", "ignore")
_PRIORITY = 50
_HIGHEST_PRIORITY = 1000


class PackReader:
    """Turns the tables of one pack file into rules.

    With the ``kinds`` of words that its lists make, which a prepared pack has, it takes the rest
    of the file on trust too and puts off what few texts need.
    """

    def __init__(self, top: Table, stem: str, *, kinds: Collection[str] | None = None) -> None:
        top.expect_keys(_TOP)
        self._kinds = kinds
        self._is_prepared = kinds is not None
        self._top = top
        self._name = top.text("name", stem)
        self._labels = tuple(top.texts("labels"))
        self._types = _entity_types(self._labels, top.place)
        self._claims: list[Claim] = []
        self._ids: set[str] = set()
        self._lists: dict[str, WordList] = {}

    def read(self) -> RulePack:
        """The pack; raises BadPack for the first thing in it that can't be used."""
        lists = self._read_lists()
        gazetteers = [(rule, self._terms_of(rule)) for rule in self._top.tables("gazetteer")]
        for rule, terms in gazetteers:
            words = list(filter(str.isalnum, terms))
            self._lists[rule.text("id")] = WordList(words, _ignores_case(rule))
        word_codes, sequences = self._read_sequences()
        patterns = self._read_patterns()
        repeats = self._read_repeats()
        exact, lowered = self._read_gazetteers(gazetteers)
        tags = self._read_tags()
        common: Collection[str] = lists["common"].words if "common" in lists else ()
        return RulePack(
            name=self._name,
            labels=self._labels,
            description=self._top.text("description", ""),
            claims=tuple(self._claims),
            headlines=self._top.flag("headlines"),
            common=common if isinstance(common, SortedWords) else frozenset(common),
            exact_terms=exact,
            lowered_terms=lowered,
            patterns=patterns,
            word_codes=word_codes,
            sequences=sequences,
            repeats=repeats,
            tags=tags,
        )

    def _claim(self, kind: str, rule: Table) -> Claim:
        rule_id = f"{kind}.{rule.text('id')}"
        if rule_id in self._ids:
            raise BadPack(f"{rule.place}: there are two {kind}s of this id; rename one.")
        self._ids.add(rule_id)
        label = rule.choice("label", self._types, None)
        priority = _priority(rule, "priority")
        claim = Claim(len(self._claims), rule_id, label, priority, rule.score())
        self._claims.append(claim)
        return claim

    def _read_lists(self) -> Mapping[str, WordList]:
        lists = self._top.table("lists")
        for name, value in lists.values.items():
            values = value if isinstance(value, dict) else {"terms": value}
            table = Table(f"{lists.place} {name}", values, lists.folder)
            table.expect_keys(("terms", "file", "case"))
            self._lists[name] = WordList(self._words_of(table), _ignores_case(table))
        return self._lists

    def _words_of(self, table: Table) -> Collection[str]:
        words = table.sorted_words() if self._is_prepared else None
        return table.terms() if words is None else words

    def _terms_of(self, rule: Table) -> Collection[str]:
        terms = self._words_of(rule)
        if not self._is_prepared or isinstance(terms, SortedWords):
            return terms
        return sort_words(map(str.lower, terms) if _ignores_case(rule) else terms)

    def _read_gazetteers(
        self, gazetteers: list[tuple[Table, Collection[str]]]
    ) -> list[Gazetteer | LateGazetteer | None]:
        """Those that heed case, and those that don't."""
        builders = GazetteerBuilder(), GazetteerBuilder()
        late: tuple[list[TermFile], list[TermFile]] = [], []
        for rule, terms in gazetteers:
            rule.expect_keys((*_RULE, "phrase_priority", "terms", "file", "case"))
            claim = phrase_claim = self._claim("gazetteer", rule)
            if "phrase_priority" in rule.values:
                priority = _priority(rule, "phrase_priority")
                phrase_claim = replace(claim, order=len(self._claims), priority=priority)
                self._claims.append(phrase_claim)
            lowers = _ignores_case(rule)
            if isinstance(terms, SortedWords):
                late[lowers].append(TermFile(terms, claim, phrase_claim))
                continue
            try:
                cut = cut_terms(map(str.lower, terms) if lowers else terms)
            except TermTooLong as error:
                raise BadPack(f"{rule.place}: {error}") from error
            builders[lowers].add(cut, claim, phrase_claim)
        return [
            LateGazetteer(files) if files else builder.build()
            for files, builder in zip(late, builders, strict=True)
        ]

    def _read_patterns(self) -> tuple[PatternRule, ...]:
        patterns = []
        for rule in self._top.tables("pattern"):
            rule.expect_keys((*_RULE, "regex", "group", "case", "valid"))
            claim = self._claim("pattern", rule)
            validator = rule.choice("valid", VALIDATORS, None) if "valid" in rule.values else None
            try:
                pattern = compile_pattern(
                    rule.text("regex"),
                    claim,
                    group=rule.whole("group", 0, least=0, most=99),
                    ignore_case=_ignores_case(rule),
                    validator=validator,
                )
            except BadPattern as error:
                raise BadPack(
                    f"{rule.place}: regex {quote(rule.text('regex'))} can't be used: {error}. "
                    "RE2 has no look-around and no back-references."
                ) from error
            patterns.append(pattern)
        return tuple(patterns)

    def _read_sequences(self) -> tuple[WordCodes | None, SequenceSearch | None]:
        read: list[tuple[Table, Claim, Sequence]] = []
        table = self._top.table("shorthands")
        shorthands = {name: table.text(name) for name in table.values}
        for rule in self._top.tables("sequence"):
            rule.expect_keys((*_RULE, "match"))
            claim = self._claim("sequence", rule)
            try:
                sequence = read_sequence(rule.text("match"), shorthands)
            except BadSequence as error:
                raise self._bad_sequence(rule, error) from error
            read.append((rule, claim, sequence))
        if not read:
            return None, None
        lists = self._lists_of(read)
        atoms = {atom for _, _, sequence in read for atom in sequence.atoms()}
        word_codes = build_word_codes(lists, atoms, self._kinds)
        express = cache(word_codes.express)
        rules: list[tuple[SequenceRule, list[Need]]] = []
        for rule, claim, sequence in read:
            try:
                compiled = compile_sequence(sequence, claim, express, late=self._is_prepared)
            except BadSequence as error:
                raise self._bad_sequence(rule, error) from error
            rules.append((compiled, needs_of(sequence, word_codes.codes)))
        live = frozenset().union(*word_codes.codes.values())
        return word_codes, build_search(rules, word_codes.all_codes, live)

    def _lists_of(self, read: list[tuple[Table, Claim, Sequence]]) -> dict[str, WordList]:
        """The lists that sequences speak of; a quoted word is a list of one."""
        used: dict[str, WordList] = {}
        if "abbreviation" in self._lists:
            used["abbreviation"] = self._lists["abbreviation"]
        for rule, _, sequence in read:
            for atom in sequence.atoms():
                for name in sorted(atom.needs | atom.avoids):
                    if name.startswith("'"):
                        used[name] = WordList((name[1:-1],), ignore_case=False)
                    elif name in self._lists:
                        used[name] = self._lists[name]
                    elif name not in SHAPES and name not in (START, ANY):
                        known = (*self._lists, *SHAPES, START, ANY)
                        raise BadPack(
                            f"{rule.place}: match speaks of {name!r}.{did_you_mean(name, known)} "
                            f"There are the lists and shapes {', '.join(known)}."
                        )
        return used

    def _read_repeats(self) -> tuple[Repeat, ...]:
        repeats = []
        for rule in self._top.tables("repeat"):
            rule.expect_keys(_RULE)
            repeats.append(Repeat(self._claim("repeat", rule)))
        return tuple(sorted(repeats, key=lambda repeat: -repeat.priority))

    def _read_tags(self) -> Tags | None:
        if "tags" not in self._top.values:
            return None
        top = self._top.table("tags")
        top.expect_keys(("default", "lists", "endings", "shapes"))
        lists, endings, shapes = top.table("lists"), top.table("endings"), top.table("shapes")
        lists.expect_keys(self._lists)
        shapes.expect_keys(SHAPES)
        return build_tags(
            [(self._lists[name], self._tag(lists, name)) for name in lists.values],
            {ending: self._tag(endings, ending) for ending in endings.values},
            {shape: self._tag(shapes, shape) for shape in shapes.values},
            self._tag(top, "default"),
        )

    def _tag(self, table: Table, key: str) -> Claim:
        label = table.choice(key, self._types, None)
        claim = Claim(len(self._claims), f"tags.{key}", label, 0, None)
        self._claims.append(claim)
        return claim

    def _bad_sequence(self, rule: Table, error: BadSequence) -> BadPack:
        return BadPack(f"{rule.place}: match {quote(rule.text('match'))} can't be read: {error}.")


def _ignores_case(rule: Table) -> bool:
    return rule.choice("case", _CASES, "exact") == "ignore"


def _priority(rule: Table, key: str) -> int:
    return rule.whole(key, _PRIORITY, least=0, most=_HIGHEST_PRIORITY)


def _entity_types(labels: tuple[str, ...], place: str) -> tuple[str, ...]:
    """The labels without their prefixes, each once."""
    if not labels or len(set(labels)) != len(labels):
        raise BadPack(f"{place}: labels must be a list of different names; the id is the place.")
    return tuple(
        dict.fromkeys(label[2:] if label.startswith(("B-", "I-")) else label for label in labels)
    )

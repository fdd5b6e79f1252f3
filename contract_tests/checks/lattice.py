"""Lattice: one text in all five strategies with no label ignored, and what that tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..endpoint import Endpoint
from ..entries import Entry
from ..exchange import Exchange
from ..strategies import texts
from ..violations import Mark, Violation
from .answers import MIXED, STRATEGIES, entries
from .check import Judge, Plan, Trial, Undecided, plan
from .faults import Fault, Kind, compare
from .readings import is_comparable, is_same
from .recomputing import CHOICES, Group, Token, Word, read_words

#: Rare words that vocabularies cut, names next to names, blanks of several kinds.
UNEVEN = (
    "Wolfgang Schmidhuber-Kowalczyk, antidisestablishmentarian, visited Ouagadougou;"
    " Angela Merkel Tim Cook Berlin Paris. New\n York"
)
_ONLY_EVEN = "no strategy could be recomputed from the tokens"


@dataclass(frozen=True, slots=True)
class Lattice:
    """What the tokens of a text are, and what each strategy made of them."""

    text: str
    tokens: tuple[Token, ...]
    groups: dict[str, tuple[Group, ...]]

    def readings(self, strategy: str) -> list[tuple[Word, ...]]:
        """What is grouped: tokens for simple, words for all else."""
        if strategy == "simple":
            return [tuple((token,) for token in self.tokens)]
        return read_words(self.tokens, self.text)

    def faults(self, strategy: str) -> list[Fault]:
        """What is wrong with the groups of a strategy."""
        return compare(self.readings(strategy), self.groups[strategy], CHOICES[strategy])


def calls(endpoint: Endpoint, text: str) -> Plan:
    """A text in every strategy, with every label shown."""
    return plan(
        *(endpoint.classify(text, strategy=strategy, ignore_labels=[]) for strategy in STRATEGIES)
    )


def lattice_calls(endpoint: Endpoint) -> Iterator[Plan]:
    """The plans that all checks of aggregation share."""
    for text in (UNEVEN, MIXED):
        yield calls(endpoint, text)


def drawn_calls(endpoint: Endpoint) -> SearchStrategy[Plan]:
    """The same for texts of all kinds."""
    return st.builds(lambda text: calls(endpoint, text), texts())


def read_lattice(trial: Trial) -> Lattice | Undecided:
    """The lattice of a trial, with the strategies that were answered."""
    asked = {trial.endpoint.kind_asked(each.request): each for each in trial.exchanges}
    text = trial.exchanges[0].request.inputs
    if not isinstance(text, str):
        return Undecided("no single text was asked for")
    tokens = read_tokens(asked.get("none"), text)
    if isinstance(tokens, Undecided):
        return tokens
    groups = {name: _read_groups(each) for name, each in asked.items() if name in CHOICES}
    return Lattice(text, tokens, {name: each for name, each in groups.items() if each is not None})


def read_tokens(exchange: Exchange | None, text: str) -> tuple[Token, ...] | Undecided:
    """The tokens of an answer of none, where they are all there and where they say."""
    if exchange is None or exchange.status != 200 or not isinstance(exchange.document, list):
        return Undecided("none was not answered")
    tokens = tuple(
        Token(str(entry.label), float(entry.fields["score"]), entry.word, *entry.span)
        for entry in entries(exchange)
        if entry.span and _is_whole(entry, "entity")
    )
    if not tokens:
        return Undecided("no text had tokens with label, score and offsets")
    if len(tokens) < len(exchange.document):
        return Undecided("some tokens lack label, score or offsets")
    if any(token.start >= token.end for token in tokens) or any(
        before.end > token.start for before, token in pairwise(tokens)
    ):
        return Undecided("tokens are empty, overlap or are out of order")
    if not all(
        is_same(text[token.start : token.end], token.word)
        for token in tokens
        if is_comparable(token.word)
    ):
        return Undecided("the offsets of tokens are not where their words are")
    if find_gap(text, [(token.start, token.end) for token in tokens]) is not None:
        return Undecided("with no label ignored some tokens were still not shown")
    return tokens


def find_gap(text: str, spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The first stretch with a letter or a digit that none of the spans in order covers."""
    reached = 0
    for start, end in (*spans, (len(text), len(text))):
        if any(character.isalnum() for character in text[reached:start]):
            return reached, start
        reached = max(reached, end)
    return None


def judge_faults(kinds: dict[str, tuple[Kind, ...]]) -> Judge:
    """A judge of these kinds of faults in the answers of these strategies."""

    def judge(trial: Trial) -> Iterator[Violation | Undecided]:
        lattice = read_lattice(trial)
        if isinstance(lattice, Undecided):
            yield lattice
            return
        names = [name for name in kinds if lattice.groups.get(name)]
        if not names:
            yield Undecided(_ONLY_EVEN)
        for name in names:
            found = [fault for fault in lattice.faults(name) if fault.kind in kinds[name]]
            if found:
                yield show_fault(lattice, name, found[0])

    return judge


def needs(judge: Judge, *, shows: str, why: str) -> Judge:
    """The judge, undecided where the tokens have no pair or word of the kind it is about."""

    def careful(trial: Trial) -> Iterator[Violation | Undecided]:
        lattice = read_lattice(trial)
        if isinstance(lattice, Lattice) and not _SHOWS[shows](lattice):
            yield Undecided(why)
            return
        yield from judge(trial)

    return careful


def show_fault(lattice: Lattice, strategy: str, fault: Fault) -> Violation:
    """The fault as a violation, with the tokens that prove it."""
    places = [
        place
        for place, group in enumerate(lattice.groups[strategy])
        if group.start < fault.end and fault.start < group.end
    ]
    told = ", ".join(
        f"{token.label} {token.word!r} {token.score:.6g}"
        for token in lattice.tokens
        if fault.start < token.end and token.start < fault.end
    )
    return Violation(
        where=f"body[{places[0]}]" if places else "body",
        expected=f"{fault.expected} with {strategy}",
        actual=fault.actual,
        hint=f"The tokens of none there: {told}.",
        marks=(Mark(text=lattice.text, start=fault.start, end=fault.end, note=strategy),),
    )


def _read_groups(exchange: Exchange) -> tuple[Group, ...] | None:
    if exchange.status != 200 or not isinstance(exchange.document, list):
        return None
    groups = tuple(
        Group(str(entry.label), float(entry.fields["score"]), *entry.span)
        for entry in entries(exchange)
        if entry.span and entry.span[0] < entry.span[1] and _is_whole(entry, "entity_group")
    )
    return groups if len(groups) == len(exchange.document) else None


def _is_whole(entry: Entry, key: str) -> bool:
    score = entry.fields.get("score")
    is_number = isinstance(score, int | float) and not isinstance(score, bool)
    return is_number and isinstance(entry.fields.get(key), str)


def _has_uneven_group(lattice: Lattice) -> bool:
    """Whether some words of different lengths in tokens stand in one group of first or max."""
    return any(
        len(
            {
                len(word)
                for word in words
                if group.start <= word[0].start and word[-1].end <= group.end
            }
        )
        > 1
        for name in ("first", "max")
        for words in lattice.readings(name)[:1]
        for group in lattice.groups.get(name, ())
    )


def _has_pieces(lattice: Lattice) -> bool:
    return all(any(len(word) > 1 for word in words) for words in lattice.readings("first"))


def _has_opening(lattice: Lattice) -> bool:
    return any(
        token.label.startswith("B-") and before.label[2:] == token.label[2:]
        for before, token in pairwise(lattice.tokens)
        if before.label.startswith(("B-", "I-"))
    )


_SHOWS = {
    "an uneven group": _has_uneven_group,
    "pieces": _has_pieces,
    "an opening": _has_opening,
}

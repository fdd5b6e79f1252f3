"""Rulebook: the rules that authors have added, and what they make of a model."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from .authoring import BadRule, PreparedRule, Rule, name_rule, prepare_rule
from .candidates import Claim
from .errors import NertwinError
from .extras import ExtraRules
from .gazetteer import GazetteerBuilder
from .markup import MarkedText
from .models import Model, ModelRegistry
from .patterns import PatternRule

MOST_RULES = 1000
#: Of all texts, expressions and terms together.
MOST_CHARACTERS = 1_000_000
_REMEMBERED_MODELS = 64


class UnknownRule(NertwinError, KeyError):
    """No rule has that id, or no longer."""

    def __init__(self, rule_id: int) -> None:
        super().__init__(f"there is no rule {rule_id}; list the rules to see their ids")
        self.rule_id = rule_id

    __str__ = NertwinError.__str__  # KeyError shows its message in quotes.


class TooManyRules(NertwinError):
    """One rule more than a rulebook holds."""


class Rulebook:
    """The rules of a session, which begin as those of the settings.

    The latest rule stands first where two are equal, and the latest ``say`` of a text decides.
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._edition = Edition(MappingProxyType({}))
        self._next = 1
        for rule in rules:
            self.add(rule)
        self._first = self._edition

    def __iter__(self) -> Iterator[tuple[int, Rule]]:
        return ((rule_id, each.rule) for rule_id, each in self._edition.rules.items())

    def __len__(self) -> int:
        return len(self._edition.rules)

    def copy(self) -> Rulebook:
        """A rulebook of its own that begins as this one began; costs nothing until it changes."""
        book = Rulebook()
        book._edition = book._first = self._first
        book._next = max(self._first.rules, default=0) + 1
        return book

    def add(self, rule: Rule) -> int:
        """Add a rule behind the others; its id. A ``say`` takes the place of one of its text.

        Raises:
            TooManyRules: There are :data:`MOST_RULES`, or more than
                :data:`MOST_CHARACTERS` in them.
        """
        prepared = prepare_rule(rule)
        rules = {
            rule_id: each
            for rule_id, each in self._edition.rules.items()
            if not _says_the_same(each, prepared)
        }
        rules[self._next] = prepared
        characters = sum(map(_characters, rules.values()))
        if len(rules) > MOST_RULES or characters > MOST_CHARACTERS:
            raise TooManyRules(
                f"{name_rule(rule)} can't be added: with it there are {len(rules)} rules of"
                f" {characters} characters, and {MOST_RULES} rules of {MOST_CHARACTERS} characters"
                " are the most. Remove some, or put long lists of terms into a rule pack."
            )
        self._edition = Edition(MappingProxyType(rules))
        self._next += 1
        return self._next - 1

    def remove(self, rule_id: int) -> Rule:
        """Take the rule of that id out.

        Raises:
            UnknownRule: There is none.
        """
        rules = dict(self._edition.rules)
        if rule_id not in rules:
            raise UnknownRule(rule_id)
        removed = rules.pop(rule_id)
        self._edition = Edition(MappingProxyType(rules))
        return removed.rule

    def clear(self) -> None:
        """Take all rules out, those of the settings too."""
        self._edition = Edition(MappingProxyType({}))

    def reset(self) -> None:
        """Bring back the rules that the book began with, and no other."""
        self._edition = self._first

    @property
    def edition(self) -> Edition:
        """The rules as they stand: the very same object until one changes."""
        return self._edition

    def record(self) -> tuple[int, dict[int, Rule] | None]:
        """The next id, and the rules by their ids; None where it has those that it began with."""
        return self._next, None if self._edition is self._first else dict(self)

    def restore(self, next_id: int, rules: Mapping[int, Rule] | None) -> None:
        """Become the book that was recorded, by one that had begun with the same rules."""
        self._next = next_id
        known = {**self._first.rules, **self._edition.rules}
        self._edition = (
            self._first
            if rules is None
            else Edition(
                MappingProxyType(
                    {
                        rule_id: known[rule_id]
                        if rule_id in known and known[rule_id].rule == rule
                        else prepare_rule(rule)
                        for rule_id, rule in rules.items()
                    }
                )
            )
        )

    def dress(self, model: Model) -> Model:
        """The model with these rules; the very same one when there are none."""
        return self._edition.dress(model) if self._edition.rules else model


def check_rules(rules: Iterable[Rule], models: ModelRegistry) -> None:
    """Refuse rules that no model can use, as a server's start does.

    Raises:
        UnknownModel: A rule is for a model that isn't served.
        BadRule: It doesn't fit its model, or if it names none, any of those that are served.
    """
    for rule in rules:
        prepared = prepare_rule(rule)
        served = [rule.model] if rule.model else [card.id for card in models]
        misfits = _misfits(prepared, served, models)
        if misfits:
            others = f", and {len(misfits) - 1} other models can't use it" if misfits[1:] else ""
            raise BadRule(f"{name_rule(rule)}: {misfits[0]}{others}.")


def _misfits(rule: PreparedRule, served: Iterable[str], models: ModelRegistry) -> list[str]:
    """Why no served model can use the rule; nothing as soon as one can."""
    misfits: list[str] = []
    for model_id in served:
        misfit = rule.misfit(models.model(model_id))
        if not misfit:
            return []
        misfits.append(misfit)
    return misfits


class Edition:
    """A rulebook as it stands between two changes, and the models that it has dressed."""

    __slots__ = ("__weakref__", "_dressed", "rules")

    def __init__(self, rules: Mapping[int, PreparedRule]) -> None:
        self.rules = rules
        self._dressed: OrderedDict[str, tuple[Model, Model]] = OrderedDict()

    def dress(self, model: Model) -> Model:
        """The model with these rules."""
        found = self._dressed.get(model.card.id)
        if found is not None and _is_same(found[0], model):
            return found[1]
        dressed = _dress(model, self.rules)
        self._dressed[model.card.id] = model, dressed
        if len(self._dressed) > _REMEMBERED_MODELS:
            self._dressed.popitem(last=False)
        return dressed


def _is_same(one: Model, other: Model) -> bool:
    """Whether both are one model; any_model makes a new one of the same parts for each call."""
    return one is other or (one.pack is other.pack and one.card == other.card)


def _dress(model: Model, rules: Mapping[int, PreparedRule]) -> Model:
    """The model with the rules that are for it and fit it."""
    rivals: dict[str, PreparedRule] = {}
    unfit: list[str] = []
    pins: dict[str, MarkedText] = {}
    said: dict[str, str] = {}
    unsaid: dict[str, str] = {}
    for rule_id, each in rules.items():
        if each.rule.model not in ("", model.card.id):
            continue
        name = f"{each.rule.kind}.{rule_id}"
        misfit = each.misfit(model)
        reason = f"{name} is not asked: {misfit}"
        if each.marked is not None:
            text = each.marked.text
            (unsaid if misfit else said)[text] = reason if misfit else name
            if not misfit:
                pins[text] = each.marked
        elif misfit:
            unfit.append(reason)
        else:
            rivals[name] = each
    extra = _compete(model, rivals)._replace(said=said, unfit=tuple(unfit), unsaid=unsaid)
    return replace(model, pins={**model.pins, **pins}, extra=extra)


def _compete(model: Model, rivals: Mapping[str, PreparedRule]) -> ExtraRules:
    """The rules made ready to compete with those of the model's pack."""
    claims: list[Claim] = []
    exact, lowered = GazetteerBuilder(), GazetteerBuilder()
    patterns: list[PatternRule] = []
    for name, each in rivals.items():
        rule = each.rule
        claim = Claim(-1 - len(claims), name, rule.label, rule.priority, rule.score)
        claims.append(claim)
        if each.pattern is not None:
            patterns.append(each.pattern._replace(claim=claim))
        if each.terms is not None:
            (lowered if rule.case == "ignore" else exact).add(each.terms, claim, claim)
    return ExtraRules(
        claims=(*model.pack.claims, *reversed(claims)),
        exact_terms=exact.build(),
        lowered_terms=lowered.build(),
        patterns=tuple(patterns),
    )


def _says_the_same(one: PreparedRule, other: PreparedRule) -> bool:
    """Whether both pin one text for one model."""
    return (
        one.marked is not None
        and other.marked is not None
        and (one.marked.text, one.rule.model) == (other.marked.text, other.rule.model)
    )


def _characters(prepared: PreparedRule) -> int:
    rule = prepared.rule
    return len(rule.say) + len(rule.regex) + sum(map(len, rule.terms))

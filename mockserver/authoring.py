"""Authoring: rules that a test's author writes, beside those of a model's pack.

A rule is one of three kinds. In a ``nertwin.toml``:

.. code-block:: toml

    [[rules]]
    say = "[Sarah Jessica Parker](PER) met [Jessica](PER:0.97)"

    [[rules]]
    regex = 'ACME-\\d+'
    label = "MISC"

    [[rules]]
    terms = ["Road Runner", "Jet Skates"]
    label = "MISC"
    model = "dslim/bert-base-NER"

``say`` is an exact text with its answer: an input that equals the text gets this answer, and no
other rule is asked. A mark is answered with all tokens that it touches. ``regex`` (RE2's syntax)
and ``terms`` find stretches in every text and compete with the rules of the model's pack: the
higher priority wins, then the longer stretch, then the leftmost, then an author's rule before
the pack's, the one added last first. Built-in packs stay below an author's default priority.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Literal, NamedTuple, TypeAlias

from .candidates import Claim
from .errors import NertwinError, did_you_mean, quote
from .gazetteer import CutTerms, TermTooLong, cut_terms
from .markup import BadMarkup, MarkedText, parse_markup
from .models import MODEL_ID, Model
from .patterns import BadPattern, PatternRule, compile_bounded
from .scores import is_decisive, pinned_row

RuleKind: TypeAlias = Literal["say", "regex", "terms"]
KINDS: tuple[RuleKind, ...] = ("say", "regex", "terms")
#: An author's rule wins over all rules of the built-in packs.
DEFAULT_PRIORITY = 100
_HIGHEST_PRIORITY = 1000
_LONGEST_REGEX = 1000
_UNCLAIMED = Claim(0, "", "", 0, None)


class BadRule(NertwinError, ValueError):
    """A rule contradicts itself, can't be read, or doesn't fit the model that it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What an author wants found; exactly one of ``say``, ``regex`` and ``terms`` is given."""

    say: str = ""  #: A whole text with its answer, ``[Ada](PER) met [Bob](PER:0.97)``.
    regex: str = ""  #: In RE2's syntax; the words that a match touches are the entity.
    terms: tuple[str, ...] = ()  #: Words and phrases.
    label: str = ""  #: The entity type, or "O" for "no entity here".
    group: int = 0  #: The group of the regex that is the entity; 0 is the whole match.
    case: Literal["exact", "ignore"] = "exact"  #: Whether ``terms`` and ``regex`` heed it.
    score: float | None = None  #: Base confidence, between 0 and 1.
    priority: int = DEFAULT_PRIORITY  #: From 0 to 1000.
    model: str = ""  #: The id of the only model it is for; empty for every model it fits.

    def __post_init__(self) -> None:
        _check_kind(self)
        _check_values(self)
        prepare_rule(self)

    @property
    def kind(self) -> RuleKind:
        """Which of the three kinds of rule it is."""
        return next(kind for kind in KINDS if getattr(self, kind))


class PreparedRule(NamedTuple):
    """A rule, read and compiled."""

    rule: Rule
    marked: MarkedText | None  #: Of ``say``.
    pattern: PatternRule | None  #: Of ``regex``.
    terms: CutTerms | None  #: Of ``terms``.

    def misfit(self, model: Model) -> str:
        """Why the rule can't be used with ``model``, or nothing."""
        types = dict.fromkeys(model.labels.rests)
        for label, score in self._labels():
            if label not in types:
                return (
                    f"the label table of {model.card.id} has no {quote(label)}."
                    f"{did_you_mean(label, types)} It has {', '.join(types)}"
                )
            if score is not None and not self._is_decisive(model, label, score):
                return (
                    f"a score of {score!r} can't be the largest of the {len(model.labels)} labels"
                    f" of {model.card.id}; give it a higher one"
                )
        return ""

    def _labels(self) -> Collection[tuple[str, float | None]]:
        if self.marked is not None:
            return {(mark.label, mark.score) for mark in self.marked.marks}
        return {(self.rule.label, self.rule.score)}

    def _is_decisive(self, model: Model, label: str, score: float) -> bool:
        tags = model.tags(label)
        if self.marked is None:
            return all(is_decisive(len(model.labels), tag, score) for tag in tags)
        try:
            for tag in tags:
                pinned_row(len(model.labels), tag, score)
        except ValueError:
            return False
        return True


def prepare_rule(rule: Rule) -> PreparedRule:
    """The rule, read and compiled.

    Raises:
        BadRule: Its markup, expression or terms can't be read.
    """
    marked = pattern = terms = None
    ignores_case = rule.case == "ignore"
    try:
        if rule.say:
            marked = parse_markup(rule.say)
        elif rule.regex:
            pattern = compile_bounded(
                rule.regex, _UNCLAIMED, group=rule.group, ignore_case=ignores_case
            )
        else:
            terms = cut_terms(map(str.lower, rule.terms) if ignores_case else rule.terms)
    except (BadMarkup, TermTooLong) as error:
        raise BadRule(f"{name_rule(rule)}: {error}") from error
    except BadPattern as error:
        raise BadRule(
            f"{name_rule(rule)}: it can't be used: {error}. RE2 has no look-around and no"
            " back-references."
        ) from error
    return PreparedRule(rule, marked, pattern, terms)


def check_rule(rule: Rule, model: Model) -> None:
    """Refuse a rule that can't be used with ``model``.

    Raises:
        BadRule: The label table lacks a label, or a score is too low to show.
    """
    misfit = prepare_rule(rule).misfit(model)
    if misfit:
        raise BadRule(f"{name_rule(rule)}: {misfit}")


def name_rule(rule: Rule) -> str:
    """The rule as messages call it: by what it finds."""
    return f"the rule with {rule.kind} = {quote(getattr(rule, rule.kind))}"


def _check_kind(rule: Rule) -> None:
    given = [kind for kind in KINDS if getattr(rule, kind)]
    if len(given) != 1:
        came = f"a rule has {' and '.join(given)}" if given else "a rule finds nothing"
        raise BadRule(f"{came}; give it exactly one of {', '.join(KINDS)}")
    pointless = {
        "say": ("label", "group", "case", "score", "priority"),
        "regex": (),
        "terms": ("group",),
    }[given[0]]
    for field in fields(rule):
        if field.name in pointless and getattr(rule, field.name) != field.default:
            remedy = (
                "write labels and scores into the markup, [text](LABEL:0.9); it has no rival"
                if rule.say
                else "only a regex has groups"
            )
            raise BadRule(
                f"{name_rule(rule)} has {field.name} = {getattr(rule, field.name)!r}, which means"
                f" nothing there; {remedy}"
            )


def _check_values(rule: Rule) -> None:
    problem = ""
    if not isinstance(rule.terms, tuple) or "" in map(str.strip, rule.terms):
        problem = f"terms is {quote(rule.terms)}; it must be a tuple of words and phrases"
    elif not rule.say and not rule.label:
        problem = "it has no label; name the entity type, or O for 'no entity here'"
    elif len(rule.regex) > _LONGEST_REGEX:
        problem = f"it has {len(rule.regex)} characters; {_LONGEST_REGEX} is the most"
    elif not 0 <= rule.priority <= _HIGHEST_PRIORITY:
        problem = f"priority is {rule.priority}; it must be from 0 to {_HIGHEST_PRIORITY}"
    elif rule.score is not None and not 0 < rule.score < 1:
        problem = f"score is {rule.score}; it must lie between 0 and 1"
    elif rule.model and not MODEL_ID.match(rule.model):
        problem = f"model is {quote(rule.model)}; write NAME or ORG/NAME, or leave it out"
    if problem:
        raise BadRule(f"{name_rule(rule)}: {problem}")

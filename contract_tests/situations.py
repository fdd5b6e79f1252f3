"""Situations: what the contract holds in store for a client, and how a test shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from nertwin.schemas import JSON, PROFILES, Profile

from .manners.seen import Seen, Visit

_LAST_OF_THE_PLANE = "\uffff"
_FIELDS = frozenset(("entity_group", "entity", "score", "index", "word", "start", "end"))
_SLOW = 1.0  # Seconds.
_CLASSIC: tuple[Profile, ...] = ("classic",)
_OF_MANY_MODELS: tuple[Profile, ...] = ("classic", "router")

_Entity: TypeAlias = dict[str, JSON]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Something that a client must be ready for."""

    id: str  #: Topic, dot, what: ``status.429``.
    text: str
    line: str  #: Of a test; ``call`` stands for the code under test.
    fits: Callable[[Visit], bool]  #: Whether a visit had it; pure.
    profiles: tuple[Profile, ...] = PROFILES  #: Where it happens at all.


def seen_in(visit: Visit) -> list[str]:
    """The ids of the situations that a visit had."""
    possible = (each for each in SITUATIONS if visit.profile in each.profiles)
    return [each.id for each in possible if each.fits(visit)]


def possible_in(profiles: Iterable[str]) -> tuple[Situation, ...]:
    """Those that happen in one of these profiles."""
    known = set(profiles)
    return tuple(each for each in SITUATIONS if known & set(each.profiles))


def _call(is_like: Callable[[Seen], bool]) -> Callable[[Visit], bool]:
    return lambda visit: any(is_like(call) for call in visit.calls)


def _status(status: int, line: str = "") -> Situation:
    return Situation(
        id=f"status.{status}",
        text=f"status {status}",
        line=line or f"nertwin.fail_next({status})",
        fits=_call(lambda call: call.status == status),
    )


def _fault(kind: str, text: str, line: str = "") -> Situation:
    return Situation(
        id=f"damage.{kind}",
        text=text,
        line=line or f'nertwin.fail_next("{kind}")',
        fits=_call(lambda call: kind in _faults(call)),
    )


def _strategy(name: str) -> Situation:
    return Situation(
        id=f"strategy.{name}",
        text=f"an answer by the strategy {name}",
        line=f'call("Ada Lovelace", aggregation_strategy="{name}")',
        fits=_call(lambda call: call.status == 200 and _strategy_of(call) == name),
    )


def _error(
    name: str,
    text: str,
    line: str,
    is_like: Callable[[Seen], bool],
    profiles: tuple[Profile, ...] = PROFILES,
) -> Situation:
    fits = _call(lambda call: call.is_refused and is_like(call))
    return Situation(id=f"error.{name}", text=text, line=line, fits=fits, profiles=profiles)


def _answer(
    name: str,
    text: str,
    line: str,
    is_like: Callable[[str, list[_Entity]], bool],
    profiles: tuple[Profile, ...] = PROFILES,
) -> Situation:
    fits = _call(lambda call: any(is_like(given, found) for given, found in _answers(call)))
    return Situation(id=f"answer.{name}", text=text, line=line, fits=fits, profiles=profiles)


def _faults(call: Seen) -> list[str]:
    """The kinds of the faults that hurt a call."""
    return str(call.told["why"]).split(", ") if call.told["gate"] == "fault" else []


def _strategy_of(call: Seen) -> JSON:
    # Where a request names none, all profiles take simple.
    return call.within("parameters").get("aggregation_strategy") or "simple"


def _answers(call: Seen) -> list[tuple[str, list[_Entity]]]:
    """Each text of a call and the entities that were found in it."""
    answer = call.answer
    if call.status != 200 or not isinstance(answer, list):
        return []
    lists = answer if isinstance(call.inputs, list) else [answer]
    pairs = zip(call.texts, lists, strict=False)
    return [
        (text, [each for each in found if isinstance(each, dict)])
        for text, found in pairs
        if isinstance(found, list)
    ]


def _field(call: Seen, name: str) -> JSON:
    return call.answer.get(name) if isinstance(call.answer, dict) else None


def _spans(found: list[_Entity]) -> list[tuple[int, int]]:
    offsets = ((each.get("start"), each.get("end")) for each in found)
    return [(one, two) for one, two in offsets if isinstance(one, int) and isinstance(two, int)]


def _touch(text: str, found: list[_Entity]) -> bool:
    """Whether nothing but a blank stands between two entities."""
    return any(
        0 <= later[0] - earlier[1] <= 1 and not text[earlier[1] : later[0]].strip()
        for earlier, later in pairwise(sorted(_spans(found)))
    )


def _cuts_word(text: str, found: list[_Entity]) -> bool:
    """Whether an entity begins or ends within a word."""
    return any(
        (start > 0 and text[start - 1 : start + 1].isalnum() and start < end)
        or (text[end - 1 : end + 1].isalnum() and 0 < end < len(text))
        for start, end in _spans(found)
    )


def _follows_astral(text: str, found: list[_Entity]) -> bool:
    """Whether offsets differ from those of strings in JavaScript."""
    return any(max(text[:end], default="") > _LAST_OF_THE_PLANE for _, end in _spans(found))


def _warmed_up(visit: Visit) -> bool:
    refused = {call.model for call in visit.calls if _field(call, "estimated_time") is not None}
    return any(call.status == 200 and call.model in refused for call in visit.calls)


def _was_held(call: Seen) -> bool:
    return call.status == 200 and call.asks_to_wait and call.time("seconds") > 0


SITUATIONS: tuple[Situation, ...] = (
    _status(200, 'call("Ada")'),
    *map(_status, (400, 401, 402, 403, 404, 410, 429, 500, 503, 504)),
    _error(
        "string",
        "an error that is a string",
        'nertwin.fail_next(500, error_form="string")',
        lambda call: isinstance(_field(call, "error"), str),
    ),
    _error(
        "list",
        "an error that is a list",
        'nertwin.fail_next(400, error_form="list")',
        lambda call: isinstance(_field(call, "error"), list),
    ),
    _error(
        "warnings",
        "warnings beside an error",
        "nertwin.fail_next(500)",
        lambda call: _field(call, "warnings") is not None,
        _CLASSIC,
    ),
    _error(
        "estimated-time",
        "a 503 that says how long the model loads",
        "nertwin.cold()",
        lambda call: _field(call, "estimated_time") is not None,
        _CLASSIC,
    ),
    _error(
        "no-estimate",
        "a 503 that says nothing of the kind",
        'nertwin.fail_next("503-overloaded")',
        lambda call: call.status == 503 and _field(call, "estimated_time") is None,
    ),
    _error(
        "no-json",
        "an error that is a page of HTML",
        'nertwin.fail_next("503-html")',
        lambda call: call.answer is None,
    ),
    _error(
        "retry-after",
        "a refusal with retry-after",
        "nertwin.fail_next(429, retry_after=2)",
        lambda call: "retry-after" in call.answer_headers,
    ),
    Situation(
        id="error.with-200",
        text="an error that claims status 200",
        line='nertwin.fail_next("ok-error")',
        fits=_call(lambda call: call.status == 200 and _field(call, "error") is not None),
    ),
    _fault("reset", "a connection that is reset"),
    _fault("empty", "a connection that is closed without an answer"),
    _fault("truncated", "an answer that ends too early"),
    _fault("garbage", "an answer that is no HTTP"),
    _fault("wrong-type", "an answer that claims to be no JSON"),
    _fault("redirect", "a redirect", 'nertwin.fail_next("redirect", location="/elsewhere")'),
    Situation(
        id="damage.slow",
        text="an answer that takes more than a second",
        line='nertwin.fail_next("latency", seconds=30)',
        fits=_call(lambda call: call.time("seconds") >= _SLOW),
    ),
    *map(_strategy, ("none", "simple", "first", "average", "max")),
    _answer(
        "empty",
        "no entity",
        'call(nertwin.say("nothing here").text)',
        lambda _, found: not found,
    ),
    _answer(
        "one",
        "one entity",
        'call(nertwin.say("[Ada](PER) sleeps").text)',
        lambda _, found: len(found) == 1,
    ),
    _answer(
        "many",
        "several entities",
        'call(nertwin.say("[Ada](PER) met [Bob](PER)").text)',
        lambda _, found: len(found) > 1,
    ),
    _answer(
        "adjacent",
        "entities with at most a blank between them",
        'call(nertwin.say("[Ada](PER) [London](LOC)").text)',
        _touch,
    ),
    _answer(
        "sub-word",
        "an entity that is a piece of a word",
        'call(nertwin.say("[Brzezinski](PER)").text, aggregation_strategy="none")',
        _cuts_word,
    ),
    _answer(
        "astral",
        "an entity behind an emoji, whose offsets JavaScript counts otherwise",
        'call(nertwin.say("😀 [Ada](PER)").text)',
        _follows_astral,
    ),
    _answer(
        "null-offsets",
        "entities without offsets",
        'call("Ada Lovelace", model="nertwin/slow-tokenizer")',
        lambda _, found: any(each.get("start", 0) is None for each in found),
        _OF_MANY_MODELS,
    ),
    _answer(
        "new-fields",
        "entities with fields that are not known today",
        'nertwin.fail_next("evolve")',
        lambda _, found: any(not each.keys() <= _FIELDS for each in found),
    ),
    Situation(
        id="answer.batch",
        text="a list of answers to a list of texts",
        line='call(["Ada", "Bob"])',
        fits=_call(lambda call: call.status == 200 and isinstance(call.inputs, list)),
    ),
    Situation(
        id="answer.truncated",
        text="a text that is longer than the model's window",
        line='call("word " * 600)',
        fits=lambda visit: any(
            call.status == 200 and call.words > visit.room(call.model) for call in visit.calls
        ),
    ),
    Situation(
        id="life.cache-hit",
        text="an answer from the cache",
        line='call("Ada"); call("Ada")',
        fits=_call(lambda call: call.told["gate"] == "cache"),
        profiles=_CLASSIC,
    ),
    Situation(
        id="life.warm-up",
        text="a model that loads and then answers",
        line="nertwin.cold(after_calls=1)",
        fits=_warmed_up,
        profiles=_CLASSIC,
    ),
    Situation(
        id="life.held",
        text="a call that is held until the model is there",
        line='nertwin.cold(after_seconds=20); call("Ada", wait_for_model=True)',
        fits=_call(
            lambda call: call.status == 200 and call.asks_to_wait and call.time("seconds") > 0
        ),
        profiles=_CLASSIC,
    ),
)

"""Evolution: an answer as a later release might give it, with more than today's.

It keeps every clause that is a MUST and departs from some SHOULDs that say what today's service
does: shape.no-other-fields, shape.key-order, in the router score.single-precision. Clients
that read what they know and pass over the rest notice none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Context, Decimal
from typing import TypeVar
from zlib import crc32

import orjson

from nertwin.schemas import JSON

from .float32 import to_float32
from .reply import Headers, Reply, json_body, with_body

_Item = TypeVar("_Item")

# None of these is a field of today's answers.
_NEW_FIELDS: tuple[tuple[str, JSON], ...] = (
    ("id", 7),
    ("source", "model"),
    ("tokens", [1, 2]),
    ("links", {"wikidata": None}),
    ("is_nested", False),
    ("parent", None),
)
_NEW_HEADERS: Headers = (
    (b"x-served-by", b"node-7"),
    (b"server-timing", b"inference;dur=12.5"),
    (b"x-model-revision", b"main"),
)
# Below this the exact digits of a float32 are more than any reader keeps.
_SMALLEST_WRITTEN_OUT = 1e-6
_DIGITS = Context(prec=30)


def evolve(reply: Reply, choices: Collection[str], *, seed: int = 0) -> Reply:
    """The reply with what the ``choices`` among the evolutions add.

    Headers grow on any reply, fields and digits in the entities of a 200. The same reply and
    seed give the same bytes. The case of header names is not the reply's to choose; see
    :func:`header_renamer`.
    """
    if "extra-headers" in choices:
        known = {name for name, _ in reply.headers}
        new = tuple(pair for pair in _NEW_HEADERS if pair[0] not in known)
        reply = replace(reply, headers=(*reply.headers, *new))
    if not {"extra-fields", "key-order", "more-digits"} & set(choices) or reply.status != 200:
        return reply
    try:
        answer = orjson.loads(reply.body)
    except orjson.JSONDecodeError:  # A stream of events.
        return reply
    if not isinstance(answer, list):
        return reply
    return with_body(reply, json_body(_evolve_list(answer, choices, seed)))


def header_renamer(seed: int = 0) -> Callable[[bytes], bytes]:
    """How an evolved reply spells the names of its headers: each in lower, title or upper case."""

    def rename(name: bytes) -> bytes:
        spellings = (name.title(), name.upper(), name.lower())
        return spellings[crc32(b"%d %s" % (seed, name)) % len(spellings)]

    return rename


def _evolve_list(items: Sequence[JSON], choices: Collection[str], seed: int) -> list[object]:
    """The entities of a text, or the lists of a batch, evolved."""
    evolved: list[object] = []
    for place, item in enumerate(items):
        if isinstance(item, list):
            evolved.append(_evolve_list(item, choices, seed + place))
        else:
            # All entities of a text look alike, as those of one release do.
            evolved.append(_evolve_entity(item, choices, seed) if isinstance(item, dict) else item)
    return evolved


def _evolve_entity(
    entity: Mapping[str, JSON], choices: Collection[str], seed: int
) -> dict[str, object]:
    evolved: dict[str, object] = dict(entity)
    if "more-digits" in choices and isinstance(entity.get("score"), float):
        evolved["score"] = _with_more_digits(entity["score"])  # type: ignore[arg-type]  # As tested.
    if "extra-fields" in choices:
        new = _shuffled(_NEW_FIELDS, seed)[:2]
        evolved |= {name: value for name, value in new if name not in entity}
    if "key-order" in choices:
        names = _shuffled(tuple(evolved), seed)
        if names == list(evolved):
            names.reverse()
        evolved = {name: evolved[name] for name in names}
    return evolved


def _with_more_digits(score: float) -> orjson.Fragment | float:
    """The score with the exact digits of its float32, which no shorter spelling has."""
    if score < _SMALLEST_WRITTEN_OUT:
        return score
    exact = _DIGITS.plus(Decimal(to_float32(score)))
    text = f"{exact:f}"
    return orjson.Fragment(text if "." in text else f"{text}.000000000")


def _shuffled(items: Sequence[_Item], seed: int) -> list[_Item]:
    keyed = enumerate(items)
    return [
        item for place, item in sorted(keyed, key=lambda pair: crc32(b"%d %d" % (seed, pair[0])))
    ]

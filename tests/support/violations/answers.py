"""Violations of what an answer looks like: shape, offsets, scores, labels."""

import json
from functools import partial
from typing import Any

from nertwin.mockserver.breaches.edits import model_of
from nertwin.mockserver.float32 import shortest, to_float32
from nertwin.mockserver.reply import Reply
from nertwin.schemas import validator
from support.deeds import SENTENCE, Case, a_deed, entries, header

ASTRAL = "🙂 Berlin"
SPACED = "  Sarah\n lives in Berlin"
NONE: dict[str, Any] = {"aggregation_strategy": "none"}
TEXT = "He is an English man"


def _spans(reply: Reply) -> list[tuple[int, int]]:
    return [(entry["start"], entry["end"]) for entry in entries(reply)]


def _labels(reply: Reply) -> list[str]:
    found = entries(reply)
    return [entry.get("entity_group", entry.get("entity")) for entry in found]


def _is_float32(score: float) -> bool:
    return score in (to_float32(score), shortest(to_float32(score)))


_is_group = validator("entity-group").is_valid
_is_token = validator("token-entity").is_valid

CASES = (
    Case(
        "shape.answer-is-json",
        a_deed,
        lambda reply, _: header(reply, "content-type") != "application/json",
    ),
    Case("shape.one-text-one-list", a_deed, lambda reply, _: isinstance(entries(reply)[0], list)),
    Case(
        "shape.batch-nests",
        partial(a_deed, [SENTENCE]),
        lambda reply, _: not isinstance(entries(reply)[0], list),
    ),
    Case("shape.nothing-found", partial(a_deed, "and so on"), lambda reply, _: reply.status != 200),
    Case("shape.group-fields", a_deed, lambda reply, _: not _is_group(entries(reply)[0])),
    Case(
        "shape.token-fields",
        partial(a_deed, **NONE),
        lambda reply, _: not _is_token(entries(reply)[0]),
    ),
    Case("shape.no-other-fields", a_deed, lambda reply, _: "length" in entries(reply)[0]),
    Case(
        "shape.no-other-fields",
        partial(a_deed, **NONE),
        lambda reply, _: "length" in entries(reply)[0],
    ),
    Case(
        "shape.token-index",
        partial(a_deed, **NONE),
        lambda reply, _: _is_token(entries(reply)[0]) and "index" not in entries(reply)[0],
    ),
    Case(
        "shape.one-kind",
        a_deed,
        lambda reply, _: _is_group(entries(reply)[0]) and _is_token(entries(reply)[-1]),
    ),
    Case("shape.no-label", a_deed, lambda reply, _: "label" in entries(reply)[0]),
    Case(
        "shape.key-order",
        a_deed,
        lambda reply, _: (
            set(entries(reply)[0]) == {"entity_group", "score", "word", "start", "end"}
            and next(iter(entries(reply)[0])) != "entity_group"
        ),
    ),
    Case(
        "shape.error-object",
        partial(a_deed, None),
        lambda reply, _: reply.status == 400 and "error" not in entries(reply),
    ),
    Case(
        "shape.error-kind",
        partial(a_deed, None),
        lambda reply, _: isinstance(entries(reply)["error"], str),
    ),
    Case(
        "shape.error-has-error-status",
        partial(a_deed, top_k=1),
        lambda reply, _: reply.status == 200 and "error" in entries(reply),
    ),
    Case(
        "shape.length-is-true",
        a_deed,
        lambda reply, _: header(reply, "content-length") not in (None, str(len(reply.body))),
    ),
    Case(
        "span.within-text",
        partial(a_deed, ASTRAL),
        lambda reply, _: _spans(reply)[-1][1] > len(ASTRAL),
    ),
    Case(
        "span.not-empty",
        a_deed,
        lambda reply, _: any(start == end for start, end in _spans(reply)),
    ),
    Case(
        "span.not-empty",
        partial(a_deed, **NONE),
        lambda reply, _: (
            entries(reply)[-1]["start"] == entries(reply)[-1]["end"]
            and entries(reply)[-1]["entity"] == "B-PER"
        ),
    ),
    Case("span.code-points", partial(a_deed, ASTRAL), lambda reply, _: _spans(reply) == [(3, 9)]),
    Case(
        "span.half-open",
        a_deed,
        lambda reply, _: SENTENCE[slice(*_spans(reply)[-1])] == "Jessic",
    ),
    Case(
        "span.text-as-sent",
        partial(a_deed, SPACED),
        lambda reply, _: SPACED[slice(*_spans(reply)[0])] != "Sarah",
    ),
    Case(
        "span.slice-is-word",
        a_deed,
        lambda reply, _: SENTENCE[slice(*_spans(reply)[0])] != entries(reply)[0]["word"],
    ),
    Case("span.text-order", a_deed, lambda reply, _: _spans(reply)[0] > _spans(reply)[1]),
    Case("span.no-overlap", a_deed, lambda reply, _: _spans(reply)[-1] == _spans(reply)[-2]),
    Case("score.probability", a_deed, lambda reply, _: entries(reply)[0]["score"] > 1),
    *(
        Case(
            "score.single-precision",
            partial(a_deed, profile=profile),
            lambda reply, _: not _is_float32(entries(reply)[0]["score"]),
        )
        for profile in ("classic", "router", "dedicated")
    ),
    Case("label.group-without-prefix", a_deed, lambda reply, _: _labels(reply)[0] == "B-PER"),
    Case(
        "label.group-after-hyphen",
        a_deed,
        lambda reply, _: _labels(reply)[0] not in ("PER", "B-PER"),
    ),
    Case(
        "label.token-as-in-model",
        partial(a_deed, **NONE),
        lambda reply, deed: not set(_labels(reply)) & set(model_of(deed).labels.names),
    ),
    Case("label.outside-hidden", a_deed, lambda reply, _: "O" in _labels(reply)),
    Case(
        "label.outside-hidden",
        partial(a_deed, ignore_labels=["O"], **NONE),
        lambda reply, _: "O" in _labels(reply),
    ),
    Case(
        "label.ignore-replaces-default",
        partial(a_deed, ignore_labels=[]),
        lambda reply, _: "O" not in _labels(reply) and _labels(reply) != [],
    ),
    Case(
        "label.ignored-are-absent",
        partial(a_deed, ignore_labels=["O", "PER"]),
        lambda reply, _: "PER" in _labels(reply),
    ),
    Case(
        "label.ignore-keeps-the-rest",
        partial(a_deed, TEXT, ignore_labels=["MISC"]),
        lambda reply, deed: (
            _spans(reply) == [(0, len(TEXT))] and _spans(deed.reply) == [(0, 8), (17, 20)]
        ),
    ),
    Case(
        "label.ignore-group-names",
        partial(a_deed, ignore_labels=["O", "B-PER"]),
        lambda reply, deed: (
            "PER" not in _labels(reply)
            and json.loads(deed.body)["parameters"]["ignore_labels"] == ["O", "B-PER"]
        ),
    ),
    Case(
        "label.ignore-whole-labels",
        partial(a_deed, ignore_labels=["O", "PER"], **NONE),
        lambda reply, _: not {"B-PER", "I-PER"} & set(_labels(reply)),
    ),
    Case(
        "label.ignore-exactly",
        partial(a_deed, ignore_labels=["O", "per"]),
        lambda reply, _: "PER" not in _labels(reply),
    ),
    Case(
        "label.ignore-exactly",
        partial(a_deed, ignore_labels=["O", " PER"]),
        lambda reply, _: "PER" not in _labels(reply),
    ),
    Case(
        "label.ignore-is-a-set",
        partial(a_deed, ignore_labels=["O", "PER", "PER"]),
        lambda reply, _: "PER" in _labels(reply),
    ),
    Case(
        "label.ignore-null-member",
        partial(a_deed, ignore_labels=["O", None]),
        lambda reply, _: entries(reply) != [],
    ),
    Case(
        "label.ignore-odd-members",
        partial(a_deed, ignore_labels=["O", 5]),
        lambda reply, _: reply.status == 400,
    ),
    Case(
        "label.ignore-odd-members",
        partial(a_deed, ignore_labels={"O": 1}),
        lambda reply, _: reply.status == 400,
    ),
)

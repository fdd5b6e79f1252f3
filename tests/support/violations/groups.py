"""Violations of the strategies and of what becomes of long texts."""

from functools import partial
from itertools import pairwise
from typing import Any

from nertwin.mockserver.reply import Reply
from support.deeds import NEIGHBOURS, POS, Case, a_deed, entries

PIECES = "Sarah Zwolfsburgh"  #: "Sarah", and a word of six pieces.
LONG = "Sarah met Peter in Berlin. " * 150


def _has(key: str, reply: Reply) -> bool:
    return all(key in entry for entry in entries(reply))


def _tokens(text: str) -> Any:
    return entries(a_deed(text, aggregation_strategy="none").reply)


def _score(reply: Reply) -> Any:
    return entries(reply)[0]["score"]


def _last_end(reply: Reply) -> Any:
    return entries(reply)[-1]["end"]


def _mean_of_tokens(text: str) -> float:
    scores = [token["score"] for token in _tokens(text)]
    return float(sum(scores) / len(scores))


def _refused(reply: Reply, _: object) -> bool:
    return reply.status == 400


def _accepted(reply: Reply, _: object) -> bool:
    return reply.status == 200


CASES = (
    Case("aggregation.default", a_deed, lambda reply, _: _has("entity", reply)),
    Case(
        "aggregation.default",
        partial(a_deed, profile="dedicated"),
        lambda reply, _: _has("entity_group", reply),
    ),
    Case(
        "aggregation.null-is-none",
        partial(a_deed, aggregation_strategy=None),
        lambda reply, _: _has("entity_group", reply),
    ),
    Case("aggregation.five-names", partial(a_deed, aggregation_strategy="average"), _refused),
    Case("aggregation.any-letter-case", partial(a_deed, aggregation_strategy="First"), _refused),
    Case(
        "aggregation.none-lists-tokens",
        partial(a_deed, "My dog", aggregation_strategy="none", ignore_labels=[]),
        lambda reply, _: [entry["word"] for entry in entries(reply)] == ["My"],
    ),
    Case(
        "aggregation.simple-joins-runs",
        partial(a_deed, PIECES),
        lambda reply, _: [entry["word"] for entry in entries(reply)] == ["Sarah Zwolfsburg", "##h"],
    ),
    Case(
        "aggregation.b-opens-a-group",
        partial(a_deed, "Ada Bob left", model=NEIGHBOURS, aggregation_strategy="first"),
        lambda reply, _: [entry["word"] for entry in entries(reply)] == ["Ada Bob"],
    ),
    Case(
        "aggregation.b-opens-a-group",
        partial(a_deed, "Ada Bob left", model=NEIGHBOURS),
        lambda reply, deed: abs(_score(reply) - sum(map(_each, entries(deed.reply))) / 2) < 1e-6,
    ),
    Case(
        "aggregation.bare-labels-join",
        partial(a_deed, "dog house", model=POS),
        lambda reply, _: [entry["entity_group"] for entry in entries(reply)] == ["NOUN", "NOUN"],
    ),
    Case(
        "aggregation.simple-score",
        partial(a_deed, PIECES),
        lambda reply, _: abs(_score(reply) - _mean_of_tokens(PIECES)) > 1e-6,
    ),
    Case(
        "aggregation.words-stay-whole",
        partial(a_deed, PIECES, aggregation_strategy="average"),
        lambda reply, _: [entry["start"] for entry in entries(reply)] == [0, 16],
    ),
    Case(
        "aggregation.first-token-decides",
        partial(a_deed, PIECES, aggregation_strategy="first"),
        lambda reply, _: abs(_score(reply) - _mean_of_first_tokens()) > 1e-6,
    ),
    Case(
        "aggregation.best-token-decides",
        partial(a_deed, PIECES, aggregation_strategy="max"),
        lambda reply, _: abs(_score(reply) - _mean_of_best_tokens()) > 1e-6,
    ),
    Case(
        "aggregation.average-is-bounded",
        partial(a_deed, PIECES, aggregation_strategy="average"),
        lambda reply, _: _score(reply) > max(token["score"] for token in _tokens(PIECES)),
    ),
    Case(
        "aggregation.average-is-a-mean",
        partial(a_deed, PIECES, aggregation_strategy="average"),
        lambda reply, _: abs(_score(reply) - _mean_of_means()) > 1e-6,
    ),
    Case(
        "aggregation.words-vote-once",
        partial(a_deed, PIECES, aggregation_strategy="max"),
        lambda reply, _: abs(_score(reply) - _mean_of_best_tokens()) > 1e-6,
    ),
    Case(
        "aggregation.words-vote-once",
        partial(a_deed, PIECES, aggregation_strategy="first"),
        lambda reply, _: abs(_score(reply) - _mean_of_first_tokens()) > 1e-6,
    ),
    Case(
        "aggregation.whole-words-agree",
        partial(a_deed, aggregation_strategy="average"),
        lambda reply, _: entries(reply) != entries(a_deed(aggregation_strategy="simple").reply),
    ),
    Case(
        "aggregation.word-is-joined",
        a_deed,
        lambda reply, _: entries(reply)[0]["word"] == "Sarah  Jessica  Parker",
    ),
    Case(
        "aggregation.older-pair",
        partial(a_deed, grouped_entities=False),
        lambda reply, _: _has("entity_group", reply),
    ),
    Case("long-input.accepted", partial(a_deed, LONG), _refused),
    Case(
        "long-input.cut-without-stride",
        partial(a_deed, LONG),
        lambda reply, deed: _last_end(deed.reply) < 2500 < _last_end(reply),
    ),
    Case(
        "long-input.cut-without-stride",
        partial(a_deed, LONG, aggregation_strategy="none"),
        lambda reply, deed: _last_end(deed.reply) < 2500 < _last_end(reply),
    ),
    Case(
        "long-input.stride-reads-all",
        partial(a_deed, LONG, stride=16),
        lambda reply, deed: _last_end(reply) < 2500 < _last_end(deed.reply),
    ),
    Case(
        "long-input.stride-spares-short-texts",
        partial(a_deed, stride=16),
        lambda reply, _: entries(reply) != entries(a_deed().reply),
    ),
    Case(
        "long-input.stride-offsets",
        partial(a_deed, LONG, stride=0),
        lambda reply, _: max(entry["start"] for entry in entries(reply)) < 2500,
    ),
    Case(
        "long-input.stride-once",
        partial(a_deed, LONG, stride=32),
        lambda reply, _: any(one == other for one, other in pairwise(entries(reply))),
    ),
    Case(
        "long-input.index-is-local",
        partial(a_deed, LONG, stride=16, aggregation_strategy=None),
        lambda reply, _: entries(reply)[-1]["index"] > 512,
    ),
    Case("long-input.stride-zero", partial(a_deed, stride=0), _refused),
    Case("long-input.stride-whole-numbers", partial(a_deed, stride=-1), _accepted),
    Case("long-input.stride-whole-numbers", partial(a_deed, stride=5.0), _accepted),
    Case("long-input.stride-whole-numbers", partial(a_deed, stride="5"), _accepted),
    Case("long-input.stride-too-long", partial(a_deed, stride=512), _accepted),
    Case("long-input.stride-fills-window", partial(a_deed, stride=511), _accepted),
    Case(
        "long-input.stride-with-none",
        partial(a_deed, stride=4, aggregation_strategy="none"),
        _accepted,
    ),
    Case("long-input.stride-without-strategy", partial(a_deed, stride=4), _refused),
)


def _each(entry: Any) -> float:
    return float(entry["score"])


def _mean_of_first_tokens() -> float:
    sarah, first, *_ = _tokens(PIECES)
    return (_each(sarah) + _each(first)) / 2


def _mean_of_means() -> float:
    sarah, *pieces = _tokens(PIECES)
    return (_each(sarah) + sum(map(_each, pieces)) / len(pieces)) / 2


def _mean_of_best_tokens() -> float:
    sarah, *pieces = _tokens(PIECES)
    return (_each(sarah) + max(map(_each, pieces))) / 2

"""A breach breaks its clause and as few others as can be: what calls that prod it show."""

import json
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from support.deeds import a_deed, entries, header

from nertwin.mockserver.breaches import Memory, breakable, find_breach
from nertwin.mockserver.float32 import shortest, to_float32
from nertwin.mockserver.reply import Reply
from nertwin.schemas import validator

PIECES = "Sarah Zwolfsburgh, an English woman, met Angela Merkel in Hildegardhausen."
TEXTS = (PIECES, "🙂 Berlin or Paris")
CALLS: tuple[dict[str, Any], ...] = (
    {},
    {"aggregation_strategy": "none"},
    {"aggregation_strategy": "average", "ignore_labels": ["O", "MISC"]},
)
_ORDERS = (
    ["entity_group", "score", "word", "start", "end"],
    ["entity", "score", "index", "word", "start", "end"],
    ["entity", "score", "word", "start", "end"],
)
_ADDED = {"length", "label"}
_IS_ENTRY = (validator("entity-group").is_valid, validator("token-entity").is_valid)
Entry = dict[str, Any]


class Server:
    """A server that breaks one clause."""

    def __init__(self, clause_id: str) -> None:
        self._breach = find_breach(clause_id)
        self._memory = Memory()
        self._number = 0

    def call(self, inputs: Any, **more: Any) -> Reply:
        self._number += 1
        deed = a_deed(inputs, memory=self._memory, deed={"number": self._number}, **more)
        return self._breach(deed)

    def find(self, inputs: Any, strategy: str, **more: Any) -> Any:
        """The entries for a strategy, without the help of a cache."""
        headers = {"x-use-cache": "false"}
        reply = self.call(inputs, aggregation_strategy=strategy, headers=headers, **more)
        return entries(reply)[:]  # A refusal has no slices, and no relation is judged by it.


def _each(holds: Callable[[Entry, str], bool]) -> Callable[[Reply, str], bool]:
    """Whether something holds of each entry and the text."""
    return lambda reply, text: all(holds(entry, text) for entry in entries(reply))


def _said(entry: Entry) -> Entry:
    """The entry without what it only names."""
    return {key: value for key, value in entry.items() if value is not None}


def _is_word(entry: Entry, text: str) -> bool:
    word = re.sub(r"\s|^##", "", entry["word"])
    return word == re.sub(r"\s", "", text[entry["start"] : entry["end"]])


def _is_ordered(reply: Reply, _: str) -> bool:
    starts = [entry["start"] for entry in entries(reply)]
    return starts == sorted(starts)


def _is_apart(reply: Reply, _: str) -> bool:
    spans = sorted((entry["start"], entry["end"]) for entry in entries(reply))
    return all(one[1] <= two[0] for one, two in pairwise(spans))


#: What can be seen in a single answer.
ANSWERS: dict[str, Callable[[Reply, str], bool]] = {
    "shape.answer-is-json": lambda reply, _: header(reply, "content-type") == "application/json",
    "shape.fields": _each(lambda entry, _: any(is_valid(entry) for is_valid in _IS_ENTRY)),
    "shape.no-other-fields": _each(lambda entry, _: "length" not in entry),
    "shape.token-index": _each(lambda entry, _: ("entity" in _said(entry)) == ("index" in entry)),
    "shape.one-kind": lambda reply, _: len({"entity" in e for e in entries(reply)}) == 1,
    "shape.key-order": _each(
        lambda entry, _: [key for key in _said(entry) if key not in _ADDED] in _ORDERS
    ),
    "span.within-text": _each(lambda entry, text: 0 <= entry["start"] <= entry["end"] <= len(text)),
    "span.not-empty": _each(lambda entry, _: entry["start"] != entry["end"]),
    "span.slice-is-word": _each(_is_word),
    "span.text-order": _is_ordered,
    "span.no-overlap": _is_apart,
    "score.probability": _each(lambda entry, _: 0 <= entry["score"] <= 1),
    "score.single-precision": _each(
        lambda entry, _: (
            entry["score"] in (to_float32(entry["score"]), shortest(to_float32(entry["score"])))
        )
    ),
    "label.group-without-prefix": _each(
        lambda entry, _: not _said(entry).get("entity_group", "").startswith(("B-", "I-"))
    ),
    "label.outside-hidden": _each(lambda entry, _: "O" not in entry.values()),
    "aggregation.word-is-joined": _each(lambda entry, _: "  " not in entry["word"]),
    "header.compute-type": lambda reply, _: header(reply, "x-compute-type") in ("cpu", "cache"),
    "header.compute-time": lambda reply, _: "." in str(header(reply, "x-compute-time")),
    "header.compute-characters": lambda reply, text: (
        header(reply, "x-compute-type") == "cache"
        or header(reply, "x-compute-characters") == str(len(text))
    ),
    "header.model-commit": lambda reply, _: (
        header(reply, "x-sha") == header(a_deed().reply, "x-sha")
    ),
    "cache.marker": lambda reply, _: header(reply, "x-compute-type") != "cache",
}


def _spans(found: list[Entry]) -> list[tuple[int, int]]:
    return [(entry["start"], entry["end"]) for entry in found]


def _rest(label: str) -> str:
    return label[2:] if label.startswith(("B-", "I-")) else label


def _runs(server: Server, text: str) -> list[list[Entry]]:
    """Neighbouring tokens whose labels differ in the prefix at most."""
    tokens = server.find(text, "none")
    runs = [[tokens[0]]]
    for last, token in pairwise(tokens):
        joins = _rest(last["entity"]) == _rest(token["entity"]) and token["entity"][0] != "B"
        if joins and token["index"] == last["index"] + 1:
            runs[-1].append(token)
        else:
            runs.append([token])
    return runs


def _mean(tokens: list[Entry]) -> float:
    return float(sum(token["score"] for token in tokens) / len(tokens))


def _words(tokens: list[Entry]) -> list[list[Entry]]:
    words: list[list[Entry]] = []
    for token in tokens:
        if token["word"].startswith("##"):
            words[-1].append(token)
        else:
            words.append([token])
    return words


def _is_near(found: list[Entry], expected: list[float]) -> bool:
    scores = [entry["score"] for entry in found]
    return len(scores) == len(expected) and all(
        abs(one - other) < 1e-6 for one, other in zip(scores, expected, strict=True)
    )


def _first_votes(server: Server, text: str) -> bool:
    expected = [_mean([word[0] for word in _words(run)]) for run in _runs(server, text)]
    return _is_near(server.find(text, "first"), expected)


def _best_votes(server: Server, text: str) -> bool:
    best = [
        [max(word, key=lambda token: float(token["score"])) for word in _words(run)]
        for run in _runs(server, text)
    ]
    return _is_near(server.find(text, "max"), [_mean(run) for run in best])


def _agree_on_whole_words(server: Server, text: str) -> bool:
    if any("##" in token["word"] for token in server.find(text, "none")):
        return True
    simple, *others = (server.find(text, name) for name in ("simple", "first", "average", "max"))
    return all(other == simple for other in others)


def _is_bounded(server: Server, text: str) -> bool:
    highest = [max(token["score"] for token in run) for run in _runs(server, text)]
    found = server.find(text, "average")
    # Where the groups differ, it is another clause that says so.
    return len(found) != len(highest) or all(
        entry["score"] <= most + 1e-6 for entry, most in zip(found, highest, strict=True)
    )


#: What shows in several answers of a server.
RELATIONS: dict[str, Callable[[Server, str], bool]] = {
    "aggregation.default": lambda server, text: (
        {"entity_group" in entry for entry in entries(server.call(text))[:]} == {True}
    ),
    "aggregation.simple-joins-runs": lambda server, text: (
        _spans(server.find(text, "simple"))
        == [(run[0]["start"], run[-1]["end"]) for run in _runs(server, text)]
    ),
    "aggregation.simple-score": lambda server, text: _is_near(
        server.find(text, "simple"), [_mean(run) for run in _runs(server, text)]
    ),
    "aggregation.first-token-decides": _first_votes,
    "aggregation.best-token-decides": _best_votes,
    "aggregation.average-is-bounded": _is_bounded,
    "aggregation.whole-words-agree": _agree_on_whole_words,
    "aggregation.words-stay-whole": lambda server, text: all(
        not text[entry["start"] - 1 : entry["start"] + 1].isalnum()
        for entry in server.find(text, "average")
        if 0 < entry["start"] < entry["end"]
    ),
    "label.group-after-hyphen": lambda server, text: (
        [entry["entity_group"] for entry in server.find(text, "simple")]
        == [_rest(run[0]["entity"]) for run in _runs(server, text)]
    ),
    "label.token-as-in-model": lambda server, text: any(
        entry["entity"].startswith(("B-", "I-")) for entry in server.find(text, "none")
    ),
    "label.ignore-replaces-default": lambda server, text: any(
        entry["entity_group"] == "O" for entry in server.find(text, "simple", ignore_labels=[])
    ),
    "label.ignored-are-absent": lambda server, text: all(
        entry["entity_group"] not in ("O", "PER", "LOC")
        for entry in server.find(text, "simple", ignore_labels=["O", "PER", "LOC"])
    ),
    "label.ignore-is-a-set": lambda server, text: (
        server.find(text, "simple", ignore_labels=["O", "PER"])
        == server.find(text, "simple", ignore_labels=["PER", "O", "O"])
    ),
    "relation.batch-is-singles": lambda server, text: (
        server.find([text], "simple")[0] == server.find(text, "simple")
    ),
    "relation.escapes": lambda server, text: (
        server.find(text, "simple")
        == entries(server.call(text, body=_raw(text), headers={"x-use-cache": "false"}))
    ),
    "relation.empty-parameters": lambda server, text: (
        entries(server.call(text, keys={"parameters": {}})) == entries(server.call(text))
    ),
    "relation.repeated": lambda server, text: server.find(text, "max") == server.find(text, "max"),
}


def _raw(text: str) -> bytes:
    payload = {"inputs": text, "parameters": {"aggregation_strategy": "simple"}}
    return json.dumps(payload, ensure_ascii=False).encode()


@cache
def violated(clause_id: str) -> set[str]:
    """What the answers of a server that breaks the clause violate."""
    found: set[str] = set()
    for text in TEXTS:
        for call in CALLS:
            reply = Server(clause_id).call(text, **call)
            is_flat = reply.status == 200 and not isinstance(entries(reply)[0], list)
            if is_flat:
                found |= {name for name, holds in ANSWERS.items() if not holds(reply, text)}
        for name, holds_of in RELATIONS.items():
            if not _can_judge(holds_of, Server(clause_id), text):
                found.add(name)
    return found


def _can_judge(holds: Callable[[Server, str], bool], server: Server, text: str) -> bool:
    """Whether the relation holds; answers that it can't be asked of don't count."""
    try:
        return holds(server, text)
    except (AttributeError, IndexError, KeyError, TypeError):
        return True


#: What a breach can't help to break as well.
ALSO: dict[str, set[str]] = {
    # A batch of one is compared with a single text, which they confuse.
    "shape.one-text-one-list": {"aggregation.default", "relation.batch-is-singles"},
    "shape.batch-nests": {"relation.batch-is-singles"},
    # The schemas say the same.
    "shape.group-fields": {"shape.fields"},
    "shape.token-fields": {"shape.fields"},
    "shape.no-label": {"shape.fields"},
    "score.probability": {"shape.fields"},
    "shape.one-kind": {"aggregation.default"},
    # Other offsets are those of other words, or of none.
    "span.code-points": {
        "aggregation.words-stay-whole",
        "span.slice-is-word",
        "span.within-text",
    },
    "span.half-open": {"span.slice-is-word", "span.not-empty"},
    # Groups that are moved or doubled are others than those of the other strategies.
    "span.text-order": {"aggregation.average-is-bounded", "aggregation.whole-words-agree"},
    "span.no-overlap": {"aggregation.whole-words-agree"},
    "label.group-without-prefix": {"label.group-after-hyphen"},
    "aggregation.simple-joins-runs": {"aggregation.simple-score", "label.group-after-hyphen"},
    "aggregation.words-vote-once": {
        "aggregation.best-token-decides",
        "aggregation.first-token-decides",
    },
    # Of an ASCII text both spellings are one request.
    "relation.repeated": {"relation.escapes"},
}


@pytest.mark.parametrize("clause_id", sorted({*breakable()} & {*ANSWERS, *RELATIONS}))
def test_breach_shows_in_calls_of_any_client(clause_id: str) -> None:
    assert clause_id in violated(clause_id)


@pytest.mark.parametrize("clause_id", breakable())
def test_breach_leaves_other_clauses_whole(clause_id: str) -> None:
    assert violated(clause_id) - {clause_id} == ALSO.get(clause_id, set())

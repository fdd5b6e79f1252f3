"""Mutations: curated ways to make a valid call one that a clause wants refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nertwin.schemas import JSON

_LONGEST = 60
# Stands where bytes are put that no writer of JSON would write.
_MARK = "\ue000here\ue000"

Payload = Mapping[str, JSON]


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """A body with exactly one fault that was put there on purpose."""

    body: bytes = field(repr=False)
    mutation: str  #: What was done, as ``parameters.stride is -1``.
    path: str  #: Where: ``inputs``, ``parameters.stride``, ``body`` for the whole.
    before: str  #: What stood there, as JSON; ``nothing`` where nothing did.
    after: str  #: What stands there now.
    clause: str  #: The clause that wants it refused.


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One way to make a valid payload malformed."""

    clause: str
    name: str
    path: str
    after: str = ""  #: Empty where it is the whole body.
    write: Callable[[Payload], bytes] = field(repr=False)

    def mutate(self, payload: Payload) -> Malformed:
        """The payload's bytes with the fault in them."""
        body = self.write(payload)
        return Malformed(
            body=body,
            mutation=self.name,
            path=self.path,
            before=_find(payload, self.path),
            after=self.after or _show(body),
            clause=self.clause,
        )


def mutations_of(clause: str) -> tuple[Mutation, ...]:
    """The mutations that a clause wants refused, the most telling first."""
    return tuple(mutation for mutation in MUTATIONS if mutation.clause == clause)


def write(payload: JSON) -> bytes:
    """The payload as JSON in raw UTF-8."""
    return json.dumps(payload, ensure_ascii=False).encode()


def _find(payload: Payload, path: str) -> str:
    found: JSON = dict(payload)
    for key in path.split(".") if path != "body" else ():
        if not isinstance(found, dict) or key not in found:
            return "nothing"
        found = found[key]
    return _show(found)


def _show(value: JSON | bytes) -> str:
    text = repr(value) if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _put(clause: str, path: str, *values: JSON) -> tuple[Mutation, ...]:
    """Another value in one place."""
    outer, dot, inner = path.partition(".")

    def writer(value: JSON) -> Callable[[Payload], bytes]:
        def put(payload: Payload) -> bytes:
            if path == "body":
                return write(value)
            if not dot:
                return write({**payload, outer: value})
            within = payload.get(outer)
            kept = within if isinstance(within, dict) else {}
            return write({**payload, outer: {**kept, inner: value}})

        return put

    return tuple(
        Mutation(
            clause=clause,
            name=f"{path} is {_show(value)}",
            path=path,
            after=_show(value),
            write=writer(value),
        )
        for value in values
    )


def _without_inputs(*names: str) -> tuple[Mutation, ...]:
    """``inputs`` under another name, or under none."""

    def writer(name: str) -> Callable[[Payload], bytes]:
        def drop(payload: Payload) -> bytes:
            kept = {key: value for key, value in payload.items() if key != "inputs"}
            return write(kept | ({name: payload["inputs"]} if name else {}))

        return drop

    return tuple(
        Mutation(
            clause="request.inputs-required",
            name=f"inputs is called {name}" if name else "inputs is missing",
            path="inputs",
            after="nothing",
            write=writer(name),
        )
        for name in names
    )


def _whole(name: str, change: Callable[[bytes], bytes]) -> Mutation:
    """The body's bytes changed into what is no JSON text."""
    return Mutation(
        clause="request.malformed-json",
        name=f"body {name}",
        path="body",
        write=lambda payload: change(write(dict(payload))),
    )


def _beside(name: str, source: bytes) -> Mutation:
    """One more key whose value is what JSON has no word for."""
    return Mutation(
        clause="request.malformed-json",
        name=f"extra {name}",
        path="extra",
        after=_show(source),
        write=lambda payload: write({**payload, "extra": _MARK}).replace(write(_MARK), source),
    )


def _within_text(clause: str, name: str, source: bytes) -> Mutation:
    """Bytes in the middle of the text that no text has there."""

    def put(payload: Payload) -> bytes:
        marked = {**payload, "inputs": f"Angela Merkel {_MARK} in Berlin"}
        return write(marked).replace(_MARK.encode(), source)

    return Mutation(
        clause=clause, name=f"inputs holds {name}", path="inputs", after=_show(source), write=put
    )


def _undecodable(name: str, source: bytes) -> Mutation:
    return _within_text("request.undecodable-text", name, source)


_TEXT = "Angela Merkel lives in Berlin."

MUTATIONS: tuple[Mutation, ...] = (
    *_without_inputs("", "text", "Inputs", "input"),
    *_put("request.inputs-kind", "inputs", None, 5, [], True, 0, False),
    *_put("request.inputs-object", "inputs", {"text": _TEXT}, {}, {"inputs": _TEXT}),
    *_put("request.list-members", "inputs", [_TEXT, None], [5], [_TEXT, True], [{"text": _TEXT}]),
    *_put("request.body-is-object", "body", [_TEXT], _TEXT, 5, None, True, [{"inputs": _TEXT}]),
    _whole("is cut off", lambda body: body[:-1]),
    _whole("is empty", lambda _: b""),
    _whole("ends in a comma before its brace", lambda body: body[:-1] + b",}"),
    _beside("is NaN", b"NaN"),
    _whole("is followed by another", lambda body: body + b" " + body),
    _whole("begins with a byte order mark", lambda body: b"\xef\xbb\xbf" + body),
    _whole("begins with a comment", lambda body: b"/* Ada */ " + body),
    _within_text("request.malformed-json", "a raw line break", b"\n"),
    _beside("is Infinity", b"-Infinity"),
    _whole("is written with single quotes", lambda body: body.replace(b'"', b"'")),
    _whole("is a form", lambda _: b"inputs=Angela+Merkel"),
    _within_text("request.malformed-json", "an unknown escape", b"\\x41"),
    _beside("has a leading zero", b"01"),
    _undecodable("a byte that begins nothing", b"\xff"),
    _undecodable("half a surrogate pair as an escape", b"\\ud83d"),
    _undecodable("Latin-1", "Zürich".encode("latin-1")),
    _undecodable("half a surrogate pair as bytes", b"\xed\xa0\xbd"),
    _undecodable("three bytes of a character's four", b"\xf0\x9f\x98"),
    _undecodable("the second half of a pair as an escape", b"\\ude00"),
    _undecodable("a slash in two bytes", b"\xc0\xaf"),
    *_put("request.parameters-kind", "parameters", None, [], "simple", 5, True, ""),
    *_put("request.unknown-parameter", "parameters.stide", 5),
    *_put("request.unknown-parameter", "parameters.top_k", None),
    *_put("request.unknown-parameter", "parameters.Stride", 5),
    *_put("request.unknown-parameter", "parameters.", True),
    *_put(
        "request.strategy-value",
        "parameters.aggregation_strategy",
        *("bogus", "", " simple", 5, [], True, {}, "simple ", 0, False, 1.5, "simple\n"),
    ),
    *_put("request.ignore-labels-kind", "parameters.ignore_labels", "O", 5, True, 0, "", False),
    *_put("request.workers-kind", "parameters.batch_size", 0, "1", -1),
    *_put("request.workers-kind", "parameters.num_workers", -1, "1"),
    *_put("request.options-values", "options.use_cache", "yes", 2, []),
    *_put("request.options-values", "options.wait_for_model", "", 0.5, {}),
    *_put("request.options-values", "options", [], "wait", True),
    *_put("stream.as-parameter", "parameters.stream", True, False),
    *_put("long-input.stride-whole-numbers", "parameters.stride", -1, "5", 1.5, 5.0, [], {}),
    *_put("long-input.stride-too-long", "parameters.stride", 512, 2000),
    *_put("long-input.stride-fills-window", "parameters.stride", 510, 511),
)

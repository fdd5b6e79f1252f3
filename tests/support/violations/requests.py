"""Violations of which requests are taken and which are refused, and of limits and streams."""

from functools import partial
from typing import Any

from nertwin.mockserver.breaches import Deed
from nertwin.mockserver.reply import Reply
from support.deeds import Case, a_deed, entries

DEEP = b'{"inputs":' + b"[" * 5000 + b"]" * 5000 + b"}"


def _refused(reply: Reply, _: object) -> bool:
    return 400 <= reply.status < 500 and "error" in entries(reply)


def _accepted(reply: Reply, _: object) -> bool:
    return reply.status == 200 and isinstance(entries(reply), list)


def _body(body: bytes) -> partial[Deed]:
    return partial(a_deed, body=body)


_ODD_INPUTS: tuple[Any, ...] = (None, 5, True, [])
_WRONG: tuple[tuple[str, partial[Deed]], ...] = (
    ("request.inputs-required", _body(b"{}")),
    *(("request.inputs-kind", partial(a_deed, inputs)) for inputs in _ODD_INPUTS),
    ("request.inputs-object", partial(a_deed, {"text": "Ada"})),
    ("request.list-members", partial(a_deed, ["Ada", None])),
    *(("request.body-is-object", _body(body)) for body in (b"[]", b'"Ada"', b"5", b"null")),
    *(
        ("request.malformed-json", _body(body))
        for body in (b"", b'{"inputs":"Ada"', b'{"inputs":"Ada",}', b'{"inputs":"Ada","x":NaN}')
    ),
    ("request.malformed-json", _body(b'\xef\xbb\xbf{"inputs":"Ada"}')),
    *(
        ("request.undecodable-text", _body(body))
        for body in (b'{"inputs":"\xff"}', b'{"inputs":"\\ud800"}', b'{"inputs":"\xed\xa0\x80"}')
    ),
    ("request.parameters-kind", partial(a_deed, keys={"parameters": None})),
    ("request.parameters-kind", partial(a_deed, keys={"parameters": [1]})),
    ("request.unknown-parameter", partial(a_deed, top_k=1)),
    *(
        ("request.strategy-value", partial(a_deed, aggregation_strategy=value))
        for value in ("", " simple", "best", 5, ["simple"])
    ),
    *(
        ("request.ignore-labels-kind", partial(a_deed, ignore_labels=value))
        for value in ("O", 5, True)
    ),
    ("request.workers-kind", partial(a_deed, batch_size=0)),
    ("request.workers-kind", partial(a_deed, num_workers="1")),
    ("request.options-values", partial(a_deed, options={"use_cache": "maybe"})),
    ("request.options-values", partial(a_deed, options=[])),
    ("stream.as-parameter", partial(a_deed, stream=True)),
)
_RIGHT: tuple[tuple[str, partial[Deed]], ...] = (
    ("request.empty-text", partial(a_deed, " \n")),
    ("request.any-text", partial(a_deed, "a\0b")),
    ("request.any-text", partial(a_deed, "a\u0378b")),
    ("request.other-keys", partial(a_deed, keys={"model": "x"})),
    ("request.workers", partial(a_deed, batch_size=4)),
    ("request.options-accepted", partial(a_deed, options=None)),
    ("request.options-accepted", partial(a_deed, options={"use_gpu": True})),
    (
        "request.content-type-is-not-read",
        partial(a_deed, headers={"content-type": "application/x-www-form-urlencoded"}),
    ),
    ("header.any-accept", partial(a_deed, headers={"accept": "application/json, */*"})),
    ("stream.false", partial(a_deed, keys={"stream": False})),
    ("limits.long-word", partial(a_deed, "w" * 10_000)),
    ("limits.many-texts", partial(a_deed, ["Ada"] * 100)),
)

CASES = (
    *(Case(clause, make, _accepted) for clause, make in _WRONG),
    *(Case(clause, make, _refused) for clause, make in _RIGHT),
    Case("request.deep-nesting", _body(DEEP), lambda reply, _: reply.status >= 500),
    Case(
        "request.unknown-parameter-is-named",
        partial(a_deed, top_k=1),
        lambda reply, _: reply.status == 400 and b"top_k" not in reply.body,
    ),
    Case(
        "request.refusal-names-field",
        partial(a_deed, None),
        lambda reply, _: reply.status == 400 and b"inputs" not in reply.body,
    ),
    Case(
        "stream.is-no-feature",
        partial(a_deed, keys={"stream": True}),
        lambda reply, _: reply.status == 400 and b"stream" not in reply.body,
    ),
)

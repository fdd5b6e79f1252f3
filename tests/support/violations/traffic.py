"""Violations of how calls relate to each other, and of what a server keeps to itself."""

from functools import partial
from typing import Any

from nertwin.mockserver.breaches import Deed
from nertwin.mockserver.reply import Reply
from support.deeds import SENTENCE, Case, a_deed, entries, header

NEW = {"connection": "127.0.0.1:5001"}
USED = {"connection": "127.0.0.1:5000"}
TALE = "Sarah lives in Berlin. It rains today."


def _lowers(reply: Reply, deed: Deed) -> bool:
    """Whether the answer is the faithful one but for its scores, which are off by far."""
    faithful = entries(deed.reply)
    pairs = list(zip(_flat(entries(reply)), _flat(faithful), strict=True))
    return bool(pairs) and all(
        broken | {"score": 0} == true | {"score": 0} and true["score"] - broken["score"] > 0.1
        for broken, true in pairs
    )


def _flat(answer: list[object]) -> list[dict[str, float]]:
    return [
        entry  # type: ignore[misc]
        for item in answer
        for entry in (item if isinstance(item, list) else [item])
    ]


_EVIL_PARAMETER: dict[str, Any] = {"a\nx-evil: 1": 1}
_TRACE = {"x-amzn-trace-id": "Root=1"}
_LOWERING = (
    ("header.others-change-nothing", partial(a_deed, headers=_TRACE)),
    ("header.others-change-nothing", partial(a_deed, headers={"x-hf-bill-to": "acme"})),
    ("header.ignored-flags", partial(a_deed, profile="router", headers={"x-use-cache": "false"})),
    (
        "header.ignored-flags",
        partial(a_deed, profile="dedicated", headers={"x-wait-for-model": "1"}),
    ),
    ("relation.escapes", partial(a_deed, f"{SENTENCE} é")),
    ("relation.layout", partial(a_deed, body=b'{\n"inputs":"Berlin"}')),
    ("relation.layout", partial(a_deed, body=b'{"parameters":{},"inputs":"Berlin"}')),
    ("relation.empty-parameters", partial(a_deed, keys={"parameters": {}})),
    ("relation.default-by-name", a_deed),
    ("relation.chunked-request", partial(a_deed, headers={"transfer-encoding": "chunked"})),
    ("relation.compressed-answer", partial(a_deed, headers={"accept-encoding": "gzip, br"})),
    ("relation.batch-is-singles", partial(a_deed, [SENTENCE, "Ada"])),
    ("relation.addresses", partial(a_deed, path="/hf-inference/models/dslim/bert-base-NER")),
)

CASES = (
    *(Case(clause, make, _lowers) for clause, make in _LOWERING),
    Case("relation.repeated", a_deed, _lowers, (a_deed,)),
    Case("relation.connections", partial(a_deed, deed=NEW), _lowers, (partial(a_deed, deed=USED),)),
    Case(
        "relation.concurrent",
        partial(a_deed, "Berlin", deed={"in_flight": 2}),
        lambda reply, _: (
            [entry["entity_group"] for entry in entries(reply)] == ["PER", "PER", "LOC"]
        ),
        (a_deed,),
    ),
    Case("relation.tail", partial(a_deed, TALE), lambda reply, _: entries(reply) == []),
    Case(
        "security.token-stays-secret",
        partial(a_deed, headers={"authorization": "Bearer hf_canary"}),
        lambda reply, _: "hf_canary" in str(header(reply, "x-authorization")),
    ),
    Case(
        "security.no-internals",
        partial(a_deed, None),
        lambda reply, _: all(sign in reply.body for sign in (b"Traceback", b"/app/", b"0x7f")),
    ),
    Case(
        "security.no-internals",
        partial(a_deed, top_k=1),
        lambda reply, _: isinstance(entries(reply)["error"], str) and b"Traceback" in reply.body,
    ),
    *(
        Case("security.no-server-error", make, lambda reply, _: reply.status == 500)
        for make in (
            partial(a_deed, body=b'{"inputs":"Ada","inputs":"Bob"}'),
            partial(a_deed, grouped_entities="yes"),
            partial(a_deed, batch_size=1.5),
        )
    ),
    Case(
        "security.body-stays-out-of-headers",
        partial(a_deed, "Ada\r\nX-Evil: 1"),
        lambda reply, _: header(reply, "x-evil") == "1",
    ),
    Case(
        "security.body-stays-out-of-headers",
        partial(a_deed, **_EVIL_PARAMETER),
        lambda reply, _: reply.status == 400 and header(reply, "x-evil") == "1",
    ),
)

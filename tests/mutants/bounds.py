from dataclasses import replace
from typing import Any

from mutants.mutant import (
    Mutant,
    as_refusal,
    edit_errors,
    edit_response,
    misread_parameters,
    to_bytes,
    with_body,
    with_header,
)
from mutants.requests import broken, refuses
from nertwin.contract_tests.checks.answers import is_call
from nertwin.contract_tests.exchange import Exchange, Response


def streams(exchange: Exchange) -> bool:
    payload = exchange.request.payload
    return isinstance(payload, dict) and payload.get("stream") is True


def as_stream(response: Response) -> Response:
    typed = with_header(response, "content-type", "text/event-stream")
    return with_body(typed, b"data: [DONE]\n\n")


def without_stream(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name != "stream"}


def too_large(response: Response) -> Response:
    return as_refusal(response, {"error": "too large"}, status=413)


def echoes(exchange: Exchange) -> Exchange:
    sent = exchange.request.header("authorization")
    if exchange.response is None or sent is None:
        return exchange
    return replace(exchange, response=with_header(exchange.response, "x-caller", sent))


def echoes_in_errors(exchange: Exchange) -> Exchange:
    sent = exchange.request.header("authorization")
    if exchange.response is None or sent is None or exchange.status < 400:
        return exchange
    body = to_bytes({"error": [f"not for {sent}"]})
    return replace(exchange, response=with_body(exchange.response, body))


def has_zero_in_a_name(exchange: Exchange) -> bool:
    payload = exchange.request.payload
    return isinstance(payload, dict) and any("\0" in name for name in payload)


def injects(exchange: Exchange) -> Exchange:
    if exchange.response is None or b"\\n" not in exchange.request.body:
        return exchange
    for line in exchange.request.body.decode("utf-8", "replace").split("\\n"):
        name, colon, value = line.partition(":")
        if colon and name.startswith("x-"):
            return replace(
                exchange, response=with_header(exchange.response, name, value.removesuffix("\\r"))
            )
    return exchange


def tells_trace(response: Response) -> Response:
    trace = 'Traceback (most recent call last):\n  File "/app/serve.py", line 3, in <module>'
    return with_body(response, to_bytes({"error": trace, "warnings": []}))


MUTANTS: dict[str, Mutant] = {
    "stream.is-no-feature": Mutant(
        change=edit_response(as_stream, where=streams), profile="router"
    ),
    "stream.false": refuses(
        lambda request: isinstance(request.payload, dict) and request.payload.get("stream") is False
    ),
    "stream.as-parameter": Mutant(misread=misread_parameters(without_stream)),
    "stream.taken-literally": Mutant(change=edit_response(as_stream, where=streams)),
    "limits.long-word": refuses(lambda request: b"a" * 10_000 in request.body),
    "limits.many-texts": refuses(
        lambda request: isinstance(request.inputs, list) and len(request.inputs) > 64
    ),
    "limits.body-size": Mutant(
        change=edit_response(
            too_large, where=lambda exchange: len(exchange.request.body) in (65_536, 3 * 1024**2)
        )
    ),
    "security.token-stays-secret": Mutant(change=echoes),
    "security.no-internals": Mutant(
        change=edit_response(
            tells_trace,
            where=lambda exchange: (
                is_call(exchange)
                and exchange.status == 400
                and b"__class__" in exchange.request.body
            ),
        )
    ),
    "security.no-server-error": Mutant(
        change=edit_response(
            broken, where=lambda exchange: "__class__" in exchange.request.parameters
        )
    ),
    "security.no-server-error/nul-in-name": Mutant(
        change=edit_response(broken, where=has_zero_in_a_name)
    ),
    "security.body-stays-out-of-headers": Mutant(change=injects),
    "security.token-stays-secret/in-errors": Mutant(change=echoes_in_errors),
    "security.no-internals/path": Mutant(
        change=edit_errors(
            lambda document: (
                document | {"hint": "see /srv/app/handler.log"}
                if "keyword" in str(document["error"])
                else document
            )
        )
    ),
    "security.no-internals/address": Mutant(
        change=edit_errors(
            lambda document: (
                document | {"error": ["<Handler object at 0x7f5a1c0b4d90>: `inputs`"]}
                if "field required" in str(document["error"])
                else document
            )
        )
    ),
    "stream.is-no-feature/refused-without-a-word": refuses(
        lambda request: isinstance(request.payload, dict) and request.payload.get("stream") is True
    ),
}

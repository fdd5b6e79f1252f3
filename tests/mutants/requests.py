import json
from collections.abc import Callable
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
)
from nertwin.contract_tests.exchange import Exchange, Request, Response
from nertwin.contract_tests.validity import find_fault

ANY = "Angela Merkel lives in Berlin."


def misread(change: Callable[[Any], Any]) -> Callable[[Request], Request]:
    """An endpoint that takes a call's JSON for another one."""

    def read(request: Request) -> Request:
        fault = find_fault(request.body)
        if not request.is_call or (fault and not fault.startswith("$")):
            return request
        return replace(request, body=to_bytes(change(request.payload)))

    return read


def misread_field(name: str, change: Callable[[Any], Any]) -> Callable[[Request], Request]:
    """An endpoint that takes what stands in a field for something else."""
    return misread(
        lambda payload: (
            payload | {name: change(payload[name])}
            if isinstance(payload, dict) and name in payload
            else payload
        )
    )


def misread_bytes(read: Callable[[bytes], bytes]) -> Callable[[Request], Request]:
    """An endpoint that decodes the bytes of a call's body in its own way."""
    return lambda request: replace(request, body=read(request.body)) if request.is_call else request


def text_of(inputs: Any) -> Any:
    return (
        inputs if isinstance(inputs, (str, dict)) or (isinstance(inputs, list) and inputs) else ANY
    )


def take_for_text(body: bytes) -> bytes:
    """As the community's containers do: what is no JSON is the text."""
    try:
        json.loads(body.decode(), parse_constant=int)
    except UnicodeDecodeError:
        return body
    except RecursionError:
        return body
    except ValueError:
        return to_bytes({"inputs": ANY})
    return body


def replace_undecodable(body: bytes) -> bytes:
    text = body.decode("utf-8", "replace")
    if not find_fault(text.encode()).startswith("it holds half"):
        return text.encode()
    return json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8", "replace")


def known(parameters: dict[str, Any]) -> dict[str, Any]:
    names = {"aggregation_strategy", "ignore_labels", "stride", "batch_size", "num_workers"}
    names |= {"grouped_entities", "ignore_subwords", "stream"}
    return {name: value for name, value in parameters.items() if name in names}


def named_strategy(parameters: dict[str, Any]) -> dict[str, Any]:
    strategy = parameters.get("aggregation_strategy", "simple")
    names = ("none", "simple", "first", "average", "max")
    if strategy is None or str(strategy).lower() in names:
        return parameters
    return parameters | {"aggregation_strategy": "simple"}


def listed_labels(parameters: dict[str, Any]) -> dict[str, Any]:
    labels = parameters.get("ignore_labels")
    if labels is None or isinstance(labels, list | dict):
        return parameters
    return parameters | {"ignore_labels": [labels]}


def without_workers(parameters: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in parameters.items() if key not in ("batch_size",
            "num_workers")}  # fmt: skip


def refused(response: Response) -> Response:
    return as_refusal(response, {"error": ["Error in `body`: no"]})


def broken(response: Response) -> Response:
    response = as_refusal(response, {}, status=500)
    return with_body(response, b"Internal Server Error")


def refuses(where: Callable[[Request], bool]) -> Mutant:
    return Mutant(
        change=edit_response(
            refused, where=lambda exchange: exchange.request.is_call and where(exchange.request)
        )
    )


def has_deep_nesting(exchange: Exchange) -> bool:
    return b"[" * 1000 in exchange.request.body


def has_odd_characters(request: Request) -> bool:
    return isinstance(request.inputs, str) and "\x00" in request.inputs


def has_other_keys(request: Request) -> bool:
    return isinstance(request.payload, dict) and "provider" in request.payload


def options_of(request: Request) -> Any:
    return request.payload.get("options", ...) if isinstance(request.payload, dict) else ...


def hides_field(document: dict[str, Any]) -> dict[str, Any]:
    return document | {"error": ["Error: validation failed"]}


def is_form(request: Request) -> bool:
    return "urlencoded" in (request.header("content-type") or "")


def first_of_twice(body: bytes) -> bytes:
    def first(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(reversed(pairs))

    try:
        return (
            to_bytes(json.loads(body, object_pairs_hook=first))
            if body.count(b'"inputs"') == 2
            else body
        )
    except ValueError:
        return body


def first_document(body: bytes) -> bytes:
    before, brace, after = body.partition(b"} ")
    return before + b"}" if brace and after.startswith(b"{") else body


def are_flags(options: Any) -> bool:
    """Whether they are options as the API takes them."""
    return isinstance(options, dict) and all(isinstance(each, bool) for each in options.values())


MUTANTS: dict[str, Mutant] = {
    "request.inputs-required": Mutant(
        misread=misread(
            lambda payload: {"inputs": ANY} | payload if isinstance(payload, dict) else payload
        ),
    ),
    "request.inputs-kind": Mutant(misread=misread_field("inputs", text_of)),
    "request.inputs-object": Mutant(
        misread=misread_field("inputs", lambda inputs: ANY if isinstance(inputs, dict) else inputs)
    ),
    "request.list-members": Mutant(
        misread=misread_field(
            "inputs",
            lambda inputs: (
                [text if isinstance(text, str) else json.dumps(text) for text in inputs]
                if isinstance(inputs, list) and len(json.dumps(inputs)) < 10_000
                else inputs
            ),
        )
    ),
    "request.empty-text": refuses(
        lambda request: (
            isinstance(request.inputs, str)
            and "\r" in request.inputs
            and not request.inputs.strip()
        )
    ),
    "request.any-text": refuses(has_odd_characters),
    "request.body-is-object": Mutant(
        misread=misread(lambda payload: payload if isinstance(payload, dict) else {"inputs": ANY})
    ),
    "request.malformed-json": Mutant(misread=misread_bytes(take_for_text)),
    "request.undecodable-text": Mutant(misread=misread_bytes(replace_undecodable)),
    "request.deep-nesting": Mutant(
        change=edit_response(broken, where=has_deep_nesting),
        also={"security.no-server-error": "its refusal is a server error"},
    ),
    "request.key-twice": Mutant(
        misread=misread_bytes(first_of_twice),
        also={
            "span.within-text": "the entities of one text lie beyond the end of the other",
            "span.slice-is-word": "the words of one text are not those of the other",
        },
    ),
    "request.other-keys": refuses(has_other_keys),
    "request.parameters-kind": Mutant(
        misread=misread_field("parameters", lambda given: given if isinstance(given, dict) else {})
    ),
    "request.unknown-parameter": Mutant(misread=misread_parameters(known)),
    "request.unknown-parameter-is-named": Mutant(
        change=edit_errors(
            lambda document: (
                document | {"error": "unexpected keyword argument"}
                if "keyword" in str(document["error"])
                else document
            )
        )
    ),
    "request.strategy-value": Mutant(misread=misread_parameters(named_strategy)),
    "request.ignore-labels-kind": Mutant(misread=misread_parameters(listed_labels)),
    "request.workers": refuses(
        lambda request: "batch_size" in request.parameters and not find_fault(request.body)
    ),
    "request.workers-kind": Mutant(misread=misread_parameters(without_workers)),
    "request.options-accepted": refuses(lambda request: options_of(request) is None),
    "request.options-values": Mutant(
        misread=misread_field("options", lambda options: options if are_flags(options) else None),
    ),
    "request.refusal-names-field": Mutant(
        change=edit_errors(
            lambda document: hides_field(document) if "warnings" not in document else document
        )
    ),
    "request.content-type-is-not-read": refuses(is_form),
    "request.inputs-kind/falsy": Mutant(
        misread=misread_field("inputs", lambda inputs: inputs if inputs not in (0, False) else ANY)
    ),
    "request.malformed-json/not-a-number": Mutant(
        misread=misread_bytes(lambda body: body.replace(b": NaN", b": null"))
    ),
    "request.malformed-json/trailing-comma": Mutant(
        misread=misread_bytes(lambda body: body.replace(b",}", b"}"))
    ),
    "request.malformed-json/byte-order-mark": Mutant(
        misread=misread_bytes(lambda body: body.removeprefix(b"\xef\xbb\xbf"))
    ),
    "request.malformed-json/text-after-it": Mutant(misread=misread_bytes(first_document)),
    "request.undecodable-text/half-a-pair": Mutant(
        misread=misread_bytes(lambda body: body.replace(b"\\ud83d in", b"? in"))
    ),
    "request.strategy-value/blanks": Mutant(
        misread=misread_parameters(
            lambda given: {
                name: value.strip() if isinstance(value, str) else value
                for name, value in given.items()
            }
        )
    ),
    "request.strategy-value/empty": Mutant(
        misread=misread_parameters(
            lambda given: {name: value for name, value in given.items() if value != ""}
        ),
        also={"request.ignore-labels-kind": "an empty string is let pass there too"},
    ),
    "request.unknown-parameter/null": Mutant(
        misread=misread_parameters(
            lambda given: {name: value for name, value in given.items() if name != "top_k"}
        )
    ),
    "request.list-members/server-error": Mutant(
        change=edit_response(
            broken, where=lambda exchange: b'Berlin.", null]' in exchange.request.body
        ),
        also={"security.no-server-error": "its refusal is a server error"},
    ),
    "request.parameters-kind/unprocessable": Mutant(
        change=edit_response(
            lambda response: replace(response, status=422),
            where=lambda exchange: b'"parameters": null' in exchange.request.body,
        )
    ),
    "request.any-text/controls": refuses(
        lambda request: isinstance(request.inputs, str) and "\x1b" in request.inputs
    ),
}

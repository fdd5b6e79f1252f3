from dataclasses import replace

from mutants.breached import breached
from mutants.mutant import Mutant, as_refusal, edit_answers, edit_response, with_header
from nertwin.contract_tests.checks.answers import is_answer
from nertwin.contract_tests.exchange import Exchange, Request


def deaf_to_capitals(request: Request) -> Request:
    """The request as a server reads it that knows its headers in one spelling only."""
    lines = tuple(
        (name if name == name.lower() else f"x-{name}", value) for name, value in request.headers
    )
    return replace(request, headers=lines)


def contradicts_itself(exchange: Exchange) -> bool:
    payload = exchange.request.payload
    has_options = isinstance(payload, dict) and "options" in payload
    return has_options and exchange.request.header("x-use-cache") is not None


MUTANTS: dict[str, Mutant] = {
    **{
        f"header.{name}": Mutant(wrap=breached(f"header.{name}"))
        for name in (
            "others-change-nothing",
            "any-accept",
            "flag-values",
            "compute-type",
            "compute-time",
            "compute-characters",
            "request-id",
            "model-commit",
            "cors",
            "errors-compute-nothing",
        )
    },
    "header.ignored-flags": Mutant(
        wrap=breached("header.ignored-flags", "router"), profile="router"
    ),
    "header.ignored-flags/dedicated": Mutant(
        wrap=breached("header.ignored-flags", "dedicated"), profile="dedicated"
    ),
    "header.others-change-nothing/dedicated": Mutant(
        wrap=breached("header.others-change-nothing", "dedicated"), profile="dedicated"
    ),
    "header.others-change-nothing/forbidden": Mutant(
        change=edit_response(
            lambda response: as_refusal(response, {"error": "no robots"}, status=403),
            where=lambda exchange: "python" in (exchange.request.header("user-agent") or ""),
        )
    ),
    "header.names-in-any-case": Mutant(misread=deaf_to_capitals),
    "header.names-in-any-case/dedicated": Mutant(misread=deaf_to_capitals, profile="dedicated"),
    "header.flag-against-options": Mutant(
        change=edit_answers(
            lambda document, exchange: [] if contradicts_itself(exchange) else document
        )
    ),
    "header.any-accept/type": Mutant(
        change=edit_response(
            lambda response: with_header(response, "content-type", "application/octet-stream"),
            where=lambda exchange: (
                is_answer(exchange) and exchange.request.header("accept") == "*/*"
            ),
        ),
        also={"shape.answer-is-json": "the answer does not say that it is JSON"},
    ),
    "header.cors/vary": Mutant(
        change=edit_response(
            lambda response: with_header(response, "vary", "accept"),
            where=lambda exchange: exchange.request.header("origin") is not None,
        )
    ),
    "header.compute-characters/utf-16": Mutant(
        change=lambda exchange: (
            replace(
                exchange,
                response=with_header(
                    exchange.response,
                    "x-compute-characters",
                    str(len(exchange.request.inputs.encode("utf-16-le")) // 2),
                ),
            )
            if exchange.response
            and isinstance(exchange.request.inputs, str)
            and exchange.header("x-compute-characters")
            else exchange
        )
    ),
}

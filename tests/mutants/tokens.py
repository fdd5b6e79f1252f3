from dataclasses import replace

from mutants.breached import breached
from mutants.mutant import Mutant, as_refusal, edit_response, with_body
from nertwin.contract_tests.exchange import Exchange, Response


def is_anonymous(exchange: Exchange) -> bool:
    request = exchange.request
    is_sent = request.sends_token or request.header("authorization") is not None
    return request.is_call and not is_sent


def has_colon(exchange: Exchange) -> bool:
    return (exchange.request.header("authorization") or "").startswith("Bearer:")


def has_wrong_token(exchange: Exchange) -> bool:
    return (exchange.request.header("authorization") or "").startswith("Bearer hf_")


def broken(response: Response) -> Response:
    return as_refusal(response, {"error": "no"}, status=500)


MUTANTS: dict[str, Mutant] = {
    "auth.bearer": Mutant(
        wrap=breached("auth.bearer"),
        also={"shape.nothing-found": "a text without entities is refused as well"},
        is_total=True,
    ),
    "auth.wrong-token": Mutant(
        change=edit_response(
            lambda response: replace(with_body(response, b'{"error":"no"}'), status=403),
            where=has_wrong_token,
        )
    ),
    "auth.look-ups-are-public": Mutant(wrap=breached("auth.look-ups-are-public")),
    "auth.token-changes-nothing": Mutant(wrap=breached("auth.token-changes-nothing")),
    "auth.token-changes-nothing/dedicated": Mutant(
        wrap=breached("auth.token-changes-nothing", "dedicated"), profile="dedicated"
    ),
    "auth.anonymous": Mutant(change=edit_response(broken, where=is_anonymous)),
    "auth.colon": Mutant(change=edit_response(broken, where=has_colon)),
}

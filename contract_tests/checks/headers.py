"""Headers: what those of a request do, and who may read the answer."""

from __future__ import annotations

from collections.abc import Iterator

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..etiquette import is_in_the_way
from ..violations import Violation
from .answers import MIXED, PLAIN, show
from .bundles import CARRIAGE, accepts, bundle, other_headers
from .cached import again, fresh_call, is_kept, with_headers
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import judge_same

_ORIGIN = "https://nertwin.example"
_NOT_CACHED = {"0": False, "FALSE": False, "1": True, "no": True}


def _other_cases(endpoint: Endpoint) -> Iterator[Plan]:
    spelled = endpoint.classify(
        MIXED,
        strategy="simple",
        headers=(("CONTENT-TYPE", "application/json"), ("Accept", "*/*")),
    )
    plain = endpoint.classify(MIXED, strategy="simple")
    yield plan(plain, spelled, bundle=bundle(endpoint, CARRIAGE))
    if endpoint.profile == "classic":
        yield plan(
            fresh_call(endpoint),
            again(1),
            with_headers(("x-use-cache", "false")),
            with_headers(("X-UsE-CaChE", "false")),
            about="cache",
        )


def _judge_cases(trial: Trial) -> Iterator[Violation | Undecided]:
    if trial.about != "cache":
        yield from judge_same("the call with its header in lower case")(trial)
        return
    _, kept, bypassed, spelled = trial.exchanges
    if not is_kept(kept) or is_kept(bypassed) or bypassed.status != 200:
        yield Undecided("x-use-cache: false shows no effect in lower case either")
    elif is_kept(spelled):
        yield Violation(
            where="header x-compute-type",
            expected=f"{bypassed.header('x-compute-type')}, as with x-use-cache: false",
            actual="cache, with X-UsE-CaChE: false",
        )


def _with_others(endpoint: Endpoint) -> Iterator[Plan]:
    call = endpoint.classify(PLAIN, headers=other_headers(endpoint))
    yield plan(endpoint.classify(PLAIN), call, bundle=bundle(endpoint, CARRIAGE))


def _judge_others(trial: Trial) -> Iterator[Violation | Undecided]:
    first, other = trial.exchanges
    if first.status != 200 or (is_in_the_way(other) and other.status != 403):
        yield Undecided("one of the two calls was not answered")
    else:
        yield from judge_same("the call without them")(trial)


def _accepts(endpoint: Endpoint) -> Iterator[Plan]:
    # Without any, the call is as other checks send it.
    for number, value in enumerate(accepts(endpoint), start=CARRIAGE):
        call = endpoint.classify(PLAIN, headers=(("accept", value),))
        yield plan(endpoint.classify(PLAIN), call, bundle=bundle(endpoint, number))


def _judge_accepts(trial: Trial) -> Iterator[Violation | Undecided]:
    plain = trial.exchanges[0].response
    is_json = plain is not None and plain.media_type == "application/json"
    for exchange in trial.exchanges[1:]:
        response = exchange.response
        accept = exchange.request.header("accept")
        is_other = response is not None and response.media_type != "application/json"
        if response and is_json and exchange.status == 200 and is_other:
            yield Violation(
                where="header content-type",
                expected=f"application/json, for the request has accept: {accept}",
                actual=show(response.header("content-type")),
            )
            return
        if exchange.status != 200 and trial.exchanges[0].status == 200:
            yield Violation(
                where="status",
                expected=f"200, as without accept; the request has accept: {accept}",
                actual=f"{exchange.status}, {show(exchange.document)}",
            )
            return
    yield from judge_same("the call without accept")(trial)


def _flag_values(endpoint: Endpoint) -> Iterator[Plan]:
    # Whether the header is heeded at all is for cache.bypass to tell.
    values = [with_headers(("x-use-cache", value)) for value in ("false", *_NOT_CACHED)]
    yield plan(fresh_call(endpoint), again(1), *values)


def _judge_flag_values(trial: Trial) -> Iterator[Violation | Undecided]:
    kept, bypassed, *flagged = trial.exchanges[1:]
    if not is_kept(kept) or is_kept(bypassed) or any(each.status != 200 for each in flagged):
        yield Undecided("no call was answered from a cache, and anew with x-use-cache: false")
        return
    for exchange, (value, is_used) in zip(flagged, _NOT_CACHED.items(), strict=True):
        if is_kept(exchange) is not is_used:
            yield Violation(
                where="header x-compute-type",
                expected=f"{'cache' if is_used else 'a computation'}, for x-use-cache: {value}"
                f" means {'yes' if is_used else 'no'}",
                actual=show(exchange.header("x-compute-type")),
            )


def _ignored_flags(endpoint: Endpoint) -> Iterator[Plan]:
    flags = (("x-use-cache", "false"), ("x-wait-for-model", "true"))
    yield plan(endpoint.classify(PLAIN), endpoint.classify(PLAIN, headers=flags))


def _contradictions(endpoint: Endpoint) -> Iterator[Plan]:
    def contradict(flag: str, name: str) -> Plan:
        body: dict[str, JSON] = {"inputs": PLAIN, "options": {name: False}}
        return plan(endpoint.classify(PLAIN), endpoint.call(body, headers=((flag, "true"),)))

    yield contradict("x-use-cache", "use_cache")
    yield contradict("x-wait-for-model", "wait_for_model")


def _foreign_calls(endpoint: Endpoint) -> Iterator[Plan]:
    origin = (("origin", _ORIGIN),)
    yield plan(endpoint.classify(PLAIN, headers=origin))
    yield plan(endpoint.call({"parameters": {}}, headers=origin))


def _judge_cors(trial: Trial) -> Iterator[Violation]:
    exchange = trial.exchange
    allowed = exchange.header("access-control-allow-origin")
    if allowed not in ("*", _ORIGIN):
        yield Violation(
            where="header access-control-allow-origin",
            expected=f"{_ORIGIN}, which the request names as its origin, or *",
            actual=show(allowed),
            hint="Browsers give the answer to no other page.",
        )
    vary = [each.strip().lower() for each in (exchange.header("vary") or "").split(",")]
    if allowed == _ORIGIN and "origin" not in vary and "*" not in vary:
        yield Violation(
            where="header vary",
            expected="Origin, for the answer names the origin that asked",
            actual=show(exchange.header("vary")),
        )


CHECKS: tuple[Check, ...] = (
    Check(clause="header.names-in-any-case", examples=_other_cases, judge=_judge_cases),
    Check(
        clause="header.others-change-nothing",
        examples=_with_others,
        judge=_judge_others,
        sees_all=True,  # 403 is how a gateway turns away clients by their name.
    ),
    Check(clause="header.any-accept", examples=_accepts, judge=_judge_accepts),
    Check(clause="header.flag-values", examples=_flag_values, judge=_judge_flag_values),
    Check(
        clause="header.ignored-flags",
        examples=_ignored_flags,
        judge=judge_same("the call without x-use-cache and x-wait-for-model"),
    ),
    Check(
        clause="header.flag-against-options",
        examples=_contradictions,
        judge=judge_same("the call without flags"),
    ),
    Check(clause="header.cors", examples=_foreign_calls, judge=_judge_cors),
)

"""Tokens: which are let in, and that none changes an answer."""

from __future__ import annotations

from collections.abc import Iterator

from ..endpoint import Endpoint
from ..exchange import Exchange
from ..violations import Violation
from .answers import PLAIN, entries, show
from .bases import NO_TOKEN, a_call, call_as, without_token
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import differences
from .lookups import NO_LOOK_UPS, look_up_model, look_up_tasks
from .unknown_models import error_of

_REFUSED = (400, 401, 403)
_WRONG = {"classic": (400,), "router": (401,)}


def _own_token(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(a_call(endpoint), without_token(endpoint, a_call(endpoint)))


def _judge_bearer(trial: Trial) -> Iterator[Violation | Undecided]:
    own, anonymous = trial.exchanges
    if own.status == 200:
        return
    if own.status in _REFUSED and anonymous.status == 200:
        yield Violation(
            where="status",
            expected="200: without a token the same call is answered, and the token is valid",
            actual=f"{own.status}, {show(error_of(own))}, to authorization: Bearer [token]",
        )
    else:
        yield Undecided(own.problem or f"the token was answered by {own.status}")


def _tokens(endpoint: Endpoint) -> Iterator[Plan]:
    nobody = (without_token(endpoint, a_call(endpoint)),) if endpoint.token else ()
    yield plan(endpoint.classify(PLAIN), *nobody, call_as(endpoint, f"Bearer {NO_TOKEN}"))


def _judge_token(trial: Trial) -> Iterator[Violation | Undecided]:
    answers = [each for each in trial.exchanges if each.status == 200]
    if len(answers) < 2 or not entries(answers[0]):
        yield Undecided("no two callers were answered")
        return
    for other in answers[1:]:
        yield from differences(answers[0], other, expected="the same call of another caller")


def _wrong_token(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(call_as(endpoint, f"Bearer {NO_TOKEN}"))


def _judge_wrong(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    wanted = _WRONG[trial.endpoint.profile]
    if exchange.status == 200 or exchange.response is None or exchange.status in (429, 502, 504):
        yield Undecided("the service looks at no tokens")
        return
    if exchange.status not in wanted:
        yield Violation(
            where="status",
            expected=f"{wanted[0]}, for the token is nobody's",
            actual=f"{exchange.status}, {show(exchange.document)}",
        )
    if not error_of(exchange):
        yield Violation(
            where="body", expected="an object with an error", actual=show(exchange.document)
        )


def _anonymous(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(without_token(endpoint, a_call(endpoint)))


def _colon(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(call_as(endpoint, f"Bearer: {NO_TOKEN}"))


def _judge_permission(trial: Trial) -> Iterator[Violation | Undecided]:
    """Either may come, an answer or a refusal; nothing else may."""
    exchange = trial.exchange
    if exchange.response is None:
        yield Undecided(exchange.problem)
    elif exchange.status not in (200, 400, 401, 403, 429):
        yield Violation(
            where="status",
            expected="200, or a refusal that speaks of the token (400, 401, 403 or 429)",
            actual=f"{exchange.status}, {show(exchange.document)}",
        )


def _public_look_ups(endpoint: Endpoint) -> Iterator[Plan]:
    look_ups = (look_up_model(endpoint), look_up_tasks(endpoint))
    yield plan(*(without_token(endpoint, each) for each in look_ups))


def _judge_public(trial: Trial) -> Iterator[Violation | Undecided]:
    closed = next((each for each in trial.exchanges if _is_closed(each)), None)
    if closed is not None:
        yield Violation(
            where="status",
            expected="200, for clients send no token there",
            actual=f"{closed.status}, {show(closed.document)}",
        )
    elif not any(each.status == 200 for each in trial.exchanges):
        yield NO_LOOK_UPS


def _is_closed(exchange: Exchange) -> bool:
    return exchange.status in (401, 403)


CHECKS: tuple[Check, ...] = (
    Check(
        clause="auth.bearer",
        examples=_own_token,
        judge=_judge_bearer,
        sees_all=True,
        needs=frozenset({"token"}),
    ),
    Check(clause="auth.colon", examples=_colon, judge=_judge_permission, sees_all=True),
    Check(clause="auth.anonymous", examples=_anonymous, judge=_judge_permission, sees_all=True),
    Check(clause="auth.wrong-token", examples=_wrong_token, judge=_judge_wrong, sees_all=True),
    Check(
        clause="auth.look-ups-are-public",
        examples=_public_look_ups,
        judge=_judge_public,
        sees_all=True,
    ),
    Check(clause="auth.token-changes-nothing", examples=_tokens, judge=_judge_token, sees_all=True),
)

"""Routes: where a model is called and looked after, and what other addresses say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..etiquette import describe_obstacle, is_in_the_way
from ..exchange import Exchange, Request
from ..violations import Violation
from .answers import MIXED, PLAIN, plain_calls, show
from .check import Check, Plan, Trial, Undecided, plan
from .comparison import judge_same
from .lookups import TASK, judge_fields, judge_found
from .unknown_models import call_unknown, error_of

_RECOMMENDED = ("flair/ner-english", "FacebookAI/xlm-roberta-large-finetuned-conll03-english")
_LOST = (404, 405, 410)
_UNKNOWN_STATUS = {"classic": (404,), "router": (400, 404)}


def _is_called(exchange: Exchange) -> bool:
    return exchange.request.is_call and exchange.response is not None


def _judge_inference(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    if exchange.request.target != trial.endpoint.address():
        yield Undecided("another address was called")
    elif exchange.status in _LOST:
        yield Violation(
            where="status",
            expected=f"an answer at {exchange.request.target}",
            actual=f"{exchange.status}, {show(exchange.document)}",
        )


def _escaped(endpoint: Endpoint) -> Iterator[Plan]:
    call = endpoint.classify(PLAIN)
    if "/" in endpoint.model:
        before, _, name = call.target.rpartition("/")
        for escape in ("%2F", "%2f"):
            yield plan(call, replace(call, target=f"{before}{escape}{name}"))


def _pipelines(endpoint: Endpoint) -> Iterator[Plan]:
    address = f"{endpoint.prefix}/pipeline/{TASK}/{endpoint.model}"
    for call in (endpoint.classify(PLAIN), endpoint.classify(MIXED, strategy="none")):
        yield plan(call, replace(call, target=address))


def _unknown_models(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(call_unknown(endpoint))


def _judge_unknown_model(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    if is_in_the_way(exchange) and exchange.status != 403:
        yield Undecided(describe_obstacle(exchange))
        return
    wanted = _UNKNOWN_STATUS[trial.endpoint.profile]
    if exchange.status not in wanted:
        yield Violation(
            where="status",
            expected=f"{wanted[0]}, for there is no such model",
            actual=f"{exchange.status}, {show(exchange.document)}",
        )
    if not error_of(exchange):
        yield Violation(
            where="body", expected="an object with an error", actual=show(exchange.document)
        )


def _no_paths(endpoint: Endpoint) -> Iterator[Plan]:
    call = endpoint.classify(PLAIN)
    for path in ("/hf-inference/v1/chat/completions", "/nertwin/no/such/path"):
        target = f"{endpoint.prefix}{path}"
        yield plan(replace(call, target=target, is_call=False))
        yield plan(Request(method="GET", target=target))


def _judge_no_path(trial: Trial) -> Iterator[Violation]:
    exchange = trial.exchange
    if exchange.status != 404:
        yield Violation(
            where="status",
            expected=f"404, for there is nothing at {exchange.request.target}",
            actual=f"{exchange.status}, {show(exchange.document)}",
        )


def _wrong_methods(endpoint: Endpoint) -> Iterator[Plan]:
    for method in ("PUT", "PATCH"):
        call = endpoint.classify(PLAIN)
        yield plan(replace(call, method=method, is_call=False))


def _judge_method(trial: Trial) -> Iterator[Violation]:
    exchange = trial.exchange
    method = exchange.request.method
    if exchange.status != 405:
        yield Violation(
            where="status",
            expected=f"405, for a model can't be called by {method}",
            actual=f"{exchange.status}, {show(exchange.document)}",
        )
        return
    allowed = [each.strip().upper() for each in (exchange.header("allow") or "").split(",")]
    if "POST" not in allowed or method in allowed:
        yield Violation(
            where="header allow",
            expected=f"the methods of this address, POST among them and {method} not",
            actual=show(exchange.header("allow")),
        )


def _model_pages(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(Request(method="GET", target=endpoint.address()))


def _judge_task(document: JSON, _: Trial) -> Iterator[Violation]:
    yield from judge_fields(document, {"pipeline_tag": (str,)})
    tag = document.get("pipeline_tag") if isinstance(document, dict) else None
    if isinstance(tag, str) and tag != TASK:
        yield Violation(where="body.pipeline_tag", expected=TASK, actual=tag)


def _statuses(endpoint: Endpoint) -> Iterator[Plan]:
    # The call comes first, for it must have been answered.
    yield plan(endpoint.classify(PLAIN), endpoint.get(f"/status/{endpoint.model}"))


def _judge_status(document: JSON, trial: Trial) -> Iterator[Violation]:
    fields: dict[str, tuple[type, ...]] = {
        "loaded": (bool,),
        "state": (str,),
        "compute_type": (str, dict),
        "framework": (str,),
    }
    yield from judge_fields(document, fields)
    was_answered = trial.exchanges[0].status == 200
    if was_answered and isinstance(document, dict) and document.get("loaded") is False:
        yield Violation(
            where="body.loaded", expected="true: the model has just answered", actual="false"
        )


def _frameworks(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(endpoint.get("/framework/transformers"))


def _judge_framework(document: JSON, _: Trial) -> Iterator[Violation]:
    if not isinstance(document, list):
        yield Violation(where="body", expected="a list of objects", actual=show(document))
        return
    for place, each in enumerate(document):
        found = list(
            judge_fields(each, {"model_id": (str,), "task": (str,)}, where=f"body[{place}]")
        )
        yield from found
        if found:
            return


def _recommended(endpoint: Endpoint) -> Iterator[Plan]:
    for model in _RECOMMENDED:
        call = endpoint.call({"inputs": PLAIN}, model=model)
        yield plan(replace(call, is_patient=False))


def _judge_recommended(trial: Trial) -> Iterator[Violation]:
    exchange = trial.exchange
    is_refused = 400 <= exchange.status < 500 and error_of(exchange)
    if exchange.status != 200 and not is_refused:
        yield Violation(
            where="status",
            expected="200, or a refusal with an error",
            actual=f"{exchange.status}, {show(exchange.document)}",
        )


def _preflights(endpoint: Endpoint) -> Iterator[Plan]:
    lines = (
        ("origin", "https://nertwin.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization, content-type"),
    )
    yield plan(Request(method="OPTIONS", target=endpoint.address(), headers=lines))


def _judge_preflight(trial: Trial) -> Iterator[Violation]:
    exchange = trial.exchange
    if exchange.status not in (200, 204):
        yield Violation(where="status", expected="200 or 204", actual=str(exchange.status))
        return
    value = exchange.header("access-control-allow-methods")
    allowed = [each.strip().upper() for each in (value or "").split(",")]
    if "POST" not in allowed and "*" not in allowed:
        yield Violation(
            where="header access-control-allow-methods",
            expected="methods with POST among them",
            actual=show(value),
            hint="Browsers won't send the call.",
        )


def _health(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(replace(endpoint.get("/health"), is_patient=False))


def _judge_health(trial: Trial) -> Iterator[Violation | Undecided]:
    exchange = trial.exchange
    if exchange.response is None or exchange.status in (401, 403, 429):
        yield Undecided(exchange.problem or f"the endpoint answered {exchange.status}")
    elif exchange.status != 200:
        yield Violation(
            where="status",
            expected="200, as the model answers calls",
            actual=f"{exchange.status}, {show(exchange.response.content[:100])}",
        )


CHECKS: tuple[Check, ...] = (
    Check(
        clause="route.inference", examples=plain_calls, watches=_is_called, judge=_judge_inference
    ),
    Check(
        clause="route.model-names",
        examples=_escaped,
        judge=judge_same("the call with a slash in its path"),
    ),
    Check(
        clause="route.pipeline",
        examples=_pipelines,
        judge=judge_same("the call at /models/{id}"),
    ),
    Check(
        clause="route.unknown-model",
        examples=_unknown_models,
        judge=_judge_unknown_model,
        sees_all=True,  # Private models are not told apart by a 403 either.
    ),
    Check(clause="route.unknown-path", examples=_no_paths, judge=_judge_no_path),
    Check(clause="route.wrong-method", examples=_wrong_methods, judge=_judge_method),
    Check(clause="route.model-task", examples=_model_pages, judge=judge_found(_judge_task)),
    Check(clause="route.status", examples=_statuses, judge=judge_found(_judge_status)),
    Check(clause="route.framework", examples=_frameworks, judge=judge_found(_judge_framework)),
    Check(clause="route.recommended-models", examples=_recommended, judge=_judge_recommended),
    Check(clause="route.preflight", examples=_preflights, judge=_judge_preflight),
    Check(clause="route.health", examples=_health, judge=_judge_health, sees_all=True),
)

"""Look-ups: what a host tells of models below /api, if it does.

The real services leave the look-ups to another host; without any there, all stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

from nertwin.schemas import JSON, load

from ..endpoint import Endpoint
from ..exchange import Exchange, Request
from ..violations import Violation
from .answers import show
from .check import Check, Judge, Plan, Trial, Undecided, plan
from .unknown_models import UNKNOWN, error_of

TASK = "token-classification"
NO_LOOK_UPS = Undecided("this host has no look-ups")

_PROVIDER = "hf-inference"
_MAPPING = "inferenceProviderMapping"
_EXPANDS = ("expand", "expand[]", "expand%5B%5D")
_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "array": (list,),
    "object": (dict,),
}


def look_up_model(endpoint: Endpoint, query: str = "", *, model: str | None = None) -> Request:
    """What the hub tells of a model."""
    return endpoint.get(f"/api/models/{quote(model or endpoint.model, safe='/')}{query}")


def look_up_tasks(endpoint: Endpoint) -> Request:
    """What the hub tells of tasks."""
    return endpoint.get("/api/tasks")


def _look_ups(endpoint: Endpoint) -> Iterator[Plan]:
    # Either of them tells whether there are any; the last is judged.
    yield plan(look_up_tasks(endpoint), look_up_model(endpoint))


def _tasks(endpoint: Endpoint) -> Iterator[Plan]:
    yield plan(look_up_model(endpoint), look_up_tasks(endpoint))


def _mappings(endpoint: Endpoint) -> Iterator[Plan]:
    for name in _EXPANDS:
        asked = look_up_model(endpoint, f"?{name}={_MAPPING}")
        yield plan(look_up_tasks(endpoint), look_up_model(endpoint), asked)


def _missing(endpoint: Endpoint) -> Iterator[Plan]:
    missing = look_up_model(endpoint, model=UNKNOWN)
    yield plan(look_up_tasks(endpoint), look_up_model(endpoint), missing)


def judge_found(judge_document: Callable[[JSON, Trial], Iterable[Violation]]) -> Judge:
    """A judge of the object that a GET must give by 200."""

    def judge(trial: Trial) -> Iterator[Violation | Undecided]:
        exchange = trial.exchange
        if exchange.status != 200:
            yield Violation(
                where="status", expected="200", actual=f"{exchange.status}, {_brief(exchange)}"
            )
        else:
            yield from judge_document(exchange.document, trial)

    return judge


def _if_any(judge: Judge) -> Judge:
    """The judge, where this host has look-ups at all."""

    def judge_it(trial: Trial) -> Iterator[Violation | Undecided]:
        if any(each.status == 200 for each in trial.exchanges):
            yield from judge(trial)
        else:
            yield NO_LOOK_UPS

    return judge_it


def _brief(exchange: Exchange) -> str:
    if exchange.document is not None:
        return show(exchange.document)
    return show(exchange.response.content[:100] if exchange.response else b"")


def judge_fields(
    document: JSON, wanted: dict[str, tuple[type, ...]], *, where: str = "body"
) -> Iterator[Violation]:
    """Judge that an object has these fields, each of one of its types."""
    if not isinstance(document, dict):
        yield Violation(where=where, expected="an object", actual=show(document))
        return
    for name, kinds in wanted.items():
        value = document.get(name, ...)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            yield Violation(
                where=f"{where}.{name}",
                expected=" or ".join(kind.__name__ for kind in kinds),
                actual=f"no {name}" if value is ... else show(value),
            )


def _judge_info(document: JSON, trial: Trial) -> Iterator[Violation]:
    properties: Any = load("model-info")["properties"]
    known = document if isinstance(document, dict) else {}
    typed = {
        name: _KINDS[said["type"]]
        for name, said in properties.items()
        if isinstance(said.get("type"), str) and said["type"] in _KINDS and name in known
    }
    yield from judge_fields(document, {"id": (str,), "pipeline_tag": (str,), **typed})
    wanted = {"id": trial.endpoint.model, "pipeline_tag": TASK}
    for name, value in wanted.items():
        told = known.get(name)
        if isinstance(told, str) and told != value:
            yield Violation(where=f"body.{name}", expected=value, actual=told)


def _judge_mapping(document: JSON, _: Trial) -> Iterator[Violation]:
    mapping = document.get(_MAPPING) if isinstance(document, dict) else None
    # The hub gives a list to whoever asks in another way, with the provider as a member.
    named = [
        each.get("provider") if isinstance(each, dict) else each
        for each in (mapping if isinstance(mapping, dict | list) else ())
    ]
    if _PROVIDER not in named:
        yield Violation(
            where=f"body.{_MAPPING}",
            expected=f"an object with {_PROVIDER} in it",
            actual=show(mapping if mapping is not None else document),
        )


def _judge_missing(trial: Trial) -> Iterator[Violation]:
    exchange = trial.exchange
    if exchange.status != 404:
        yield Violation(
            where="status", expected="404, for there is no such model", actual=str(exchange.status)
        )
        return
    if exchange.header("x-error-code") != "RepoNotFound":
        yield Violation(
            where="header x-error-code",
            expected="RepoNotFound",
            actual=show(exchange.header("x-error-code")),
            hint="Clients know a missing model by it.",
        )
    if not exchange.header("x-error-message"):
        yield Violation(
            where="header x-error-message",
            expected="what is wrong, in words",
            actual=show(exchange.header("x-error-message") or error_of(exchange)),
        )


def _judge_tasks(document: JSON, _: Trial) -> Iterator[Violation]:
    task = document.get(TASK) if isinstance(document, dict) else None
    if not isinstance(task, dict):
        yield Violation(where=f"body.{TASK}", expected="an object", actual=show(task))
        return
    models, widgets = task.get("models"), task.get("widgetModels")
    first = models[0] if isinstance(models, list) and models else None
    if not isinstance(first, dict) or not isinstance(first.get("id"), str):
        yield Violation(
            where=f"body.{TASK}.models",
            expected="a list of objects with id, the default model first",
            actual=show(models),
        )
    if not isinstance(widgets, list) or not widgets or not isinstance(widgets[0], str):
        yield Violation(
            where=f"body.{TASK}.widgetModels",
            expected="a list of names, the default model first",
            actual=show(widgets),
        )


CHECKS: tuple[Check, ...] = (
    Check(clause="route.model-info", examples=_look_ups, judge=_if_any(judge_found(_judge_info))),
    Check(
        clause="route.provider-mapping",
        examples=_mappings,
        judge=_if_any(judge_found(_judge_mapping)),
    ),
    Check(clause="route.missing-model-info", examples=_missing, judge=_if_any(_judge_missing)),
    Check(clause="route.tasks", examples=_tasks, judge=_if_any(judge_found(_judge_tasks))),
)

"""Breaches of which addresses there are and what the look-ups tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from ..reply import Reply
from .deed import Deed
from .edits import Breaches, drop_headers, edit_object, refuse, set_header, set_json

BREACHES = Breaches()
_OTHER_TASK = "text-classification"
_MAPPING = "inferenceProviderMapping"
_EXPAND = ("expand", "expand[]")
_ADDRESSES = {"classic": "/models/", "router": "/hf-inference/models/", "dedicated": "/"}


def _lose(deed: Deed) -> Reply:
    return refuse(deed, deed.profile.unknown_path(deed.path, ()))


@BREACHES.breaks("route.inference")
def lose_address(deed: Deed) -> Reply:
    """POST to the profile's address of a model finds nothing."""
    address = _ADDRESSES[deed.profile.name]
    is_there = deed.path == "/" if address == "/" else deed.path.startswith(address)
    return _lose(deed) if deed.is_call and is_there else deed.reply


@BREACHES.breaks("route.model-names")
def lose_odd_names(deed: Deed) -> Reply:
    """A model's name of one segment, or with an encoded slash, finds nothing."""
    if not deed.is_call or not deed.named_model:
        return deed.reply
    is_odd = "/" not in deed.named_model or "%2f" in deed.path.lower()
    return _lose(deed) if is_odd else deed.reply


@BREACHES.breaks("route.pipeline")
def lose_pipeline(deed: Deed) -> Reply:
    """POST /pipeline/token-classification/{id} finds nothing."""
    return _lose(deed) if deed.is_call and deed.path.startswith("/pipeline/") else deed.reply


@BREACHES.breaks("route.unknown-model")
def misnumber_unknown_model(deed: Deed) -> Reply:
    """A model that does not exist is refused with 422."""
    return replace(deed.reply, status=422) if deed.is_unknown_model else deed.reply


@BREACHES.breaks("route.unknown-path")
def misnumber_unknown_path(deed: Deed) -> Reply:
    """A path that is none is answered by 400."""
    is_lost = deed.action is None and not deed.named_model and deed.reply.status == 404
    return replace(deed.reply, status=400) if is_lost else deed.reply


@BREACHES.breaks("route.wrong-method")
def hide_methods(deed: Deed) -> Reply:
    """The 405 has no ``allow``."""
    return drop_headers(deed.reply, b"allow") if deed.reply.status == 405 else deed.reply


@BREACHES.breaks("route.model-task")
def misname_task(deed: Deed) -> Reply:
    """GET /models/{id} tells of another task."""
    if not _tells(deed, "inference_model") or b'"pipeline_tag"' not in deed.reply.body:
        return deed.reply
    return edit_object(deed.reply, pipeline_tag=_OTHER_TASK)


@BREACHES.breaks("route.status")
def deny_load(deed: Deed) -> Reply:
    """GET /status/{id} never says that the model is loaded."""
    if not _tells(deed, "status"):
        return deed.reply
    return edit_object(deed.reply, loaded=False, state="Loadable")


@BREACHES.breaks("route.framework")
def hide_tasks(deed: Deed) -> Reply:
    """GET /framework/{framework} tells no task of its models."""
    if not _tells(deed, "framework"):
        return deed.reply
    models: list[dict[str, Any]] = orjson.loads(deed.reply.body)
    return set_json(deed.reply, [{"model_id": model["model_id"]} for model in models])


@BREACHES.breaks("route.model-info")
def misname_tag(deed: Deed) -> Reply:
    """GET /api/models/{id} without ``expand`` tells of another task."""
    if not _tells(deed, "hub_model") or _wanted(deed):
        return deed.reply
    return edit_object(deed.reply, pipeline_tag=_OTHER_TASK)


@BREACHES.breaks("route.provider-mapping")
def empty_mapping(deed: Deed) -> Reply:
    """GET /api/models/{id} with the mapping asked for names no provider."""
    if not _tells(deed, "hub_model") or _MAPPING not in _wanted(deed):
        return deed.reply
    return edit_object(deed.reply, **{_MAPPING: {}})


def _tells(deed: Deed, action: str) -> bool:
    """Whether the action has answered a GET."""
    return deed.method == "GET" and deed.action == action and deed.reply.status == 200


def _wanted(deed: Deed) -> list[str]:
    return [value for name in _EXPAND for value in deed.asked.get(name, ())]


@BREACHES.breaks("route.missing-model-info")
def hide_error_code(deed: Deed) -> Reply:
    """The 404 of GET /api/models/{id} has no ``x-error-code``."""
    if deed.action != "hub_model" or deed.reply.status != 404:
        return deed.reply
    return drop_headers(deed.reply, b"x-error-code")


@BREACHES.breaks("route.tasks")
def hide_default_models(deed: Deed) -> Reply:
    """GET /api/tasks names no models."""
    if not _tells(deed, "hub_tasks"):
        return deed.reply
    tasks: dict[str, dict[str, Any]] = orjson.loads(deed.reply.body)
    return set_json(
        deed.reply,
        {name: {**task, "models": [], "widgetModels": []} for name, task in tasks.items()},
    )


@BREACHES.breaks("route.preflight")
def forbid_post(deed: Deed) -> Reply:
    """OPTIONS allows no POST."""
    if deed.method != "OPTIONS" or "origin" not in deed.headers:
        return deed.reply
    return set_header(deed.reply, b"access-control-allow-methods", b"GET, HEAD, OPTIONS")


@BREACHES.breaks("route.health")
def fall_ill(deed: Deed) -> Reply:
    """GET /health gives 503."""
    is_asked = deed.method == "GET" and deed.path == "/health"
    return replace(deed.reply, status=503) if is_asked else deed.reply

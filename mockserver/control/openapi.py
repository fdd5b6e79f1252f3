"""OpenAPI: the description of the control API, made from its routes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nertwin.schemas import JSON

from . import PREFIX
from .describing import ID, STRING, an_object, properties_of, required_keys, schema_of
from .route import Route

_VERSION = "1"
_REFUSALS = {
    400: "Something in the request is wrong; the error says what.",
    401: "The token is missing or wrong.",
    403: "The request comes from a web page, or to a name that is not this machine's.",
    404: "There is no such session, model, fault or rule, or the control API is switched off.",
    409: "It can't be done as things are; the error says why.",
    413: "The body is too large.",
}
_PATH_PARAMETERS: dict[str, dict[str, JSON]] = {
    "id": {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "A session's id; `default` is always there.",
        "schema": {**STRING, **ID},
    },
    "model": {
        "name": "model",
        "in": "path",
        "required": True,
        "description": "A model's id; its slash may stand as it is or as %2F.",
        "schema": STRING,
    },
    "number": {
        "name": "number",
        "in": "path",
        "required": True,
        "description": "What the thing was given when it was added.",
        "schema": {"type": "integer", "minimum": 1},
    },
}


def openapi(routes: Sequence[Route]) -> dict[str, JSON]:
    """The OpenAPI 3.1 document of these routes."""
    items: dict[str, dict[str, JSON]] = {PREFIX + "openapi.json": {"get": _description()}}
    for route in routes:
        items.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route)
    paths: JSON = {path: operations for path, operations in items.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "nertwin's control API",
            "summary": "Looks into the sessions of a stand-in and changes them.",
            "version": _VERSION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "Where this document was found."}],
        "security": [{}, {"header": []}, {"bearer": []}],
        "tags": [{"name": name} for name in dict.fromkeys(map(_tag, routes))],
        "paths": paths,
        "components": {
            "schemas": {"error": an_object(error=STRING)},
            "securitySchemes": {
                "header": {"type": "apiKey", "in": "header", "name": "x-nertwin-token"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(route: Route) -> dict[str, JSON]:
    operation: dict[str, JSON] = {
        "operationId": _operation_id(route),
        "tags": [_tag(route)],
        "summary": route.summary,
        "responses": _responses(route),
    }
    parameters: list[JSON] = [_PATH_PARAMETERS[name] for name in _names(route)]
    parameters += _query_parameters(route)
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        schema: JSON = {**schema_of(route.body), **route.condition}
        if route.alternative is not None:
            schema = {"anyOf": [schema, schema_of(route.alternative)]}
        operation["requestBody"] = {
            "required": bool(route.condition or required_keys(route.body)),
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _query_parameters(route: Route) -> list[JSON]:
    if route.query is None:
        return []
    return [
        {"name": name, "in": "query", "schema": _without_null(schema)}
        for name, schema in properties_of(route.query).items()
    ]


def _without_null(schema: dict[str, JSON]) -> JSON:
    """What a query can say: leaving a key out is its null."""
    choices = schema.get("anyOf")
    return choices[0] if isinstance(choices, list) else schema


def _responses(route: Route) -> dict[str, JSON]:
    answer: dict[str, JSON] = {"description": "Done." if route.gives is None else "The answer."}
    if route.gives is not None:
        answer["content"] = {"application/json": {"schema": route.gives}}
    responses: dict[str, JSON] = {str(route.status): answer}
    statuses = {400, 401, 403, 404, *route.refuses}
    statuses |= {413} if route.body else set()
    statuses |= {409} if route.is_of_session else set()
    for status in sorted(statuses):
        responses[str(status)] = _refusal(status)
    return responses


def _refusal(status: int) -> JSON:
    schema: JSON = {"$ref": "#/components/schemas/error"}
    return {"description": _REFUSALS[status], "content": {"application/json": {"schema": schema}}}


def _description() -> dict[str, JSON]:
    answer: JSON = {
        "description": "This document.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
    return {
        "operationId": "getOpenapi",
        "tags": ["health"],
        "summary": "Describe the control API",
        "responses": {"200": answer, **{str(each): _refusal(each) for each in (401, 403, 404)}},
    }


def _names(route: Route) -> list[str]:
    return re.findall(r"\{(\w+)\}", route.path)


def _tag(route: Route) -> str:
    """What the route is about: the last word of its path that is common to its kind."""
    words = [word for word in re.split(r"[/.]", route.path) if not word.startswith("{")]
    return words[1] if len(words) > 1 else words[0]


def _operation_id(route: Route) -> str:
    words = re.findall(r"\w+", route.path)
    return route.method.lower() + "".join(word.title() for word in words)

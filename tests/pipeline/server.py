"""The web service of the inference toolkit, in short: a request for a pipeline, an answer from it.

``main`` is what dedicated endpoints run; with ``compat`` it is the branch behind the router.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from itertools import count
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_JSON = "application/json"
_TYPES = (_JSON, "text/csv", "text/plain", "image/png", "audio/x-flac")


def make_app(pipe: Any, model: str, *, compat: bool) -> Starlette:
    """The service of one pipeline."""
    handler = _Handler(pipe, {"aggregation_strategy": "simple"} if compat else {})

    async def predict(request: Request) -> Response:
        if request.path_params.get("model", model) != model:
            return _error("Model not supported by provider hf-inference")
        try:
            accept = _answer_type(request.headers)
            payload = _read(request, await request.body())
            found = await run_in_threadpool(handler.answer, payload)
            body = orjson.dumps(found, option=orjson.OPT_SERIALIZE_NUMPY)
            return Response(body, media_type=accept)
        except Exception as error:  # As the toolkit does: whatever it was, a 400 with its words.
            return _error(str(error))

    async def health(_: Request) -> Response:
        return PlainTextResponse("Ok")

    calls = ("/hf-inference/models/{model:path}",) if compat else ("/", "/predict")
    return Starlette(
        routes=[
            *(Route(path, predict, methods=["POST"]) for path in calls),
            *(Route(path, health, methods=["GET"]) for path in ("/", "/health")),
        ],
        middleware=[Middleware(_Front), Middleware(CORSMiddleware, allow_origins=["*"])]
        if compat
        else [],
    )


class _Front:
    """What the router's front adds to each reply: an id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        line = (b"x-request-id", f"Root=1-{next(self._numbers):024x}".encode())

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], line]
            await send(message)

        await self._app(scope, receive, send_on)


class _Handler:
    """The pipeline, called once at a time: its tokenizer can't be borrowed by two."""

    def __init__(self, pipe: Any, defaults: Mapping[str, Any]) -> None:
        self._pipe = pipe
        self._defaults = defaults
        self._lock = threading.Lock()

    def answer(self, payload: dict[str, Any]) -> Any:
        inputs = payload.pop("inputs", payload)
        parameters = {**self._defaults, **payload.pop("parameters", {})}
        with self._lock:
            if isinstance(inputs, dict):
                return self._pipe(**inputs, **parameters)
            return self._pipe(inputs, **parameters)


def _read(request: Request, body: bytes) -> dict[str, Any]:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != _JSON:
        supported = ", ".join(_TYPES)
        message = f'Content type "{content_type}" not supported. Supported are: {supported}'
        raise ValueError(message)
    payload = orjson.loads(body)
    if "inputs" not in payload:
        message = f"Body needs to provide a inputs key, received: {orjson.dumps(payload)!r}"
        raise ValueError(message)
    if request.query_params and "parameters" not in payload:
        payload["parameters"] = dict(request.query_params)
    return dict(payload)


def _answer_type(headers: Mapping[str, str]) -> str:
    accept = headers.get("accept", "*/*")
    if accept not in ("*/*", _JSON):
        message = f"Accept type {accept} not supported."
        raise ValueError(message)
    return _JSON


def _error(message: str) -> Response:
    return Response(json.dumps({"error": message}), status_code=400, media_type=_JSON)

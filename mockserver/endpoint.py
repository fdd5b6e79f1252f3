"""Endpoint: the bytes of a request in, the bytes of the answer out."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import unquote
from zlib import crc32

import orjson
from starlette.requests import Request

from nertwin.schemas import JSON

from .classifier import InferenceError, classify
from .entities import Entity, to_json
from .models import Model, ModelRegistry, UnknownModel
from .payload import ClassifyRequest, InvalidRequest, Problem, UnknownParameter, parse_request
from .profiles import Profile
from .profiles.profile import Computation
from .reply import Headers, Refusal, Reply
from .settings import Settings

_LOG = logging.getLogger("nertwin.models")
_MOST_REMEMBERED = 1000
# A larger body is classified in a thread, so that other requests don't wait for it.
_LARGE = 32 * 1024
_EVENT_STREAM: Headers = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)


class BodyTooLarge(Exception):
    """The body has more bytes than the settings allow."""


class Endpoint:
    """Answers ``POST /models/{id}`` in the dialect of one profile."""

    def __init__(self, settings: Settings, models: ModelRegistry, profile: Profile) -> None:
        self.settings = settings
        self.models = models
        self.profile = profile
        self._named: set[str] = set()

    async def classify(self, request: Request) -> Reply:
        """The reply to a request for the model in the path, or the default one."""
        try:
            model = self.models.model(self._model_id(request))
        except UnknownModel as error:
            return self.unknown_model(error)
        try:
            body = await read_body(request, self.settings.max_body_bytes)
        except BodyTooLarge:
            return self.refuse(self.profile.body_too_large(self.settings.max_body_bytes), model)
        encoding = request.headers.get("content-encoding", "identity")
        if encoding != "identity":
            problem = Problem(
                "body", f"content-encoding {encoding} is not understood; send it plain"
            )
            return self.refuse(self.profile.invalid_request((problem,)), model)
        if len(body) > _LARGE:
            return await asyncio.to_thread(self.answer, model, body)
        return self.answer(model, body)

    def answer(self, model: Model, body: bytes) -> Reply:
        """The reply of ``model`` to ``body``. Pure: same bytes, same reply."""
        profile = self.profile
        try:
            request = parse_request(body)
        except InvalidRequest as error:
            return self.refuse(profile.invalid_request(error.problems), model)
        except UnknownParameter as error:
            return self.refuse(profile.unknown_parameter(error.name), model, hint=str(error))
        if request.stream and self.settings.stream == "reject":
            return self.refuse(profile.stream_refused(), model)
        try:
            answers = self._classify_all(model, request)
        except InferenceError as error:
            hint = f"{error.path}: {error}"
            return self.refuse(profile.inference_error(str(error)), model, hint=hint)
        headers = profile.answer_headers(_computation(model, request))
        if request.stream and self.settings.stream == "sse":
            return Reply(200, _EVENT_STREAM + headers[1:], _render_events(answers, request))
        return Reply(200, headers, orjson.dumps(_nest(answers, request)))

    def refuse(self, refusal: Refusal, model: Model | None = None, *, hint: str = "") -> Reply:
        """The reply that refuses a request, with a hint of ours if hints are on."""
        body = orjson.dumps(_shape_error(refusal.body, self.settings.error_form))
        headers = self.profile.refusal_headers(refusal, model.card.commit if model else "")
        if refusal.stage == "gateway":
            headers += ((b"content-length", str(len(body)).encode()),)
        hint = hint or refusal.hint
        if hint and self.settings.hints:
            headers += ((b"x-nertwin-hint", header_text(hint)),)
        return Reply(refusal.status, headers, body)

    def unknown_model(self, error: UnknownModel) -> Reply:
        """The 404 of an unknown model; the log names each such id once."""
        if error.model_id not in self._named and len(self._named) < _MOST_REMEMBERED:
            self._named.add(error.model_id)
            _LOG.warning("%s", error)
        return self.refuse(self.profile.unknown_model(error.model_id), hint=str(error))

    def _model_id(self, request: Request) -> str:
        """The model that the path names; the root path names none and means the default."""
        return model_id(request) if request.path_params else self.settings.default_model

    def _classify_all(self, model: Model, request: ClassifyRequest) -> list[list[Entity]]:
        default = self.profile.default_strategy
        return [
            classify(model, text, request.parameters, default_strategy=default)
            for text in request.texts
        ]


def model_id(request: Request) -> str:
    """The model that the path names, also where a client has encoded its slash twice."""
    return unquote(request.path_params.get("model", ""))


async def read_body(request: Request, limit: int) -> bytes:
    """The body of ``request``.

    Raises:
        BodyTooLarge: It is longer than ``limit`` bytes; no more than that is ever held.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise BodyTooLarge
    chunks: list[bytes] = []
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > limit:
            raise BodyTooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def header_text(text: str) -> bytes:
    """The text as one header line of printable ASCII, at most 500 bytes long."""
    printable = text.encode("ascii", "backslashreplace")
    return bytes(byte if 32 <= byte < 127 else 32 for byte in printable)[:500]


def _computation(model: Model, request: ClassifyRequest) -> Computation:
    # A made-up time that is equal for equal requests: a clock would make answers differ.
    spread = crc32("\0".join(request.texts).encode()) % 100
    characters = sum(map(len, request.texts))
    return Computation(
        sha=model.card.commit,
        characters=characters,
        seconds=0.030 + spread / 1000 + characters / 100_000,
    )


def _nest(answers: list[list[Entity]], request: ClassifyRequest) -> JSON:
    rendered: list[JSON] = [[to_json(entity) for entity in answer] for answer in answers]
    return rendered if request.is_batch else rendered[0]


def _render_events(answers: list[list[Entity]], request: ClassifyRequest) -> bytes:
    """One event an entity (of a batch: one a text), then the end mark."""
    nested = _nest(answers, request)
    items = nested if isinstance(nested, list) else []
    events = [b"data: " + orjson.dumps(item) + b"\n\n" for item in items]
    return b"".join([*events, b"data: [DONE]\n\n"])


def _shape_error(body: JSON, form: str) -> JSON:
    """The body with its error as one string, where the settings ask for that."""
    if form == "string" and isinstance(body, dict) and isinstance(body.get("error"), list):
        return {**body, "error": "\n".join(map(str, body["error"]))}  # type: ignore[arg-type]
    return body

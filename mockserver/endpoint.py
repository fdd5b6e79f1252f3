"""Endpoint: the bytes of a request in, the bytes of the answer out. Pure but for its log."""

from __future__ import annotations

import logging
from threading import Event
from urllib.parse import unquote
from zlib import crc32

import orjson
from starlette.requests import Request

from nertwin.schemas import JSON

from .classifier import InferenceError, classify
from .entities import Entity, to_json
from .errors import ServerEnds
from .incoming import Incoming
from .models import Model, ModelRegistry, UnknownModel
from .payload import ClassifyRequest
from .profiles import Profile, find_profile
from .profiles.profile import Computation
from .renderings import Renderings
from .reply import Headers, Refusal, Reply, content_length, header_text, json_body
from .settings import Settings
from .windows import BadStride

_LOG = logging.getLogger("nertwin.models")
_MOST_REMEMBERED = 1000
_EVENT_STREAM: Headers = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)


class Endpoint:
    """Answers ``POST /models/{id}`` in the dialect of one profile."""

    def __init__(
        self,
        settings: Settings,
        models: ModelRegistry,
        *,
        ending: Event | None = None,
        named: set[str] | None = None,
        renderings: Renderings | None = None,
    ) -> None:
        self.settings = settings
        self.models = models
        self.profile: Profile = find_profile(settings.profile)
        self._ending = Event() if ending is None else ending
        self._named: set[str] = set() if named is None else named
        self._renderings = Renderings() if renderings is None else renderings

    def in_settings(self, settings: Settings) -> Endpoint:
        """An endpoint over the same models that answers by other settings."""
        return Endpoint(
            settings,
            self.models,
            ending=self._ending,
            named=self._named,
            renderings=self._renderings,
        )

    def answer(self, model: Model, body: bytes) -> Reply:
        """The reply of ``model`` to a bare ``body``, without headers or a query."""
        return self.reply(model, Incoming(body=body))

    def reply(self, model: Model, incoming: Incoming) -> Reply:
        """The reply of ``model`` to what came. Pure: same bytes, same reply."""
        parsed = self.read(model, incoming)
        return parsed if isinstance(parsed, Reply) else self.respond(model, parsed, incoming)

    def close(self) -> None:
        """Give up what is being computed; a server that ends calls it."""
        self._ending.set()

    def read(self, model: Model, incoming: Incoming) -> ClassifyRequest | Reply:
        """The request that came, or the reply that refuses it."""
        request = self.profile.read(incoming, model.tokenizer)
        if isinstance(request, Refusal):
            return self.refuse(request, model)
        if request.stream and self.settings.stream == "reject":
            return self.refuse(self.profile.stream_refused(), model)
        return request

    def streams(self, request: ClassifyRequest) -> bool:
        """Whether the answer goes out as a stream of events."""
        return bool(request.stream) and self.settings.stream == "sse"

    def respond(self, model: Model, request: ClassifyRequest, incoming: Incoming) -> Reply:
        """The answer to a request that has been read."""
        profile = self.profile
        is_stream = self.streams(request)
        try:
            if is_stream:
                body = self._render_events(self._classify_all(model, request), request)
            else:
                body = self._render(model, request)
            accept = incoming.headers.get("accept")
            headers = profile.answer_headers(computation(model, request, accept))
        except BadStride as error:
            return self.refuse(profile.crash(), model, hint=f"parameters.stride: {error}")
        except InferenceError as error:
            hint = f"{error.path}: {error}"
            return self.refuse(profile.inference_error(str(error)), model, hint=hint)
        if is_stream:
            return Reply(200, _EVENT_STREAM + headers[1:], body)
        if not profile.is_chunked:
            headers += (content_length(body),)
        return Reply(200, headers, body)

    def refuse(self, refusal: Refusal, model: Model | None = None, *, hint: str = "") -> Reply:
        """The reply that refuses a request, with a hint of ours if hints are on."""
        body = _render_error(refusal.body, self.settings.error_form)
        headers = self.profile.refusal_headers(refusal, model.card.commit if model else "")
        headers += refusal.headers
        if refusal.stage == "gateway" or not self.profile.is_chunked:
            headers += (content_length(body),)
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

    def commit(self, model_id: str) -> str:
        """The model's commit; empty if it is not served."""
        try:
            return self.models.card(model_id).commit
        except UnknownModel:
            return ""

    def model_id(self, request: Request) -> str:
        """The model that the path names; the root path names none and means the default."""
        return model_id(request) if request.path_params else self.settings.default_model

    def _render(self, model: Model, request: ClassifyRequest) -> bytes:
        """The answer as JSON, found again where the same was asked before."""
        profile = self.profile.name
        body = self._renderings.find(profile, model, request)
        if body is None:
            body = json_body(self._nest(self._classify_all(model, request), request))
            self._renderings.keep(profile, model, request, body)
        return body

    def _classify_all(self, model: Model, request: ClassifyRequest) -> list[list[Entity]]:
        default = self.profile.default_strategy
        answers = []
        for text in request.texts:
            if self._ending.is_set():
                raise ServerEnds
            answers.append(classify(model, text, request.parameters, default_strategy=default))
        return answers

    def _nest(self, answers: list[list[Entity]], request: ClassifyRequest) -> JSON:
        score = self.profile.score
        rendered: list[JSON] = [[to_json(entity, score) for entity in each] for each in answers]
        return rendered if request.is_batch else rendered[0]

    def _render_events(self, answers: list[list[Entity]], request: ClassifyRequest) -> bytes:
        """One event an entity (of a batch: one a text), then the end mark."""
        nested = self._nest(answers, request)
        items = nested if isinstance(nested, list) else []
        events = [b"data: " + orjson.dumps(item) + b"\n\n" for item in items]
        return b"".join([*events, b"data: [DONE]\n\n"])


def model_id(request: Request) -> str:
    """The model that the path names, also where a client has encoded its slash twice."""
    named: str = request.path_params.get("model", "")
    return unquote(named) if "%" in named else named


def computation(model: Model, request: ClassifyRequest, accept: str | None) -> Computation:
    """What the headers of the answer tell of its making."""
    # A made-up time that is equal for equal requests: a clock would make answers differ.
    spread = crc32("\0".join(request.texts).encode()) % 100
    characters = sum(map(len, request.texts))
    return Computation(
        sha=model.card.commit,
        characters=characters,
        seconds=0.030 + spread / 1000 + characters / 100_000,
        accept=accept,
    )


def _render_error(body: JSON, form: str) -> bytes:
    return body.encode() if isinstance(body, str) else json_body(_shape_error(body, form))


def _shape_error(body: JSON, form: str) -> JSON:
    """The body with its error as one string, where the settings ask for that."""
    if form == "string" and isinstance(body, dict) and isinstance(body.get("error"), list):
        return {**body, "error": "\n".join(map(str, body["error"]))}  # type: ignore[arg-type]
    return body

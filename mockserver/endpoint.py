"""Endpoint: the bytes of a request in, the bytes of the answer out."""

from __future__ import annotations

import asyncio
import logging
import math
from functools import partial
from urllib.parse import unquote
from zlib import crc32

import orjson
from starlette.requests import Request

from nertwin.schemas import JSON

from .availability import Serve, settle
from .cache import CachedAnswer, CacheKey, cache_key
from .classifier import InferenceError, classify
from .clock import parse_clock
from .entities import Entity, to_json
from .errors import ServerEnds
from .incoming import Incoming
from .layers import SESSION
from .leaving import unless_left
from .models import Model, ModelRegistry, UnknownModel
from .payload import ClassifyRequest
from .profiles import Profile
from .profiles.profile import Computation, Serverless
from .reply import Headers, Refusal, Reply
from .sessions import Session, Sessions
from .settings import Settings
from .windows import SPECIAL_TOKENS, BadStride
from .wishes import read_wishes

_LOG = logging.getLogger("nertwin.models")
_MOST_REMEMBERED = 1000
# More characters than that are classified in a thread, so that other requests don't wait.
_LARGE = 16 * 1024
_WORK_OF_A_TEXT = 50  # What even an empty text of a batch costs, in characters.
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
        self.sessions = Sessions(
            partial(parse_clock, settings.clock),
            most=settings.max_sessions,
            ttl=math.inf if settings.cache_ttl is None else settings.cache_ttl,
        )
        self._named: set[str] = set()
        self._closed = False

    async def classify(self, request: Request) -> Reply:
        """The reply to a request for the model in the path, or the default one."""
        try:
            model = self.models.model(self._model_id(request))
        except UnknownModel as error:
            return self.unknown_model(error)
        try:
            body = await read_body(request, self.settings.max_body_bytes)
        except BodyTooLarge:
            return self.refuse(_body_too_large(self.settings.max_body_bytes), model)
        query = dict(request.query_params) if request.scope["query_string"] else {}
        incoming = Incoming(body=body, headers=request.headers, query=query)
        parsed = self._read(model, incoming)
        if isinstance(parsed, Reply):
            return parsed
        if self.profile.serverless is None:
            return await self._compute(model, parsed, incoming)
        return await self._serve(self.profile.serverless, request, model, parsed, incoming)

    def answer(self, model: Model, body: bytes) -> Reply:
        """The reply of ``model`` to a bare ``body``, without headers or a query."""
        return self.reply(model, Incoming(body=body))

    def reply(self, model: Model, incoming: Incoming) -> Reply:
        """The reply of ``model`` to what came. Pure: same bytes, same reply."""
        parsed = self._read(model, incoming)
        return parsed if isinstance(parsed, Reply) else self._respond(model, parsed, incoming)

    def close(self) -> None:
        """Give up what is being computed; a server that ends calls it."""
        self._closed = True

    def _read(self, model: Model, incoming: Incoming) -> ClassifyRequest | Reply:
        """The request that came, or the reply that refuses it."""
        request = self.profile.read(incoming, model.tokenizer)
        if isinstance(request, Refusal):
            return self.refuse(request, model)
        if request.stream and self.settings.stream == "reject":
            return self.refuse(self.profile.stream_refused(), model)
        return request

    async def _serve(
        self,
        serverless: Serverless,
        request: Request,
        model: Model,
        parsed: ClassifyRequest,
        incoming: Incoming,
    ) -> Reply:
        """The reply in the request's session: kept, refused while the model loads, or computed."""
        session: Session = request.scope[SESSION]
        wishes = read_wishes(incoming.headers, parsed.options)
        card = model.card
        key: CacheKey | None = None
        if self.settings.cache and wishes.use_cache:
            form = "sse" if self._streams(parsed) else "json"
            key = cache_key(card.id, card.commit, parsed, form=form)
            kept = session.cache.find(key)
            if kept is not None:
                return Reply(200, serverless.cached_headers(kept, card.commit), kept.body)
        state = session.state(card.id, card.life)
        if state.stage != "ready":
            waiting = settle(
                state,
                session.clock,
                wait=wishes.wait_for_model,
                load_model=wishes.load_model,
                longest=self.settings.wait_limit,
            )
            decision = await (unless_left(request, waiting) if wishes.wait_for_model else waiting)
            if not isinstance(decision, Serve):
                return self.refuse(serverless.refuse_call(card.id, decision), model)
        reply = await self._compute(model, parsed, incoming)
        if key is not None and reply.status == 200:
            session.cache.keep(key, _kept(model, parsed, reply))
        return reply

    async def _compute(self, model: Model, request: ClassifyRequest, incoming: Incoming) -> Reply:
        if _work(model, request) > _LARGE:
            return await asyncio.to_thread(self._respond, model, request, incoming)
        return self._respond(model, request, incoming)

    def _streams(self, request: ClassifyRequest) -> bool:
        return bool(request.stream) and self.settings.stream == "sse"

    def _respond(self, model: Model, request: ClassifyRequest, incoming: Incoming) -> Reply:
        profile = self.profile
        try:
            answers = self._classify_all(model, request)
            accept = incoming.headers.get("accept")
            headers = profile.answer_headers(_computation(model, request, accept))
        except BadStride as error:
            return self.refuse(profile.crash(), model, hint=f"parameters.stride: {error}")
        except InferenceError as error:
            hint = f"{error.path}: {error}"
            return self.refuse(profile.inference_error(str(error)), model, hint=hint)
        if self._streams(request):
            return Reply(200, _EVENT_STREAM + headers[1:], self._render_events(answers, request))
        body = orjson.dumps(self._nest(answers, request))
        if not profile.is_chunked:
            headers += (_content_length(body),)
        return Reply(200, headers, body)

    def refuse(self, refusal: Refusal, model: Model | None = None, *, hint: str = "") -> Reply:
        """The reply that refuses a request, with a hint of ours if hints are on."""
        body = _render_error(refusal.body, self.settings.error_form)
        headers = self.profile.refusal_headers(refusal, model.card.commit if model else "")
        headers += refusal.headers
        if refusal.stage == "gateway" or not self.profile.is_chunked:
            headers += (_content_length(body),)
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
        answers = []
        for text in request.texts:
            if self._closed:
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
    return unquote(request.path_params.get("model", ""))


async def read_body(request: Request, limit: int) -> bytes:
    """The body of ``request``.

    Raises:
        BodyTooLarge: It is longer than ``limit`` bytes; no more than that is ever held.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit():
        digits = declared.lstrip("0")
        if len(digits) > len(str(limit)) or int(digits or "0") > limit:
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


def _work(model: Model, request: ClassifyRequest) -> float:
    """Characters that the model reads, those counted again that windows share."""
    characters = sum(map(len, request.texts)) + len(request.texts) * _WORK_OF_A_TEXT
    room = model.tokenizer.max_length - SPECIAL_TOKENS
    stride = min(request.parameters.stride or 0, room - 1)
    return characters * room / (room - stride)


def _computation(model: Model, request: ClassifyRequest, accept: str | None) -> Computation:
    # A made-up time that is equal for equal requests: a clock would make answers differ.
    spread = crc32("\0".join(request.texts).encode()) % 100
    characters = sum(map(len, request.texts))
    return Computation(
        sha=model.card.commit,
        characters=characters,
        seconds=0.030 + spread / 1000 + characters / 100_000,
        accept=accept,
    )


def _kept(model: Model, request: ClassifyRequest, reply: Reply) -> CachedAnswer:
    return CachedAnswer(
        body=reply.body,
        seconds=_computation(model, request, None).seconds,
        content_type=dict(reply.headers)[b"content-type"],
    )


def _body_too_large(limit: int) -> Refusal:
    # The API documents no limit; the words follow those of its neighbours.
    return Refusal(
        status=413,
        body={"error": f"Request body is larger than {limit} bytes"},
        stage="gateway",
        hint=f"the limit is {limit} bytes; raise it with max_body_bytes",
    )


def _content_length(body: bytes) -> tuple[bytes, bytes]:
    return (b"content-length", str(len(body)).encode())


def _render_error(body: JSON, form: str) -> bytes:
    return body.encode() if isinstance(body, str) else orjson.dumps(_shape_error(body, form))


def _shape_error(body: JSON, form: str) -> JSON:
    """The body with its error as one string, where the settings ask for that."""
    if form == "string" and isinstance(body, dict) and isinstance(body.get("error"), list):
        return {**body, "error": "\n".join(map(str, body["error"]))}  # type: ignore[arg-type]
    return body

"""Explanations: what a session would do with a call, and why, without anything being done."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast, get_args

import orjson

from nertwin.schemas import JSON

from ..classifier import InferenceError
from ..errors import quote
from ..explain import explain
from ..foresight import GATES, Foresight, Supposed, Would, foresee
from ..session import Session
from ..settings import SESSION_KEYS, Settings
from ..windows import BadStride
from .describing import INTEGER, STRING, a_list, an_object
from .refusal import ControlRefused
from .route import Asked, Route

#: Texts of a batch that are explained.
_MOST_TEXTS = 20
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_HEADER_VALUE = re.compile(r"[\t -~\x80-\xff]*\Z")
_GATE: dict[str, JSON] = {"type": "string", "enum": list(GATES)}
_SOURCE: dict[str, JSON] = {"type": "string", "enum": ["session", "server"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A call to explain: the keys of its body, and whom it goes to."""

    inputs: Any  #: Of any type, as the API is sent them.
    parameters: Mapping[str, object] | None = None
    options: Mapping[str, object] | None = None
    stream: bool | None = None
    model: str | None = None  #: None is the session's default one.
    headers: Mapping[str, object] = field(
        default_factory=dict, metadata={"schema": {"additionalProperties": STRING}}
    )


async def _explain(asked: Asked) -> JSON:
    question: Question = asked.body
    session = asked.session
    call = Supposed(
        model_id=session.settings.default_model if question.model is None else question.model,
        body=_body(question),
        headers={"content-type": "application/json", **_headers(question.headers)},
    )
    foresight = await foresee(call, session, asked.tokens, asked.request)
    explanations = await session.aside(asyncio.to_thread, _explanations, foresight, session)
    return {
        "gate": foresight.gate,
        "status": foresight.status,
        "gates": [cast("JSON", asdict(step)) for step in foresight.steps],
        "explanations": explanations,
        "settings": {key: _source(key, session, asked.settings) for key in SESSION_KEYS},
    }


def _body(question: Question) -> bytes:
    given = {"inputs": question.inputs}
    for key in ("parameters", "options", "stream"):
        if getattr(question, key) is not None:
            given[key] = getattr(question, key)
    try:
        return orjson.dumps(given)
    except orjson.JSONEncodeError as error:
        raise ControlRefused(400, f"body: it can't be sent as JSON again: {error}") from error


def _headers(given: Mapping[str, object]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in given.items():
        if not _HEADER_NAME.match(name):
            raise ControlRefused(400, f"body: headers has {quote(name)}, which names no header")
        if not isinstance(value, str) or not _HEADER_VALUE.match(value):
            raise ControlRefused(
                400, f"body: headers: {name} can't be sent; it must be a string of Latin-1"
            )
        headers[name.lower()] = value.strip()
    return headers


def _explanations(foresight: Foresight, session: Session) -> list[JSON]:
    """Why each text would be answered as it would, if a model came to answer it."""
    model, request = foresight.model, foresight.request
    if model is None or request is None:
        return []
    profile = session.endpoint.profile
    try:
        return [
            explain(
                model,
                text,
                request.parameters,
                default_strategy=profile.default_strategy,
                score=profile.score,
            ).to_json()
            for text in request.texts[:_MOST_TEXTS]
        ]
    except (InferenceError, BadStride):  # Then the gates tell the status of the refusal.
        return []


def _source(key: str, session: Session, server: Settings) -> str:
    is_own = getattr(session.settings, key) != getattr(server, key)
    return "session" if is_own else "server"


ROUTES = (
    Route(
        method="POST",
        path="sessions/{id}/explain",
        summary="Tell what each gate would do with a call and why, without any effect",
        answer=_explain,
        body=Question,
        gives=an_object(
            gate=_GATE,
            status=INTEGER,
            gates=a_list(
                an_object(
                    gate=_GATE,
                    would={"type": "string", "enum": list(get_args(Would))},
                    why=STRING,
                )
            ),
            explanations=a_list({"type": "object"}),
            settings=an_object(**dict.fromkeys(SESSION_KEYS, _SOURCE)),
        ),
    ),
)

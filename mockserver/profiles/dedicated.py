"""Dedicated: the container of an Inference Endpoint, the toolkit's main branch, one model.

Every exception is a 400 with its text; wrong paths and methods are the web framework's to
refuse, in plain text. What stands before the container adds nothing here.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from ..float32 import shortest
from ..mediatypes import answer_type_to_the_letter, content_type_to_the_letter
from ..reply import Headers, Refusal
from ..toolkit import Branch, crash, read, refuse
from .profile import Computation, Profile, Routes, TokenUse

_BRANCH = Branch(content_type=content_type_to_the_letter)
_SERVER = (b"server", b"uvicorn")
_ROUTES: Routes = {
    "/": {"POST": "classify", "GET": "health"},
    "/predict": {"POST": "classify"},
    "/health": {"GET": "health"},
    "/openapi.json": {"GET": "openapi"},
}


def _answer_headers(computation: Computation) -> Headers:
    accepted = answer_type_to_the_letter(computation.accept)
    return ((b"content-type", accepted.encode("latin-1")), _SERVER)


def _refusal_headers(refusal: Refusal, _: str) -> Headers:
    is_plain = isinstance(refusal.body, str)
    content_type = b"text/plain; charset=utf-8" if is_plain else b"application/json"
    return ((b"content-type", content_type), _SERVER)


def _common_headers(_number: int, _headers: Headers) -> Headers:
    return ()


def _unknown_model(_: str) -> Refusal:
    return _unknown_path("", ())


def _unknown_path(_path: str, _served: Collection[str]) -> Refusal:
    return Refusal(status=404, body="Not Found", stage="gateway", hint="POST / or /predict")


def _wrong_method(_method: str, path: str, allowed: str) -> Refusal:
    hint = f"{path} takes {allowed}"
    return Refusal(status=405, body="Method Not Allowed", stage="gateway", hint=hint)


def _unauthorized() -> Refusal:
    # What stands before a protected endpoint says 401; its words are a choice.
    return Refusal(status=401, body={"error": "Unauthorized"}, stage="gateway")


def _read_only_token() -> Refusal:
    return Refusal(status=403, body={"error": "Forbidden"}, stage="gateway")


def _quota_exceeded(_: TokenUse) -> Refusal:
    return Refusal(status=429, body={"error": "Too Many Requests"}, stage="gateway")


DEDICATED = Profile(
    name="dedicated",
    default_strategy="none",
    routes=_ROUTES,
    grants_preflight=False,
    is_chunked=False,
    read=partial(read, branch=_BRANCH),
    score=shortest,
    common_headers=_common_headers,
    answer_headers=_answer_headers,
    refusal_headers=_refusal_headers,
    inference_error=refuse,
    crash=crash,
    stream_refused=lambda: refuse("`stream` is not supported for this model"),
    unknown_model=_unknown_model,
    unknown_path=_unknown_path,
    wrong_method=_wrong_method,
    missing_token=_unauthorized,
    invalid_token=_unauthorized,
    read_only_token=_read_only_token,
    quota_exceeded=_quota_exceeded,
)

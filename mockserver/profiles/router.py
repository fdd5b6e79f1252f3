"""Router: router.huggingface.co/hf-inference since spring 2025.

The hub's front stands before the toolkit's branch for compatibility with the classic API.
The front's headers are those recorded in March 2025; of today's there is no recording.
"""

from __future__ import annotations

from functools import partial
from hashlib import blake2b

from ..float32 import shortest
from ..mediatypes import answer_type, content_type
from ..reply import Headers, Refusal
from ..requestids import request_id
from ..signposts import unknown_path, wrong_method
from ..toolkit import Branch, crash, read, refuse
from .profile import Computation, Profile, Routes, TokenUse

_BRANCH = Branch(content_type=content_type, default_strategy="simple")
_ROUTES: Routes = {
    "/hf-inference/models/{model:path}/pipeline/token-classification": {"POST": "classify"},
    "/hf-inference/models/{model:path}": {"POST": "classify"},
    "/hf-inference/pipeline/token-classification/{model:path}": {"POST": "classify"},
    "/api/models/{model:path}": {"GET": "hub_model"},
    "/api/models": {"GET": "hub_models"},
    "/api/tasks": {"GET": "hub_tasks"},
    "/": {"GET": "index"},
    "/health": {"GET": "health"},
    "/openapi.json": {"GET": "openapi"},
}
_SERVER = (b"server", b"uvicorn")
_FRONT: Headers = (
    (
        b"access-control-expose-headers",
        b"X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,"
        b"Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash",
    ),
    (b"vary", b"Origin"),
    (b"x-powered-by", b"huggingface-moon"),
    (b"x-robots-tag", b"none"),
)
_COMMON: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"via", b"1.1 0123456789abcdef0123456789abcdef.cloudfront.net (CloudFront)"),
    (b"x-amz-cf-pop", b"CDG50-P2"),
)


def _answer_headers(computation: Computation) -> Headers:
    accepted = answer_type(computation.accept)
    inference_id = request_id(computation.characters * 1000 + round(computation.seconds * 1000))
    return (
        (b"content-type", accepted.encode("latin-1")),
        _SERVER,
        *_FRONT,
        (b"x-cache", b"Miss from cloudfront"),
        (b"x-inference-id", inference_id),
    )


def _refusal_headers(refusal: Refusal, _: str) -> Headers:
    failed = (*_FRONT, (b"x-cache", b"Error from cloudfront"))
    if isinstance(refusal.body, str):
        return ((b"content-type", b"text/plain; charset=utf-8"), *failed)
    if refusal.stage == "gateway":
        return ((b"content-type", b"application/json; charset=utf-8"), *failed)
    return ((b"content-type", b"application/json"), _SERVER, *failed)


def _common_headers(number: int, headers: Headers) -> Headers:
    digest = blake2b(number.to_bytes(8), digest_size=36).hexdigest()
    name = f"Root=1-{digest[:8]}-{digest[8:32]}".encode()
    # The front names the client's own trace after its own.
    traces = [value for name_, value in headers if name_ == b"x-amzn-trace-id"]
    return (
        *_COMMON,
        (b"x-amz-cf-id", digest[32:].encode()),
        (b"x-request-id", b";".join([name, *traces])),
    )


def _unknown_model(_: str) -> Refusal:
    error = "Model not supported by provider hf-inference"
    return Refusal(status=400, body={"error": error}, stage="gateway")


def _unauthorized(message: str) -> Refusal:
    headers = (
        (b"www-authenticate", b'Bearer realm="Authentication required", charset="UTF-8"'),
        (b"x-error-message", message.encode()),
    )
    return Refusal(status=401, body={"error": message}, stage="gateway", headers=headers)


def _read_only_token() -> Refusal:
    error = (
        "This authentication method does not have sufficient permissions to call Inference"
        " Providers on behalf of user nertwin"
    )
    return Refusal(status=403, body={"error": error}, stage="gateway")


def _quota_exceeded(use: TokenUse) -> Refusal:
    if use == "anonymous":  # Who sends no token has no credits; the front's words are a choice.
        return Refusal(status=429, body={"error": "Too Many Requests"}, stage="gateway")
    error = (
        "You have exceeded your monthly included credits for Inference Providers. Subscribe to"
        " PRO to get 20x more monthly included credits."
    )
    return Refusal(status=402, body={"error": error}, stage="gateway")


ROUTER = Profile(
    name="router",
    default_strategy="simple",
    routes=_ROUTES,
    grants_preflight=True,
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
    unknown_path=partial(unknown_path, models="/hf-inference/models/"),
    wrong_method=wrong_method,
    missing_token=partial(_unauthorized, "Invalid username or password."),
    invalid_token=partial(_unauthorized, "Invalid credentials in Authorization header"),
    read_only_token=_read_only_token,
    quota_exceeded=_quota_exceeded,
)

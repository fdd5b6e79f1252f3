"""Classic: the serverless Inference API from 2021 to spring 2025, the seed's own time.

Header sets and bodies are those of recorded traffic (huggingface_hub and huggingface.js
test recordings, 2023 to 2025); texts of validation errors follow their recorded pattern.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from ..cache import CachedAnswer
from ..incoming import Incoming
from ..payload import ClassifyRequest, InvalidRequest, Problem, UnknownParameter, parse_request
from ..reply import Headers, Refusal
from ..requestids import request_id
from ..signposts import unknown_path, wrong_method
from ..tokenizer import Tokenizer
from .profile import Computation, Profile, Routes, Serverless, TokenUse

if TYPE_CHECKING:
    from ..availability import Refused

_JSON = (b"content-type", b"application/json")
_VARY = (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
_CREDENTIALS = (b"access-control-allow-credentials", b"true")
_EXPOSED = (b"access-control-expose-headers", b"x-compute-type, x-compute-time")
_SERVER = (b"server", b"uvicorn")
_CPU = (b"x-compute-type", b"cpu")
# What the recorded errors of a model server say of their time.
_FAILED_IN = (b"x-compute-time", b"0.001")
_ROUTES: Routes = {
    "/models/{model:path}": {"POST": "classify", "GET": "inference_model"},
    "/hf-inference/models/{model:path}": {"POST": "classify", "GET": "inference_model"},
    "/": {"POST": "classify", "GET": "index"},
    "/api/models/{model:path}": {"GET": "hub_model"},
    "/pipeline/token-classification/{model:path}": {"POST": "classify"},
    "/api/models": {"GET": "hub_models"},
    "/api/tasks": {"GET": "hub_tasks"},
    "/status/{model:path}": {"GET": "status"},
    "/framework/{framework}": {"GET": "framework"},
    "/health": {"GET": "health"},
    "/openapi.json": {"GET": "openapi"},
}


def _read(incoming: Incoming, _: Tokenizer) -> ClassifyRequest | Refusal:
    encoding = incoming.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        message = f"content-encoding {encoding} is not understood; send it plain"
        return _invalid_request((Problem("body", message),))
    try:
        return parse_request(incoming.body)
    except InvalidRequest as error:
        return _invalid_request(error.problems)
    except UnknownParameter as error:
        return _unknown_parameter(error)


def _answer_headers(computation: Computation) -> Headers:
    return (
        _JSON,
        _CREDENTIALS,
        _EXPOSED,
        _SERVER,
        _VARY,
        (b"x-compute-characters", str(computation.characters).encode()),
        (b"x-compute-time", f"{computation.seconds:.3f}".encode()),
        _CPU,
        (b"x-sha", computation.sha.encode()),
    )


def _common_headers(number: int, headers: Headers) -> Headers:
    """What every reply of the classic gateway has: a request id and, for browsers, the origin."""
    extra = ((b"x-request-id", request_id(number)),)
    for name, origin in headers:
        if name == b"origin":
            # The recorded credentials and Vary headers are those of a layer that echoes it.
            return (*extra, (b"access-control-allow-origin", origin))
    return extra


def _refuse_call(model_id: str, why: Refused) -> Refusal:
    from .loading import refuse_call  # Most models are ready.

    return refuse_call(model_id, why)


def _cached_headers(answer: CachedAnswer, sha: str) -> Headers:
    return _headers_of_cached(answer.content_type, len(answer.body), answer.seconds, sha)


@lru_cache(maxsize=1024)
def _headers_of_cached(content_type: bytes, length: int, seconds: float, sha: str) -> Headers:
    return (
        (b"content-type", content_type),
        (b"content-length", str(length).encode()),
        _CREDENTIALS,
        _VARY,
        (b"x-compute-time", f"{seconds:.3f}".encode()),
        (b"x-compute-type", b"cache"),
        (b"x-sha", sha.encode()),
    )


def _refusal_headers(refusal: Refusal, sha: str) -> Headers:
    if refusal.stage == "gateway":
        return (_JSON, _CREDENTIALS, _VARY)
    commit = ((b"x-sha", sha.encode()),) if sha else ()
    if refusal.stage == "validation":
        return (_JSON, _CREDENTIALS, _SERVER, _VARY, *commit)
    return (_JSON, _CREDENTIALS, _EXPOSED, _SERVER, _VARY, _FAILED_IN, _CPU, *commit)


def _invalid_request(problems: tuple[Problem, ...]) -> Refusal:
    # Recorded: {"error":["Error in `inputs.context`: field required"]}.
    errors = [f"Error in `{path}`: {message}" for path, message in problems]
    return Refusal(
        status=400,
        body={"error": list(errors)},
        stage="validation",
        hint="; ".join(f"{path}: {message}" for path, message in problems),
    )


def _unknown_parameter(error: UnknownParameter) -> Refusal:
    refusal = _inference_error(
        "TokenClassificationPipeline._sanitize_parameters() got an unexpected keyword argument"
        f" {error.name!r}"
    )
    return refusal._replace(hint=str(error))


def _inference_error(message: str) -> Refusal:
    warnings = [f"There was an inference error: {message}"]
    return Refusal(
        status=400, body={"error": message, "warnings": list(warnings)}, stage="inference"
    )


def _stream_refused() -> Refusal:
    return Refusal(
        status=400,
        body={"error": ["Error in `stream`: `stream` is not supported for this model"]},
        stage="validation",
        hint="token classification has no streams; leave `stream` out",
    )


def _unknown_model(model_id: str) -> Refusal:
    return Refusal(status=404, body={"error": f"Model {model_id} does not exist"}, stage="gateway")


def _missing_token() -> Refusal:
    # Recorded in January 2025: 429, where others say 401.
    error = "Please log in or use a HF access token"
    return Refusal(status=429, body={"error": error}, stage="gateway")


def _invalid_token() -> Refusal:
    error = "Authorization header is correct, but the token seems invalid"
    return Refusal(status=400, body={"error": error}, stage="gateway")


def _quota_exceeded(_: TokenUse) -> Refusal:
    # Recorded without a token; what those with one were told is not.
    error = "Rate limit reached. Please log in or use a HF access token"
    return Refusal(status=429, body={"error": error}, stage="gateway")


CLASSIC = Profile(
    name="classic",
    default_strategy="simple",
    routes=_ROUTES,
    grants_preflight=True,
    is_chunked=True,
    read=_read,
    score=float,
    common_headers=_common_headers,
    answer_headers=_answer_headers,
    refusal_headers=_refusal_headers,
    inference_error=_inference_error,
    # A stride that could crash a model server is refused when the request is checked.
    crash=partial(_inference_error, "unknown error"),
    stream_refused=_stream_refused,
    unknown_model=_unknown_model,
    unknown_path=partial(unknown_path, models="/models/"),
    wrong_method=wrong_method,
    missing_token=_missing_token,
    invalid_token=_invalid_token,
    read_only_token=_invalid_token,  # The same words for a token with too few rights.
    quota_exceeded=_quota_exceeded,
    serverless=Serverless(refuse_call=_refuse_call, cached_headers=_cached_headers),
)

"""Classic: the serverless Inference API from 2021 to spring 2025, the seed's own time.

Header sets and bodies are those of recorded traffic (huggingface_hub and huggingface.js
test recordings, 2023 to 2025); texts of validation errors follow their recorded pattern.
"""

from __future__ import annotations

from ..payload import Problem
from ..reply import Headers, Refusal
from .profile import Computation, Profile

_JSON = (b"content-type", b"application/json")
_VARY = (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
_CREDENTIALS = (b"access-control-allow-credentials", b"true")
_EXPOSED = (b"access-control-expose-headers", b"x-compute-type, x-compute-time")
_SERVER = (b"server", b"uvicorn")
_CPU = (b"x-compute-type", b"cpu")
# What the recorded errors of a model server say of their time.
_FAILED_IN = (b"x-compute-time", b"0.001")


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


def _unknown_parameter(name: str) -> Refusal:
    return _inference_error(
        "TokenClassificationPipeline._sanitize_parameters() got an unexpected keyword argument"
        f" {name!r}"
    )


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


def _unknown_status() -> Refusal:
    return Refusal(
        status=404, body={"error": "Model unknown/model does not exist"}, stage="gateway"
    )


def _body_too_large(limit: int) -> Refusal:
    # The API documents no limit; the words follow those of its neighbours.
    return Refusal(
        status=413,
        body={"error": f"Request body is larger than {limit} bytes"},
        stage="gateway",
        hint=f"the limit is {limit} bytes; raise it with max_body_bytes",
    )


CLASSIC = Profile(
    name="classic",
    default_strategy="simple",
    answer_headers=_answer_headers,
    refusal_headers=_refusal_headers,
    invalid_request=_invalid_request,
    unknown_parameter=_unknown_parameter,
    inference_error=_inference_error,
    stream_refused=_stream_refused,
    unknown_model=_unknown_model,
    unknown_status=_unknown_status,
    body_too_large=_body_too_large,
)

"""Fault replies: what each profile answers with the status of a fault.

The words are recorded ones where there are any, of that profile or else of its neighbours;
"choice" marks those that nobody has published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias, cast

from nertwin.schemas import JSON

from .availability import Loading, TooBig
from .faults import Fault, StatusKind
from .profiles.loading import refuse_call
from .profiles.profile import Profile
from .reply import Refusal, Reply, Stage, json_body, with_header

_Wording: TypeAlias = Callable[[str, Profile], Refusal]  #: From the model's id.

_ESTIMATED_TIME = 20.0  # The most frequent one in recordings.
_SIZES = TooBig("21GB", "10GB")
_CREDITS = (
    "You have exceeded your monthly included credits for Inference Providers."
    " Subscribe to PRO to get 20x more monthly included credits."
)
_PERMISSIONS = (
    "This authentication method does not have sufficient permissions to call"
    " Inference Providers on behalf of user nertwin"
)
_MOVED = (
    "https://api-inference.huggingface.co is no longer supported."
    " Please use https://router.huggingface.co instead."
)
_RETIRED = "The requested model is deprecated and no longer supported by provider hf-inference"
_ANONYMOUS = "Rate limit reached. Please log in or use a HF access token"
# As nginx writes it, which stands before many a service.
_HTML = (
    "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n"
    "<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


def _said(status: int, error: JSON, stage: Stage = "gateway", **more: JSON) -> _Wording:
    """Always the same words."""
    refusal = Refusal(status=status, body={"error": error, **more}, stage=stage)
    return lambda _model, _profile: refusal


def _loading(model_id: str, _profile: Profile) -> Refusal:
    return refuse_call(model_id, Loading(_ESTIMATED_TIME))


def _too_big(model_id: str, _profile: Profile) -> Refusal:
    return refuse_call(model_id, _SIZES)


def _html(_model_id: str, _profile: Profile) -> Refusal:
    return Refusal(status=503, body=_HTML, stage="gateway")


_COMMON: Mapping[StatusKind, _Wording] = {
    "400": lambda _, profile: profile.inference_error("unknown error"),
    "401": lambda _, profile: profile.invalid_token(),
    "402": _said(402, _CREDITS),
    "403": _said(403, _PERMISSIONS),
    "404": _said(404, "Not Found: Model not found"),
    "410": _said(410, _RETIRED),
    "429": _said(429, _ANONYMOUS),
    "500": lambda _, profile: profile.crash(),
    "503": _loading,
    # Recorded with the headers of a model server that has computed nothing.
    "503-overloaded": _said(503, "overloaded", stage="validation"),
    "503-html": _html,
    "504": _said(504, "Gateway Timeout"),  # Choice: the body was never published.
}
_OWN: Mapping[str, Mapping[StatusKind, _Wording]] = {
    "classic": {
        "400": _said(400, ["Error in `inputs`: field required"], stage="validation"),
        # The classic gateway itself says 400 or 429; these are the words of the hub's front.
        "401": _said(401, "Invalid credentials in Authorization header"),
        "403": _too_big,
        "404": lambda model_id, profile: profile.unknown_model(model_id),
        "410": _said(410, _MOVED),
        "500": _said(
            500,
            "unknown error",
            stage="inference",
            warnings=["There was an inference error: unknown error"],
        ),
    },
    "dedicated": {
        "402": _said(402, "Payment Required"),  # Choice, as the next two.
        "403": _said(403, "Forbidden"),
        "410": _said(410, "Gone"),
        "404": lambda model_id, profile: profile.unknown_model(model_id),
        "429": _said(429, "Too Many Requests"),  # Choice.
        # What stands before an endpoint that is scaled to zero.
        "503": _said(503, "503 Service Unavailable"),
    },
}


def refusal_of(fault: Fault, *, profile: Profile, model_id: str) -> Refusal:
    """The refusal that a fault of a status stands for, in the profile's words or the fault's."""
    kind = cast("StatusKind", fault.kind)
    wording = _OWN.get(profile.name, {}).get(kind) or _COMMON[kind]
    refusal = wording(model_id, profile)
    body = _reworded(refusal.body, fault)
    if fault.retry_after is None:
        return refusal._replace(body=body, hint="")
    retry_after = (b"retry-after", str(fault.retry_after).encode())
    return refusal._replace(body=body, hint="", headers=(*refusal.headers, retry_after))


def refusing_reply(fault: Fault, *, profile: Profile, model_id: str, sha: str = "") -> Reply:
    """The reply to a call that a fault of a status hurts; ``sha`` is the model's commit."""
    refusal = refusal_of(fault, profile=profile, model_id=model_id)
    reply = render(refusal, profile, sha)
    return as_html(reply) if fault.kind == "503-html" else reply


def ok_error_reply(fault: Fault, *, profile: Profile, model_id: str) -> Reply:
    """An error that claims status 200, as a draft of the documentation told of loading models."""
    refusal = refuse_call(model_id, Loading(_ESTIMATED_TIME))
    return render(refusal._replace(status=200, body=_reworded(refusal.body, fault)), profile)


def render(refusal: Refusal, profile: Profile, sha: str = "") -> Reply:
    """The refusal as the profile sends it, without hints of ours."""
    is_text = isinstance(refusal.body, str)
    body = str(refusal.body).encode() if is_text else json_body(refusal.body)
    headers = (*profile.refusal_headers(refusal, sha), *refusal.headers)
    if refusal.stage == "gateway" or not profile.is_chunked:
        headers += ((b"content-length", str(len(body)).encode()),)
    return Reply(refusal.status, headers, body)


def as_html(reply: Reply) -> Reply:
    """The reply with the type of a page."""
    return replace(reply, headers=with_header(reply.headers, b"content-type", b"text/html"))


def _reworded(body: JSON, fault: Fault) -> JSON:
    """The body with what the fault says in place of what was recorded."""
    if isinstance(body, dict):
        document = dict(body)
    elif fault.error_form == "recorded":
        return fault.message or body  # Plain text stays plain text.
    else:
        document = {"error": body}
    if fault.message:
        document.pop("warnings", None)  # They repeat the words that are not said.
        document["error"] = fault.message
    if fault.estimated_time is not None:
        document["estimated_time"] = float(fault.estimated_time)
    error = document["error"]
    if fault.error_form == "string" and isinstance(error, list):
        document["error"] = "\n".join(map(str, error))
    elif fault.error_form == "list" and not isinstance(error, list):
        document["error"] = [error]
    return document

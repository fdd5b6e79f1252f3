"""Endpoint: whom a run talks to, and what its profile promises."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from nertwin.mockserver.errors import NertwinError
from nertwin.schemas import JSON, Profile

from .exchange import HeaderLines, Request

DEFAULT_MODEL = "dslim/bert-base-NER"

_JSON_TYPE = ("content-type", "application/json")
_MODELS: Mapping[Profile, str] = {
    "classic": "/models/",
    "router": "/hf-inference/models/",
}


class BadEndpoint(NertwinError):
    """The URL can't be one of an endpoint."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An endpoint of one profile and one model."""

    base: str  #: ``http://host:port/prefix``, without a slash at the end.
    model: str = DEFAULT_MODEL
    profile: Profile = "classic"
    cold_model: str | None = None  #: A model that nobody has called yet, for the 503.
    token: str | None = field(default=None, repr=False)
    #: A number for texts that nobody has sent to it before; another one each time.
    nonce: int = field(default_factory=lambda: secrets.randbelow(10**9), compare=False, repr=False)

    @property
    def cold_models(self) -> tuple[str, ...]:
        """The models that nobody has called yet; ``cold_model`` parts them by commas."""
        named = (each.strip() for each in (self.cold_model or "").split(","))
        return tuple(each for each in named if each)

    @property
    def prefix(self) -> str:
        """What every path begins with; empty or ``/`` and more."""
        return urlsplit(self.base).path

    @property
    def default_strategy(self) -> str:
        """The strategy of a call that names none."""
        return "none" if self.profile == "dedicated" else "simple"

    @property
    def is_local(self) -> bool:
        """Whether it listens on this machine, so that politeness can rest."""
        host = urlsplit(self.base).hostname or ""
        return host in ("localhost", "::1") or host.startswith("127.")

    def address(self, model: str | None = None) -> str:
        """The path at which a model is called."""
        if self.profile == "dedicated":
            return self.prefix or "/"
        return self.prefix + _MODELS[self.profile] + quote(model or self.model, safe="/")

    def url(self, request: Request) -> str:
        """The whole URL of a request to this endpoint."""
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}{request.target}"

    def call(
        self, payload: JSON | bytes, *, headers: HeaderLines = (), model: str | None = None
    ) -> Request:
        """A POST to the model: JSON in raw UTF-8, or bytes as they are.

        ``content-type: application/json`` is added unless the headers name a type.
        """
        body = payload if isinstance(payload, bytes) else _write(payload)
        typed = any(name.lower() == "content-type" for name, _ in headers)
        lines = headers if typed else (_JSON_TYPE, *headers)
        return Request(target=self.address(model), headers=lines, body=body, is_call=True)

    def classify(
        self,
        inputs: str | list[str],
        *,
        strategy: str | None = None,
        headers: HeaderLines = (),
        **parameters: JSON,
    ) -> Request:
        """A valid call; ``strategy`` and other keywords become its parameters."""
        named: dict[str, JSON] = {"aggregation_strategy": strategy} if strategy else {}
        named |= parameters
        payload: dict[str, JSON] = {"inputs": list(inputs) if isinstance(inputs, list) else inputs}
        return self.call(payload | ({"parameters": named} if named else {}), headers=headers)

    def get(self, path: str, *, headers: HeaderLines = ()) -> Request:
        """A GET of a path below the base."""
        return Request(method="GET", target=self.prefix + path, headers=headers)

    def kind_asked(self, request: Request) -> str:
        """The strategy that a valid call asks for, defaults and older names resolved."""
        parameters = request.parameters
        grouped, ignores = parameters.get("grouped_entities"), parameters.get("ignore_subwords")
        if grouped is not None or ignores is not None:
            return ("first" if ignores else "simple") if grouped else "none"
        if "aggregation_strategy" not in parameters:
            return self.default_strategy
        named = parameters["aggregation_strategy"]
        return "none" if named is None else str(named).lower()


def _write(payload: JSON) -> bytes:
    try:
        return json.dumps(payload, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # Half a surrogate pair can be sent as an escape only.
        return json.dumps(payload).encode()


def find_endpoint(
    url: str,
    *,
    model: str | None = None,
    profile: Profile | None = None,
    cold_model: str | None = None,
    token: str | None = None,
) -> Endpoint:
    """The endpoint that a base URL, or the URL of a model, names.

    Without ``profile`` the URL decides between router and classic.

    Raises:
        BadEndpoint: It is no URL of HTTP, has a query, or names another model than ``model``.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise BadEndpoint(f"{url!r} is no URL: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadEndpoint(f"{url!r} is no URL of an endpoint; write http://HOST:PORT or https://…")
    if parts.query or parts.fragment or parts.username:
        raise BadEndpoint(f"give the URL of the endpoint without user, query and fragment: {url!r}")
    path = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~")
    is_routed = "/hf-inference" in path
    profile = profile or ("router" if is_routed else "classic")
    if profile != "dedicated":
        before, marker, named = path.removesuffix("/models").partition("/models/")
        path = before.removesuffix("/hf-inference")
        named = unquote(named)
        if marker and model and model != named:
            raise BadEndpoint(f"the URL names the model {named!r}, --model {model!r}; name one.")
        model = named or model
    return Endpoint(
        base=f"{parts.scheme}://{parts.netloc}{path}",
        model=model or DEFAULT_MODEL,
        profile=profile,
        cold_model=cold_model,
        token=token,
    )

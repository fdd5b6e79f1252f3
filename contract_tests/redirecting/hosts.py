"""Hosts: which belong to the API, which to its owner, and which to this machine."""

from __future__ import annotations

import sys
from functools import lru_cache
from urllib.parse import urlsplit

#: What the stand-in answers for: the inference hosts, old and new, and the hub's look-ups.
API_HOSTS = (
    "api-inference.huggingface.co",
    "router.huggingface.co",
    "huggingface.co",
    "www.huggingface.co",
    "hf.co",
)
# Each dedicated endpoint has a host of its own there, which answers at its root.
_ENDPOINTS = ".endpoints.huggingface.cloud"
_OWNED = ("huggingface.co", "hf.co", "huggingface.cloud", "hf.space")
_LOCAL = ("localhost", "ip6-localhost", "::1", "::", "0.0.0.0", "")  # noqa: S104  # Names only.
# In January 2025 the router's paths stood below this one of the hub.
_OLD_ROUTER = "/api/inference-proxy/"


def is_api(host: str) -> bool:
    """Whether the stand-in answers in place of that host."""
    name = _plain(host)
    return name in API_HOSTS or name.endswith(_ENDPOINTS)


def is_owned(host: str) -> bool:
    """Whether it is one of Hugging Face's hosts, of which :func:`is_api` knows some."""
    name = _plain(host)
    return any(name == owned or name.endswith(f".{owned}") for owned in _OWNED)


def is_local(host: str) -> bool:
    """Whether it is this machine, by a name or an address that only a machine itself has."""
    name = _plain(host)
    if name.startswith("127."):
        return name.replace(".", "").isdigit()
    return name in _LOCAL or name.endswith(".localhost") or name.startswith("::ffff:127.")


def path_at_mirror(host: str, path: str) -> str | None:
    """What the path is to the API, where huggingface_hub was told to call that host in its place.

    None where it was not. It keeps what it was told from when it was imported, whatever the
    environment says by now.
    """
    constants = sys.modules.get("huggingface_hub.constants")
    places = [_place(getattr(constants, name, "")) for name in ("ENDPOINT", "INFERENCE_ENDPOINT")]
    bases = [base for there, base in places if there and there == _plain(host)]
    known = [path.removeprefix(base) for base in bases if path.startswith(f"{base}/")]
    return next(iter([*known, *(path for _ in bases)]), None)


@lru_cache(maxsize=8)
def _place(url: str) -> tuple[str, str]:
    """Host and path of a mirror; nothing where the URL is none's."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return ("", "") if is_local(host) or is_owned(host) else (host, parts.path.rstrip("/"))


def path_on_stand_in(target: str) -> str:
    """Where the stand-in has what that path, with its query, names on the real hosts."""
    path = target if target.startswith("/") else f"/{target}"
    return path.replace(_OLD_ROUTER, "/", 1) if path.startswith(_OLD_ROUTER) else path


def _plain(host: str) -> str:
    """The name as it is compared: without brackets, case and the dot of the root."""
    return host.strip("[]").rstrip(".").lower()

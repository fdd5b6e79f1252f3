"""Address: where shared state lives, as the setting ``state`` names it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from ..errors import NertwinError, mask_tokens, quote

_SCHEMES = ("redis", "rediss", "unix")
_NAMESPACE = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_DEFAULT_PORT = 6379


class BadAddress(NertwinError):
    """The setting ``state`` names no place where state could live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateAddress:
    """A Redis, and the part of it that is ours."""

    url: str = field(repr=False)  #: What its client is told; a password may stand in it.
    shown: str  #: ``127.0.0.1:6379``, or the path of a socket: never a password.
    namespace: str

    @property
    def prefix(self) -> str:
        """What all keys begin with; servers of another version have keys of their own."""
        from importlib.metadata import version  # Takes a while, and most servers share nothing.

        return f"nertwin:{version('nertwin')}:{self.namespace}:"


def parse_address(text: str) -> StateAddress | None:
    """What the setting names; None for ``memory``, where each process has its own state.

    Raises:
        BadAddress: The text names neither that nor a Redis; the message shows no password.
    """
    if text == "memory":
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # It would show a piece of a password that has a slash in it.
        message = "state is no URL: what stands in it for a host or port is none."
        raise BadAddress(f"{message} {_WANTED}") from None
    if parts.scheme not in _SCHEMES:
        shown = f"{parts.scheme}:…" if parts.scheme or "@" in text else text
        raise BadAddress(f"state is {quote(shown)}. {_WANTED}")
    options = parse_qsl(parts.query, keep_blank_values=True)
    namespace = dict(options).get("namespace", "default")
    if not _NAMESPACE.match(namespace):
        raise BadAddress(
            f"the namespace of state is {quote(namespace)}; write 1 to 64 of the characters"
            " A-Z, a-z, 0-9, '_', '.' and '-'"
        )
    if parts.scheme == "unix" and not parts.path.strip("/"):
        raise BadAddress(f"state is a unix:// URL without a path. {_WANTED}")
    rest = urlencode([pair for pair in options if pair[0] != "namespace"])
    # Not geturl(), which leaves the slashes out where no host is named.
    url = f"{parts.scheme}://{parts.netloc}{parts.path}" + (f"?{rest}" if rest else "")
    return StateAddress(url=url, shown=_shown(parts, port), namespace=namespace)


_WANTED = (
    "Write memory, or where a Redis or Valkey is: redis://HOST:PORT/DB, rediss:// for TLS,"
    " or unix://PATH."
)


def _shown(parts: SplitResult, port: int | None) -> str:
    if parts.scheme == "unix":
        return mask_tokens(parts.path)
    host = parts.hostname or "localhost"
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{_DEFAULT_PORT if port is None else port}"

"""Upstream: the proxies that an environment names, by which other hosts are still reached."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from urllib.parse import unquote, urlsplit

from nertwin.mockserver.errors import NertwinError

from .redirecting.hosts import is_local

_PORTS = {"http": 80, "https": 443}


class NoWay(NertwinError):
    """The environment names a proxy that can't be asked from here."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A proxy between this machine and others."""

    host: str
    port: int
    has_tls: bool = False
    credentials: str = field(default="", repr=False)  #: For ``Proxy-Authorization``.

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Those of a request that is for the proxy itself."""
        if not self.credentials:
            return ()
        return ((b"Proxy-Authorization", self.credentials.encode("ascii")),)


class Upstreams:
    """The proxies of an environment, found as most programs find them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        names = ("http", "https", "all", "no")
        self._proxies = {
            name: environ.get(f"{name}_proxy", environ.get(f"{name.upper()}_PROXY", ""))
            for name in names
        }

    def find(self, scheme: str, host: str, port: int) -> Upstream | None:
        """The proxy by which a host is reached, or None where it is asked directly.

        Raises:
            NoWay: It speaks something else than HTTP.
        """
        named = self._proxies[scheme] or self._proxies["all"]
        if not named or is_local(host) or self._is_excepted(host, port):
            return None
        return parse_upstream(named)

    def _is_excepted(self, host: str, port: int) -> bool:
        words = map(str.strip, self._proxies["no"].lower().split(","))
        return any(_covers(word, host.lower(), port) for word in words if word)


def parse_upstream(named: str) -> Upstream:
    """The proxy of a variable's value.

    Raises:
        NoWay: It speaks something else than HTTP, or is no URL.
    """
    try:
        parts = urlsplit(named if "://" in named else f"http://{named}")
        host, port = parts.hostname, parts.port
    except ValueError:
        # Without its cause, which may name a part of the password.
        raise NoWay("the environment names a proxy that is no URL") from None
    if parts.scheme not in _PORTS or not host:
        # Not as it stands there: it may have a password.
        raise NoWay(
            f"the environment names a proxy of the kind {parts.scheme}, and nertwin can ask only"
            " those of http and https for other hosts"
        )
    credentials = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        credentials = f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"
    has_tls = parts.scheme == "https"
    return Upstream(host, port or _PORTS[parts.scheme], has_tls, credentials)


def _covers(word: str, host: str, port: int) -> bool:
    """Whether a word of ``NO_PROXY`` means the host: a name, all below it, a network, or any."""
    if "/" in word:
        with suppress(ValueError):
            return ip_address(host) in ip_network(word, strict=False)
        return False
    name, _, number = word.partition(":")
    if number.isdigit():
        if int(number) != port:
            return False
        word = name
    word = word.lstrip("*.")
    return not word or host == word or host.endswith(f".{word}")

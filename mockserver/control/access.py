"""Access: who may use the control API."""

from __future__ import annotations

import ipaddress
import re
import secrets
from hmac import compare_digest

from starlette.types import Scope

from ..errors import quote
from ..settings import Settings
from .refusal import ControlRefused

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]/@]+)(?::[0-9]{1,5})?\Z")
_BEARER = re.compile(rb"bearer +", re.IGNORECASE)


class Access:
    """Lets in programs of this machine, or whoever has the token, and no foreign web page.

    A web page can make its reader's browser send requests to an address of this machine. It
    can't hide where it comes from: the browser tells the name that the page has called in
    ``Host`` and the page's own in ``Origin``.
    """

    def __init__(self, *, host: str, token: str) -> None:
        self._is_loopback = is_loopback(host)
        self._token = token.encode()

    def check(self, scope: Scope) -> None:
        """Let the request of ``scope`` through.

        Raises:
            ControlRefused: 403 for a wrong host or origin, 401 for a missing or wrong token.
        """
        hosts = _values(scope, b"host")
        if self._is_loopback:
            _check_hosts(hosts)
        own = {f"{scope['scheme']}://{host}".lower() for host in hosts}
        for origin in _values(scope, b"origin"):
            if origin.lower() not in own:
                raise ControlRefused(
                    403,
                    f"the request comes from a web page of {quote(origin)}, and pages of other"
                    " origins may not control nertwin; send it without an Origin header",
                )
        if self._token and not self._has_token(scope):
            raise ControlRefused(
                401,
                "the control API wants its token in the header x-nertwin-token, or as"
                " 'Authorization: Bearer TOKEN'. It is the setting control_token; where that is"
                " empty, nertwin has written one to standard error at its start.",
                headers=((b"www-authenticate", b"Bearer"),),
            )

    def _has_token(self, scope: Scope) -> bool:
        sent = [value for name, value in scope["headers"] if name == b"x-nertwin-token"]
        for name, value in scope["headers"]:
            if name == b"authorization" and (scheme := _BEARER.match(value)):
                sent.append(value[scheme.end() :])
        return any([compare_digest(each.strip(), self._token) for each in sent])


def is_loopback(host: str) -> bool:
    """Whether the name or address, without a port, always means this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def choose_token(settings: Settings) -> str:
    """The token of the settings, else a random one where the address lets in other machines."""
    if settings.control_token or is_loopback(settings.host):
        return settings.control_token
    return secrets.token_urlsafe(24)


def _check_hosts(hosts: list[str]) -> None:
    for host in hosts or [""]:
        found = _HOST.match(host)
        if found is None or not is_loopback(found[1].strip("[]")):
            raise ControlRefused(
                403,
                f"the Host header is {quote(host)}; nertwin listens on a loopback address and"
                " is controlled as localhost or 127.0.0.1 alone, lest a web page whose name"
                " leads here (DNS rebinding) control it. To use another name, set control_token"
                " and a host that is no loopback address.",
            )


def _values(scope: Scope, wanted: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]

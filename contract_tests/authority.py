"""Authority: a certificate authority for one run, which vouches for the API's hosts."""

from __future__ import annotations

import importlib
import os
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nertwin.mockserver.errors import NertwinError

#: What names the file of trusted authorities: to OpenSSL, requests, curl, Node and Deno.
CA_VARIABLES = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "DENO_CERT",
)
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")


class NoAuthority(NertwinError):
    """Certificates can't be made, because a library is missing."""


class Authority:
    """Makes certificates that only those trust who are told to; its key is in no file."""

    def __init__(self) -> None:
        try:
            trustme: Any = importlib.import_module("trustme")
        except ImportError as error:
            raise NoAuthority(
                "programs other than Python, Node and Bun are redirected by a proxy that ends"
                " their TLS, and its certificates need trustme, which is not installed; run"
                " pip install 'nertwin[redirect]'"
            ) from error
        self._authority = trustme.CA(organization_name="nertwin, for one run")
        self._contexts: dict[str, ssl.SSLContext] = {}

    def context(self, host: str) -> ssl.SSLContext:
        """What a server needs to be taken for that host."""
        if host not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(host).configure_cert(context)
            context.set_alpn_protocols(["http/1.1"])
            self._contexts[host] = context
        return self._contexts[host]

    def write_bundle(self, path: Path, environ: Mapping[str, str]) -> None:
        """Write a file of all that is trusted without this, and this authority."""
        own = self._authority.cert_pem.bytes().decode("ascii")
        path.write_text(f"{_trusted(environ)}\n{own}", encoding="utf-8")


def _trusted(environ: Mapping[str, str]) -> str:
    """The authorities that programs trust as things are."""
    found = [*filter(None, map(environ.get, CA_VARIABLES)), _certifi()]
    found.append(ssl.get_default_verify_paths().cafile or "")
    bundles = [_read(Path(path)) for path in dict.fromkeys(found) if path]
    # Most stand in several of the files; each is read whenever a client is made.
    certificates = [each for bundle in bundles for each in _CERTIFICATE.findall(bundle)]
    return "\n".join(dict.fromkeys(certificates))


def _certifi() -> str:
    try:
        certifi: Any = importlib.import_module("certifi")
    except ImportError:
        return ""
    return str(certifi.where())


def _read(path: Path) -> str:
    if not os.access(path, os.R_OK) or path.is_dir():
        return ""
    return path.read_text(encoding="utf-8", errors="replace").replace("\r", "")

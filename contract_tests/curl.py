"""curl: a request as a command that repeats it in a shell."""

from __future__ import annotations

import shlex

from .endpoint import Endpoint
from .exchange import Request
from .secrets import redact

_LONGEST = 8000


def as_curl(request: Request, endpoint: Endpoint) -> str:
    """The command; the token is ``$HF_TOKEN``, to be set by whoever pastes it."""
    parts = ["curl -sS -i"]
    if request.method != "POST" or not request.body:
        parts.append(f"-X {request.method}")
    parts.append(shlex.quote(endpoint.url(request)))
    names = {name.lower() for name, _ in request.headers}
    if request.sends_token and endpoint.token and "authorization" not in names:
        parts.append('-H "authorization: Bearer $HF_TOKEN"')
    parts.extend(f"-H {shlex.quote(redact(f'{name}: {value}'))}" for name, value in request.headers)
    if request.is_chunked:
        parts.append("-H 'transfer-encoding: chunked'")
    if not request.body:
        return " ".join(parts)
    if len(request.body) > _LONGEST:
        return " ".join([*parts, f"--data-binary @BODY  # {len(request.body)} bytes"])
    return " ".join([*parts, f"--data-binary {_quote(request.body)}"])


def _quote(body: bytes) -> str:
    """The bytes as one word of a shell."""
    try:
        text = redact(body.decode("utf-8"))
    except UnicodeDecodeError:
        text = None
    if text is not None and text.isprintable() and text[0] != "@":
        return shlex.quote(text)
    # A word of a shell can't hold NUL, and text with line breaks does not paste well.
    escaped = "".join(_escape(byte) for byte in (text.encode() if text is not None else body))
    return f"@<(printf '{escaped}')"


def _escape(byte: int) -> str:
    character = chr(byte)
    is_plain = 0x20 <= byte < 0x7F and character not in "'\\%"
    return character if is_plain else f"\\{byte:03o}"

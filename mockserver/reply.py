"""Replies: status, headers and body as they go out, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import orjson
from starlette.types import Receive, Scope, Send

from nertwin.schemas import JSON

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
Stage: TypeAlias = Literal["gateway", "validation", "inference"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An ASGI response that adds no header of its own.

    Without a content-length the server sends the body chunked, as the API's model servers do.
    """

    status: int
    headers: Headers
    body: bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the reply, to a HEAD request without its body."""
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send(start)
        body = b"" if scope["method"] == "HEAD" else self.body
        await send({"type": "http.response.body", "body": body})


class Refusal(NamedTuple):
    """An error as a profile words it."""

    status: int
    body: JSON  #: A string goes out as plain text, all else as JSON.
    stage: Stage  #: Who refused it; each sends other headers.
    hint: str = ""  #: Ours: what came, what was wanted, what to do.
    headers: Headers = ()  #: Beside those of the stage.


def json_body(document: object) -> bytes:
    """The document as the body of a reply, in as much memory as it has bytes."""
    # orjson leaves the room behind a body that it had to write it: 4 KiB for 90 bytes. Caches and
    # journals would keep that, and count the bytes.
    return memoryview(orjson.dumps(document)).tobytes()


def content_length(body: bytes) -> tuple[bytes, bytes]:
    """The header of a body's length."""
    return (b"content-length", str(len(body)).encode())


def header_text(text: str) -> bytes:
    """The text as one header line of printable ASCII, at most 500 bytes long."""
    printable = text.encode("ascii", "backslashreplace")
    return bytes(byte if 32 <= byte < 127 else 32 for byte in printable)[:500]


def with_header(headers: Headers, name: bytes, value: bytes) -> Headers:
    """The headers with that one in the place of its namesake, or at the end."""
    if any(known == name for known, _ in headers):
        return tuple((known, value if known == name else old) for known, old in headers)
    return (*headers, (name, value))


def with_body(reply: Reply, body: bytes) -> Reply:
    """The reply with another body, and the content-length of that if it had one."""
    headers = reply.headers
    if any(name == b"content-length" for name, _ in headers):
        headers = with_header(headers, b"content-length", str(len(body)).encode())
    return replace(reply, headers=headers, body=body)


def our_refusal(status: int, message: str, *, kind: bytes = b"internal") -> Reply:
    """An error that is nertwin's own and none of the API's, marked as such."""
    body = json_body({"error": message})
    headers = (
        (b"content-type", b"application/json"),
        content_length(body),
        (b"x-nertwin-error", kind),
    )
    return Reply(status, headers, body)

"""Harm: the faults of a call, done to its reply."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request

from .clock import Clock
from .evolution import evolve, header_renamer
from .faultreplies import as_html, ok_error_reply, refusing_reply
from .faults import LONGEST_DELAY, SIDE_KINDS, STATUS_KINDS, BadFault, Fault
from .leaving import unless_left
from .profiles.profile import Profile
from .reply import Reply, with_body, with_header
from .wirereply import GARBAGE, Damage, WireReply

_REPLACING = frozenset({*STATUS_KINDS, "reset", "empty", "ok-error", "redirect"})
_SURPLUS = 16  # Bytes that a content-length promises and that never come.


@dataclass(frozen=True, slots=True, kw_only=True)
class HurtCall:
    """The call that is hurt."""

    request: Request  #: Its body has been read.
    clock: Clock  #: The session's.
    profile: Profile
    model_id: str = ""
    sha: str = ""  #: The model's commit, if there is such a model.


def replaces_answer(faults: Sequence[Fault]) -> bool:
    """Whether the faults leave nothing of a computed answer, so that none is needed."""
    fault = _changing(faults)
    return fault is not None and fault.kind in _REPLACING


async def hurt(reply: Reply | None, faults: Sequence[Fault], call: HurtCall) -> Reply | WireReply:
    """The reply to a hurt call, after its delay.

    ``reply`` is what the call would have got; it may be None where a fault replaces it.

    A clause that is to be violated is left to who knows the whole call.

    Raises:
        ClientDisconnect: The client left during the delay.
    """
    seconds = min(LONGEST_DELAY, sum(fault.delay(0) for fault in faults if fault.kind == "latency"))
    if seconds:
        await unless_left(call.request, call.clock.wait(seconds))
    return damage(reply, faults, call)


def damage(reply: Reply | None, faults: Sequence[Fault], call: HurtCall) -> Reply | WireReply:
    """The reply of :func:`hurt` without its delay."""
    fault = _changing(faults)
    if fault is not None and fault.kind in _REPLACING:
        reply = _replacement(fault, call)
    if reply is None:
        raise BadFault("no fault replaces the answer, so it must be given")
    growth = next((fault for fault in faults if fault.kind == "evolve"), None)
    if growth is not None:
        reply = evolve(reply, growth.evolve, seed=growth.seed)
    hurt_one = reply if fault is None else _apply(fault, reply, call)
    if growth is None or "header-case" not in growth.evolve:
        return hurt_one
    return _renamed(hurt_one, growth.seed)


def _changing(faults: Sequence[Fault]) -> Fault | None:
    """The first fault that changes the answer; the others of its sort lose."""
    return next((fault for fault in faults if fault.kind not in SIDE_KINDS), None)


def _replacement(fault: Fault, call: HurtCall) -> Reply:
    """What comes in place of the answer."""
    if fault.kind in ("reset", "empty"):
        return Reply(0, (), b"")
    if fault.kind == "redirect":
        return _redirect(fault, call)
    if fault.kind == "ok-error":
        return ok_error_reply(fault, profile=call.profile, model_id=call.model_id)
    return refusing_reply(fault, profile=call.profile, model_id=call.model_id, sha=call.sha)


def _redirect(fault: Fault, call: HurtCall) -> Reply:
    # Relative, so that it holds below any prefix; the dot keeps colons from making a scheme.
    scope = call.request.scope
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    again = b"./" + path.rpartition(b"/")[2] + (b"?" + query if query else b"")
    location = fault.location.encode() or again
    # As the hub words it for a model that was renamed.
    body = b"Temporary Redirect. Redirecting to " + location
    headers = (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"location", location),
    )
    return Reply(307, headers, body)


def _apply(fault: Fault, reply: Reply, call: HurtCall) -> Reply | WireReply:
    """The reply with the fault done to it."""
    match fault.kind:
        case "reset" | "empty":
            return _on_the_wire(reply, fault.kind)
        case "truncated":
            return _truncated(reply, fault)
        case "garbage":
            headers = tuple(pair for pair in reply.headers if pair[0] != b"content-length")
            chunked = with_header(headers, b"transfer-encoding", b"chunked")
            return _on_the_wire(Reply(reply.status, chunked, GARBAGE), "garbage")
        case "dribble":
            dribble = _on_the_wire(reply, "dribble")
            return replace(dribble, seconds=float(fault.seconds), clock=call.clock)
        case "wrong-length":
            return _wrong_length(reply, fault)
        case "wrong-type":
            return as_html(reply)
        case "gzip":
            packed = with_body(reply, gzip.compress(reply.body, mtime=0))
            headers = with_header(packed.headers, b"content-encoding", b"gzip")
            return replace(packed, headers=headers)
    return reply


def _truncated(reply: Reply, fault: Fault) -> Reply | WireReply:
    """The first half of the body, under the length of the whole or its own."""
    half = reply.body[: (len(reply.body) + 1) // 2]
    if fault.length == "true":
        return with_body(reply, half)
    return _cut(replace(reply, body=half), len(reply.body))


def _wrong_length(reply: Reply, fault: Fault) -> WireReply:
    if fault.length == "longer":
        return _cut(reply, len(reply.body) + _SURPLUS)
    length = str(len(reply.body) // 2).encode()
    headers = with_header(reply.headers, b"content-length", length)
    # Else a client that believes the length would send its next call to a closing connection.
    headers = with_header(headers, b"connection", b"close")
    return _on_the_wire(replace(reply, headers=headers), "over")


def _cut(reply: Reply, length: int) -> WireReply:
    headers = with_header(reply.headers, b"content-length", str(length).encode())
    return _on_the_wire(replace(reply, headers=headers), "cut")


def _on_the_wire(reply: Reply, how: Damage) -> WireReply:
    return WireReply(status=reply.status, headers=reply.headers, body=reply.body, damage=how)


def _renamed(reply: Reply | WireReply, seed: int) -> WireReply:
    """The reply with the names of its headers in other letters."""
    if isinstance(reply, Reply):
        reply = _on_the_wire(reply, "none")
    return replace(reply, rename=header_renamer(seed))

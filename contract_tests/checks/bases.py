"""Bases: the calls that others are compared with, shared by all who compare."""

from __future__ import annotations

from dataclasses import replace

from nertwin.schemas import JSON

from ..endpoint import Endpoint
from ..exchange import Request
from .answers import MIXED, PLAIN

#: The form of a token, and nobody's.
NO_TOKEN = "hf_NertwinNertwinNertwinNertwinNert"  # noqa: S105
_REPETITIONS = 6


def fresh(endpoint: Endpoint, request: Request) -> Request:
    """The request such that no kept answer hides a difference."""
    if endpoint.profile != "classic":
        return request
    return request.with_headers(("x-use-cache", "false"))


def a_call(endpoint: Endpoint, inputs: str | list[str] = PLAIN) -> Request:
    """A call without parameters; relations share those of the same text."""
    return fresh(endpoint, endpoint.classify(inputs))


def a_full_call(endpoint: Endpoint, text: str = MIXED) -> Request:
    """A call with parameters that show when they are lost, and an entry for every token."""
    return fresh(endpoint, endpoint.call(full_payload(endpoint, text)))


def full_payload(endpoint: Endpoint, text: str) -> dict[str, JSON]:
    """The payload of such a call: another strategy than the default, and no label ignored."""
    strategy = "simple" if endpoint.default_strategy == "none" else "none"
    return {
        "inputs": text,
        "parameters": {"aggregation_strategy": strategy, "ignore_labels": []},
    }


def without_token(endpoint: Endpoint, request: Request) -> Request:
    """The request of somebody without a token, who is everybody where there is none."""
    return replace(request, sends_token=False) if endpoint.token else request


def call_as(endpoint: Endpoint, authorization: str) -> Request:
    """A call with an ``authorization`` of its own."""
    call = a_call(endpoint).with_headers(("authorization", authorization))
    return without_token(endpoint, call)


def repeated(endpoint: Endpoint) -> tuple[Request, ...]:
    """One call several times, each answered by whatever comes first."""
    return tuple(map(impatient(a_call(endpoint)).again, range(_REPETITIONS)))


def impatient(request: Request) -> Request:
    """The request, to be answered by whatever comes first."""
    return replace(request, is_patient=False)

"""Misuse: options, parameters and tokens that a request puts in the wrong place.

The service ignores nearly all of it without a word, so a client never hears of it; here each
becomes a :class:`Finding` that names the right place. Facts are those of the API's page, of its
open-source servers and of what its clients send.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

import orjson

from nertwin.schemas import JSON

from .findings import Finding, ignored
from .headermisuse import find_header_misuse
from .reply import Headers
from .spelling import nearest, plain_name
from .tokens import holds_token, holds_token_parameter, redact, secrets_of

_OPTIONS = ("wait_for_model", "use_cache")
# Clients have sent these as well: use_gpu always, the others leaked from their own options.
_KNOWN_OPTIONS = (*_OPTIONS, "use_gpu", "dont_load_model", "retry_on_error")
_PARAMETERS = ("aggregation_strategy", "ignore_labels", "stride")
_LEGACY = ("grouped_entities", "ignore_subwords")
_KNOWN_PARAMETERS = (*_PARAMETERS, *_LEGACY, "batch_size", "num_workers")
_FIELDS = ("inputs", "parameters", "options")
# huggingface.js sends model and provider in the body, and the API's page knows a stream.
_KNOWN_FIELDS = frozenset((*_FIELDS, "model", "provider", "stream"))
_HARMLESS = frozenset(("inputs", "parameters"))
_MOST_KEYS = 100  # Looked at in each object.
_LONGEST_REMEMBERED = 4096


def find_misuse(
    body: bytes, headers: Headers, *, has_options: bool, query: bytes = b""
) -> tuple[Finding, ...]:
    """What the request does wrong without being refused for it. Pure.

    Args:
        body: As it came. However large: reading it again costs a fraction of its answer.
        headers: As they came.
        has_options: Whether the profile reads ``options`` and their headers at all.
        query: Of the URL, without its question mark.
    """
    found = find_header_misuse(headers, has_options=has_options)
    if query and (holds_token_parameter(query.decode("latin-1")) or holds_token(query)):
        found.append(
            Finding(
                "token.in-url",
                "query",
                "a token stands in the URL, where logs and proxies keep it; send the header"
                " authorization: Bearer hf_… and make the token invalid",
            )
        )
    is_kept = len(body) <= _LONGEST_REMEMBERED and b"hf_" not in body
    in_body = _remembered if is_kept else _in_body
    found += in_body(body, has_options)
    return tuple(_mask(finding, headers) for finding in found)


def _mask(finding: Finding, headers: Headers) -> Finding:
    """The finding without the token that came with the request, were it a field's name too."""
    sent = [value for name, value in headers if name == b"authorization"]
    secrets = [secret for value in sent for secret in secrets_of(value)]
    texts = (text.encode("utf-8", "replace") for text in (finding.place, finding.message))
    place, message = (redact(text, secrets).decode() for text in texts)
    return Finding(finding.id, place, message)


def _in_body(body: bytes, has_options: bool) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if b"hf_" in body and holds_token(body):
        found.append(
            Finding(
                "token.in-body",
                "$",
                "something in the body looks like a token of the hub; send it only in the header"
                " authorization, and make it invalid if it was one",
            )
        )
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        return tuple(found)
    if isinstance(payload, dict):
        found += _in_payload(payload, has_options=has_options)
    return tuple(found)


# Most bodies come more than once. One with a token in it is not kept.
_remembered = lru_cache(maxsize=256)(_in_body)


def _in_payload(payload: dict[str, JSON], *, has_options: bool) -> Iterator[Finding]:
    if not payload.keys() <= _HARMLESS:
        yield from _in_fields(payload, has_options=has_options)
    parameters = payload.get("parameters")
    if parameters and isinstance(parameters, dict):
        yield from _in_parameters(parameters, has_options=has_options)
    options = payload.get("options")
    if options and isinstance(options, dict):
        yield from _in_options(options, has_options=has_options)


def _in_fields(payload: dict[str, JSON], *, has_options: bool) -> Iterator[Finding]:
    for name in islice(payload, _MOST_KEYS):
        if name in _KNOWN_FIELDS:
            continue
        place = f"$.{name}"
        if name in _KNOWN_OPTIONS:
            # api-inference-community issue 137: at the top level they are ignored.
            yield _misplaced_option(place, name, has_options=has_options)
        elif name in _KNOWN_PARAMETERS:
            yield _misplaced_parameter(place, name)
        elif meant := _meant(name, (*_FIELDS, *_KNOWN_OPTIONS, *_KNOWN_PARAMETERS)):
            yield _misspelt(_kind(meant), place, name, meant)
    if payload.get("stream") is True:
        yield _stream("$.stream")


def _in_parameters(parameters: dict[str, JSON], *, has_options: bool) -> Iterator[Finding]:
    for name in islice(parameters, _MOST_KEYS):
        place = f"$.parameters.{name}"
        if name in _LEGACY:
            # transformers 4 maps them to a strategy, transformers 5 has them no more.
            message = (
                f"{name} is transformers' old spelling of a strategy; write"
                ' {"parameters": {"aggregation_strategy": "simple"}}, or "first" to ignore subwords'
            )
            yield Finding("parameters.legacy", place, message)
        elif name in _KNOWN_PARAMETERS:
            continue
        elif name in _KNOWN_OPTIONS:
            yield _misplaced_option(place, name, has_options=has_options)
        elif name == "stream":
            yield _stream(place)
        elif meant := _meant(name, (*_KNOWN_PARAMETERS, *_OPTIONS)):
            yield _misspelt(_kind(meant), place, name, meant)


def _in_options(options: dict[str, JSON], *, has_options: bool) -> Iterator[Finding]:
    if not has_options:
        yield ignored("$.options", "options")
    for name, value in islice(options.items(), _MOST_KEYS):
        place = f"$.options.{name}"
        if name in _OPTIONS:
            if has_options and value is not None and not isinstance(value, bool):
                kind = "a string" if isinstance(value, str) else "no boolean"
                message = f"{name} is {kind}; write the JSON value true or false, without quotes"
                yield Finding("options.not-a-boolean", place, message)
        elif name in _KNOWN_OPTIONS:
            continue
        elif name in _KNOWN_PARAMETERS:
            yield _misplaced_parameter(place, name)
        elif meant := _meant(name, (*_OPTIONS, *_KNOWN_PARAMETERS)):
            yield _misspelt(_kind(meant), place, name, meant)


def _meant(name: str, known: Iterable[str]) -> str:
    return nearest(plain_name(name), tuple(known))


def _kind(name: str) -> str:
    """The object that a field belongs into, or ``body`` for the body itself."""
    if name in _FIELDS:
        return "body"
    return "options" if name in _KNOWN_OPTIONS else "parameters"


def _misspelt(kind: str, place: str, name: str, meant: str) -> Finding:
    where = "at the top level" if kind == "body" else f"in {kind}"
    message = f"there is no {name!r}; write {meant!r} {where}"
    return Finding(f"{kind}.misspelt", place, message)


def _misplaced_option(place: str, name: str, *, has_options: bool) -> Finding:
    if not has_options:
        return ignored(place, name)
    header = {"wait_for_model": "true", "use_cache": "false"}.get(name)
    also = f", or send the header x-{name.replace('_', '-')}: {header}" if header else ""
    message = f'{name} is not read here; write {{"options": {{"{name}": …}}}}{also}'
    return Finding("options.misplaced", place, message)


def _misplaced_parameter(place: str, name: str) -> Finding:
    message = f'{name} is not read here; write {{"parameters": {{"{name}": …}}}}'
    return Finding("parameters.misplaced", place, message)


def _stream(place: str) -> Finding:
    # The page's sentence on streams was copied from text generation and later removed.
    message = "token classification has no streams; leave stream out"
    return Finding("stream.unsupported", place, message)

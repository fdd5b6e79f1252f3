"""Breaches of which members of a body are taken and which are refused."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import orjson

from ..aggregation import STRATEGIES
from ..reply import Reply
from .deed import Deed
from .edits import (
    Breaches,
    accept,
    accept_parameters,
    complain,
    drop_headers,
    edit_object,
)

BREACHES = Breaches()
KNOWN_PARAMETERS = (
    "aggregation_strategy",
    "ignore_labels",
    "stride",
    "batch_size",
    "num_workers",
    "grouped_entities",
    "ignore_subwords",
)
_KNOWN_KEYS = ("inputs", "parameters", "options", "stream")
_KNOWN_OPTIONS = ("use_cache", "wait_for_model")
_WORKERS = ("batch_size", "num_workers")
_FIELD = re.compile(r"Error in `[^`]*`: ")


def unknown_parameters(deed: Deed) -> list[str]:
    """Names in the parameters that the pipeline does not know, ``stream`` aside."""
    known = (*KNOWN_PARAMETERS, "stream")
    return [name for name in deed.parameters if name not in known]


@BREACHES.breaks("request.inputs-required")
def default_inputs(deed: Deed) -> Reply:
    """Without inputs the answer is that to an empty text."""
    is_missing = isinstance(deed.document, dict) and "inputs" not in deed.payload
    return accept(deed, inputs="") if is_missing else deed.reply


@BREACHES.breaks("request.inputs-kind")
def take_any_inputs(deed: Deed) -> Reply:
    """Inputs that are null, a number, a truth value or an empty list are an empty text."""
    inputs = deed.payload.get("inputs", "")
    is_wrong = inputs is None or isinstance(inputs, (bool, int, float)) or inputs == []
    return accept(deed, inputs="") if is_wrong else deed.reply


@BREACHES.breaks("request.inputs-object")
def take_object_as_inputs(deed: Deed) -> Reply:
    """An object as inputs is an empty text."""
    is_object = isinstance(deed.payload.get("inputs"), dict)
    return accept(deed, inputs="") if is_object else deed.reply


@BREACHES.breaks("request.list-members")
def blank_odd_members(deed: Deed) -> Reply:
    """Members of a batch that are no strings are empty texts."""
    inputs = deed.payload.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        return deed.reply
    return accept(deed, inputs=[text if isinstance(text, str) else "" for text in inputs])


@BREACHES.breaks("request.empty-text")
def refuse_blanks(deed: Deed) -> Reply:
    """A single text without a letter is refused."""
    if deed.answer is None or deed.text is None or deed.text.strip():
        return deed.reply
    return complain(deed, "inputs: the text is empty")


@BREACHES.breaks("request.any-text")
def refuse_odd_characters(deed: Deed) -> Reply:
    """A text with control characters or unassigned ones is refused."""
    if deed.answer is None or not any(map(_is_odd, "".join(deed.texts))):
        return deed.reply
    return complain(deed, "inputs: the text holds a character that can't be read")


def _is_odd(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cn") and not character.isspace()


@BREACHES.breaks("request.other-keys")
def refuse_other_keys(deed: Deed) -> Reply:
    """A key beside the known ones is refused."""
    others = [name for name in deed.payload if name not in _KNOWN_KEYS]
    if deed.answer is None or not others:
        return deed.reply
    return complain(deed, f"extra fields not permitted: {others[0]}")


@BREACHES.breaks("request.parameters-kind")
def ignore_odd_parameters(deed: Deed) -> Reply:
    """Parameters that are no object are left out."""
    is_odd = not isinstance(deed.payload.get("parameters", {}), dict)
    return accept(deed, parameters=None) if is_odd else deed.reply


@BREACHES.breaks("request.unknown-parameter")
def ignore_unknown_parameters(deed: Deed) -> Reply:
    """Unknown parameters are left out."""
    names = unknown_parameters(deed)
    return accept_parameters(deed, *names) if names else deed.reply


@BREACHES.breaks("request.unknown-parameter-is-named")
def hide_unknown_parameter(deed: Deed) -> Reply:
    """The refusal of an unknown parameter names no parameter."""
    if not deed.is_refused or b"unexpected keyword" not in deed.reply.body:
        return deed.reply
    reply = drop_headers(deed.reply, b"x-nertwin-hint")
    warnings = ["There was an inference error"] if b'"warnings"' in reply.body else None
    return edit_object(reply, error="the parameters are wrong", warnings=warnings)


@BREACHES.breaks("request.strategy-value")
def ignore_unknown_strategy(deed: Deed) -> Reply:
    """A strategy that is none of the five is left out."""
    value = deed.parameters.get("aggregation_strategy")
    is_wrong = not isinstance(value, str) or value.lower() not in STRATEGIES
    is_given = value is not None
    return accept_parameters(deed, "aggregation_strategy") if is_given and is_wrong else deed.reply


@BREACHES.breaks("request.ignore-labels-kind")
def ignore_odd_labels(deed: Deed) -> Reply:
    """``ignore_labels`` that is a string, number or truth value is left out."""
    is_wrong = isinstance(deed.parameters.get("ignore_labels"), (str, bool, int, float))
    return accept_parameters(deed, "ignore_labels") if is_wrong else deed.reply


@BREACHES.breaks("request.workers")
def refuse_workers(deed: Deed) -> Reply:
    """``batch_size`` and ``num_workers`` are refused."""
    names = [name for name in _WORKERS if name in deed.parameters]
    if deed.answer is None or not names:
        return deed.reply
    return complain(deed, f"`{names[0]}` can't be set")


@BREACHES.breaks("request.workers-kind")
def ignore_odd_workers(deed: Deed) -> Reply:
    """Any ``batch_size`` and ``num_workers`` will do."""
    is_given = any(name in deed.parameters for name in _WORKERS)
    return accept_parameters(deed, *_WORKERS) if is_given else deed.reply


@BREACHES.breaks("request.options-accepted")
def refuse_other_options(deed: Deed) -> Reply:
    """Null options and those of other names are refused."""
    is_null = "options" in deed.payload and deed.payload["options"] is None
    if deed.answer is None or not (is_null or set(deed.options) - set(_KNOWN_OPTIONS)):
        return deed.reply
    return complain(deed, "options: extra fields not permitted")


@BREACHES.breaks("request.options-values")
def ignore_odd_options(deed: Deed) -> Reply:
    """Options of the wrong kind are left out."""
    return accept(deed, options=None) if "options" in deed.payload else deed.reply


@BREACHES.breaks("request.refusal-names-field")
def hide_field(deed: Deed) -> Reply:
    """The refusal of a wrong value says nothing of where it stood."""
    if not deed.is_refused:
        return deed.reply
    reply = drop_headers(deed.reply, b"x-nertwin-hint")
    error = orjson.loads(reply.body)["error"]
    if not isinstance(error, list) or not any(map(_FIELD.match, error)):
        return deed.reply
    return edit_object(reply, error=["invalid request" for _ in error])


@BREACHES.breaks("request.content-type-is-not-read")
def read_content_type(deed: Deed) -> Reply:
    """A body of another type than JSON is refused."""
    if deed.answer is None or "json" in deed.headers.get("content-type", "").lower():
        return deed.reply
    return replace(complain(deed, "content-type: application/json is wanted"), status=415)

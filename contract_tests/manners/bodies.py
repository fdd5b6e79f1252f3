"""Bodies: what a client sends to be classified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nertwin.schemas import JSON

from .manner import KEPT, Judge, Remark, broken, unclear
from .seen import Seen, Visit

_JSON_TYPES = ("application/json", "+json")
_SHORTEST_ERROR = 10  # A shorter one may well be a text of its own.
_JAVASCRIPT = "@huggingface/inference"


def _json_object(visit: Visit) -> Iterator[Remark]:
    for call in visit.calls:
        if call.is_cut or call.headers.get("content-encoding"):
            continue
        # The toolkit reads other types too, each in its own way.
        if visit.profile == "dedicated" and not _is_json(call):
            continue
        if isinstance(call.document, dict):
            yield KEPT
            continue
        what = "no JSON" if call.document is None else f"a JSON {_kind(call.document)}"
        text = f'the body is {what}; send {{"inputs": "…"}}, made by a JSON library'
        yield broken(text, call)


def _content_type(visit: Visit) -> Iterator[Remark]:
    for call in visit.calls:
        if _is_json(call):
            yield KEPT
        elif visit.profile != "dedicated" or call.document is not None:
            sent = call.headers.get("content-type", "")[:60]
            text = f"content-type is {sent!r}" if sent else "there is no content-type"
            yield broken(f"{text}; send content-type: application/json", call)


def _error_not_reposted(visit: Visit) -> Iterator[Remark]:
    errors: dict[str, Seen] = {}
    for call in visit.calls:
        texts = "\n".join(call.texts)
        source = next((told for error, told in errors.items() if error in texts), None)
        if source is not None:
            text = "the words of a refusal came back as a text; look at the status of an answer"
            yield broken(text, source, call)
        elif errors:
            yield KEPT
        if call.is_refused:
            errors.update({error: call for error in _errors(call.answer)})


def _long_text_strides(visit: Visit) -> Iterator[Remark]:
    for call in visit.calls:
        room = visit.room(call.model)
        if call.is_cut and not isinstance(call.document, dict):
            yield unclear("the journal does not keep the whole of so long a text", call)
            continue
        # Each word is a token or more, so that many words don't fit for sure.
        if call.words <= room:
            continue
        if call.within("parameters").get("stride"):
            yield KEPT
            continue
        text = (
            f"a text of {call.words} words went to a model that reads {room} tokens, and its end"
            ' was not read; send {"parameters": {"stride": 16}}, or cut the text'
        )
        yield broken(text, call)


def _readable_in_javascript(visit: Visit) -> Iterator[Remark]:
    for call in visit.calls:
        if not call.headers.get("user-agent", "").startswith(_JAVASCRIPT):
            continue
        if isinstance(call.inputs, list):
            yield broken("it sent a batch, on whose answer it throws; send one text a call", call)
        elif call.within("parameters").get("aggregation_strategy") == "none":
            text = "it asked for the strategy none, on whose answer it throws; ask for simple"
            yield broken(text, call)
        else:
            yield KEPT


JUDGES: dict[str, Judge] = {
    "client.json-object": _json_object,
    "client.content-type": _content_type,
    "client.error-not-reposted": _error_not_reposted,
    "client.long-text-strides": _long_text_strides,
    "client.readable-in-javascript": _readable_in_javascript,
}


def _is_json(call: Seen) -> bool:
    sent = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    return sent.endswith(_JSON_TYPES)


def _kind(document: JSON) -> str:
    kinds: Mapping[type, str] = {str: "string", list: "list", bool: "boolean"}
    return kinds.get(type(document), "number")


def _errors(answer: JSON) -> list[str]:
    """The sentences of a refusal."""
    found = answer.get("error") if isinstance(answer, dict) else None
    given = found if isinstance(found, list) else [found]
    return [each for each in given if isinstance(each, str) and len(each) >= _SHORTEST_ERROR]

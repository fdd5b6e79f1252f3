"""Edits: small changes to a reply, and replies of the same server to other requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import orjson

from ..float32 import to_float32
from ..models import Model
from ..reply import Refusal, Reply, json_body
from .deed import Deed, Entry

Breach: TypeAlias = Callable[[Deed], Reply]
ChangeList: TypeAlias = Callable[[list[Entry], str], list[Entry]]
LABEL_KEYS = ("entity_group", "entity")


class Breaches(dict[str, Breach]):
    """The breaches of one topic by clause id."""

    def breaks(self, clause_id: str) -> Callable[[Breach], Breach]:
        """Decorates the breach of a clause."""

        def register(breach: Breach) -> Breach:
            self[clause_id] = breach
            return breach

        return register


@dataclass(frozen=True, slots=True)
class HeldReply(Reply):
    """A reply that a server must hold back for some time, on the session's clock."""

    seconds: float = 0.0


def set_header(reply: Reply, name: bytes, value: bytes) -> Reply:
    """The reply with the header in place of any of that name."""
    return replace(reply, headers=(*drop_headers(reply, name).headers, (name, value)))


def drop_headers(reply: Reply, *names: bytes) -> Reply:
    """The reply without headers of those names."""
    kept = tuple(header for header in reply.headers if header[0] not in names)
    return replace(reply, headers=kept)


def set_body(reply: Reply, body: bytes) -> Reply:
    """The reply with another body; a length among the headers stays true."""
    changed = replace(reply, body=body)
    if any(name == b"content-length" for name, _ in reply.headers):
        return set_header(changed, b"content-length", str(len(body)).encode())
    return changed


def set_json(reply: Reply, document: object) -> Reply:
    """The reply with another JSON body."""
    return set_body(reply, json_body(document))


def edit_object(reply: Reply, **changes: object) -> Reply:
    """The reply with its JSON object's members changed; None takes one away."""
    found = {**orjson.loads(reply.body), **changes}
    return set_json(reply, {name: value for name, value in found.items() if value is not None})


def spell(document: object) -> bytes:
    """The document as a body; an empty one where it is nested too deeply to be written."""
    try:
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return b""


def refuse(deed: Deed, refusal: Refusal) -> Reply:
    """The refusal as the server of the profile would send it."""
    is_plain = isinstance(refusal.body, str)
    body = str(refusal.body).encode() if is_plain else json_body(refusal.body)
    headers = deed.profile.refusal_headers(refusal, deed.model.card.commit if deed.model else "")
    headers += refusal.headers
    if refusal.stage == "gateway" or not deed.profile.is_chunked:
        headers += ((b"content-length", str(len(body)).encode()),)
    return Reply(refusal.status, headers, body)


def complain(deed: Deed, message: str) -> Reply:
    """A 400 with the message, as for something that the pipeline refuses."""
    return refuse(deed, deed.profile.inference_error(message))


def say_loading(deed: Deed) -> Reply:
    """The 503 of a loading model."""
    name = deed.model.card.id if deed.model else deed.named_model
    error = f"Model {name} is currently loading"
    body: dict[str, Any] = {"error": error, "estimated_time": 20.0}
    return refuse(deed, Refusal(status=503, body=body, stage="gateway"))


def accept(deed: Deed, **changes: object) -> Reply:
    """The answer to a refused call with its payload's members changed; None takes one away."""
    payload = {**deed.payload, **changes}
    payload = {name: value for name, value in payload.items() if value is not None}
    reply = deed.compute(spell(payload))
    return reply if deed.is_refused and reply.status == 200 else deed.reply


def accept_parameters(deed: Deed, *left_out: str, **changes: object) -> Reply:
    """The answer to a refused call with its parameters changed."""
    kept = {name: value for name, value in deed.parameters.items() if name not in left_out}
    return accept(deed, parameters={**kept, **changes})


def answer_as_if(deed: Deed, *left_out: str, **changes: object) -> Reply:
    """The reply with the answer that other parameters would get, if they get one."""
    if deed.answer is None:
        return deed.reply
    kept = {name: value for name, value in deed.parameters.items() if name not in left_out}
    payload = {**deed.payload, "parameters": {**kept, **changes}}
    reply = deed.compute(spell(payload))
    return set_body(deed.reply, reply.body) if reply.status == 200 else deed.reply


def ask(deed: Deed, text: str, parameters: Mapping[str, object]) -> list[Entry]:
    """What the same model finds in a text; nothing where it refuses."""
    reply = deed.compute(spell({"inputs": text, "parameters": parameters}))
    entries: list[Entry] = orjson.loads(reply.body) if reply.status == 200 else []
    return entries


def edit_lists(deed: Deed, change: ChangeList) -> Reply:
    """The reply with each text's list changed, which comes with its text."""
    answer = deed.answer
    if answer is None or not deed.texts:
        return deed.reply
    lists: list[list[Entry]] = answer if deed.is_batch else [answer]
    changed = [change(list(found), text) for found, text in zip(lists, deed.texts, strict=False)]
    if changed == lists and orjson.dumps(changed) == orjson.dumps(lists):
        return deed.reply
    return set_json(deed.reply, changed if deed.is_batch else changed[0])


def edit_entries(deed: Deed, change: Callable[[Entry], Entry]) -> Reply:
    """The reply with each entry changed."""
    return edit_lists(deed, lambda found, _: [change(entry) for entry in found])


def scale_scores(deed: Deed, factor: float = 0.5) -> Reply:
    """The reply with all scores times a power of two, which keeps every mean a mean."""
    return edit_entries(deed, lambda entry: score(deed, entry, float(entry["score"]) * factor))


def score(deed: Deed, entry: Entry, value: float) -> Entry:
    """The entry with another score, printed as the profile prints a float32."""
    return {**entry, "score": deed.profile.score(to_float32(value))}


def label_key(entry: Entry) -> str:
    """Where the entry has its label."""
    return LABEL_KEYS["entity_group" not in entry]


def label_of(entry: Entry) -> str:
    """The entry's label, of whichever kind it is."""
    return str(entry[label_key(entry)])


def rest_of(label: str) -> str:
    """A token's label without its prefix."""
    return label[2:] if label.startswith(("B-", "I-")) else label


def has_offsets(found: list[Entry]) -> bool:
    """Whether there are entries, and they know their places."""
    return bool(found) and found[-1]["end"] is not None


def model_of(deed: Deed) -> Model:
    """The model of a call, which has one."""
    if deed.model is None:
        raise ValueError(f"{deed.method} {deed.path} calls no model; ask is_call first")
    return deed.model

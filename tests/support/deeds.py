"""Deeds: exchanges of a faithful server in this process, for a breach to break."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from nertwin.mockserver import ModelCard, Settings
from nertwin.mockserver.app import create_app, create_endpoint
from nertwin.mockserver.availability import Loading
from nertwin.mockserver.breaches import Deed, Memory, find_breach
from nertwin.mockserver.cache import CachedAnswer
from nertwin.mockserver.endpoint import Endpoint
from nertwin.mockserver.incoming import Incoming
from nertwin.mockserver.models import UnknownModel
from nertwin.mockserver.profiles.loading import refuse_call
from nertwin.mockserver.reply import Reply

DSLIM = "dslim/bert-base-NER"
POS = "vblagoje/bert-english-uncased-finetuned-pos"
SENTENCE = "My name is Sarah Jessica Parker but you can call me Jessica"
NEIGHBOURS = "acme/neighbours"  #: A model that labels "Ada Bob" as two persons.
_CARD = ModelCard(id=NEIGHBOURS, pins=("[Ada](PER) [Bob](PER) left",))
_PATHS = {"classic": "/models/{}", "router": "/hf-inference/models/{}", "dedicated": "/"}


@cache
def endpoint_of(profile: str) -> Endpoint:
    return create_endpoint(Settings(profile=profile, models={NEIGHBOURS: _CARD}))


def a_deed(
    inputs: Any = SENTENCE,
    *,
    profile: str = "classic",
    model: str = DSLIM,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    path: str = "",
    reply: Callable[["Deed"], Reply] | None = None,
    options: Any = ...,
    keys: Mapping[str, Any] | None = None,
    deed: Mapping[str, Any] | None = None,
    memory: Memory | None = None,
    **parameters: Any,
) -> Deed:
    """A call of a model; parameters are those of the body, ``deed`` has more of the deed."""
    endpoint = endpoint_of(profile)
    found = endpoint.models.model(model)
    sent = {"content-type": "application/json", **(headers or {})}

    def compute(body: bytes) -> Reply:
        return endpoint.reply(found, Incoming(body=body, headers=sent))

    payload = {"inputs": inputs, **({"parameters": parameters} if parameters else {})}
    payload |= {} if options is ... else {"options": options}
    content = json.dumps(payload | dict(keys or {})).encode() if body is None else body
    faithful = Deed(
        method="POST",
        path=path or _PATHS[profile].format(model),
        headers=sent,
        body=content,
        profile=endpoint.profile,
        model=found,
        reply=compute(content),
        compute=compute,
        memory=Memory() if memory is None else memory,
        **(deed or {}),
    )
    return with_reply(faithful, reply(faithful)) if reply else faithful


def a_visit(
    method: str = "GET",
    path: str = "/",
    *,
    query: str = "",
    profile: str = "classic",
    headers: Mapping[str, str] | None = None,
    memory: Memory | None = None,
) -> Deed:
    """A request that calls no model that is served."""
    endpoint = endpoint_of(profile)
    sent = dict(headers or {})
    return Deed(
        method=method,
        path=path,
        query=query,
        headers=sent,
        body=b'{"inputs":"Ada"}',
        profile=endpoint.profile,
        model=None,
        reply=_fetch(endpoint, method, path, query, sent),
        compute=_no_model,
        memory=Memory() if memory is None else memory,
    )


def kept(deed: Deed) -> Reply:
    """The deed's answer as it comes from the cache."""
    assert deed.profile.serverless
    assert deed.model
    answer = CachedAnswer(body=deed.reply.body, seconds=0.125)
    headers = deed.profile.serverless.cached_headers(answer, deed.model.card.commit)
    return Reply(200, headers, deed.reply.body)


def loading(deed: Deed) -> Reply:
    """The 503 of the deed's model while it loads."""
    assert deed.model
    refusal = refuse_call(deed.model.card.id, Loading(20.0))
    return endpoint_of(deed.profile.name).refuse(refusal, deed.model)


def wrong_token(deed: Deed) -> Reply:
    """What a server that looks at tokens says of a wrong one."""
    return endpoint_of(deed.profile.name).refuse(deed.profile.invalid_token())


def with_reply(deed: Deed, reply: Reply) -> Deed:
    fields = {name: getattr(deed, name) for name in Deed.__dataclass_fields__}
    return Deed(**fields | {"reply": reply})


@dataclass(frozen=True)
class Case:
    """A clause, an exchange that its breach changes, and how the change violates the clause."""

    clause: str
    make: Callable[..., Deed]
    violates: Callable[[Reply, Deed], bool]
    before: tuple[Callable[..., Deed], ...] = field(default=())  #: What the breach saw earlier.

    def play(self) -> tuple[Reply, Deed]:
        """The broken reply, and the deed that it is broken from."""
        memory, breach = Memory(), find_breach(self.clause)
        for make in self.before:
            breach(make(memory=memory))
        deed = self.make(memory=memory)
        return breach(deed), deed


def entries(reply: Reply) -> Any:
    return json.loads(reply.body)


def header(reply: Reply, name: str) -> str | None:
    return next((value.decode() for key, value in reply.headers if key == name.encode()), None)


def _no_model(_: bytes) -> Reply:
    raise UnknownModel("", ())


def _fetch(
    endpoint: Endpoint, method: str, path: str, query: str, headers: Mapping[str, str]
) -> Reply:
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b'{"inputs":"Ada"}', "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    app: Any = create_app(endpoint.settings)
    asyncio.run(app(scope, receive, send))
    start, content = sent
    return Reply(start["status"], tuple(start["headers"]), content["body"])

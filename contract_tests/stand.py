"""Stand: a stand-in for the selftest to judge, and the surroundings that it is judged in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from nertwin.mockserver import Control, ModelCard, Settings, running_server
from nertwin.mockserver.life import Life
from nertwin.schemas import JSON, Clause, Profile

from .client import Client, Transport
from .endpoint import DEFAULT_MODEL, Endpoint, find_endpoint
from .etiquette import Etiquette
from .exchange import Exchange, Request
from .outcomes import Verdict
from .runner import run

Models: TypeAlias = Mapping[str, Life]

_BUDGET = 1000
_TIMEOUT = 5.0
_PATIENCE = 1.0  # Seconds; a breach may announce a load of any length.
_TOKEN = "hf_selftest0123456789abcdefghijklmnop"  # noqa: S105  # Of a server that ends with the selftest.
_SESSION = "x-nertwin-session"

_FAST, _SLOW = "scaled:100", "scaled:1.5"
# A load is over in 0.3 of our seconds by the fast clock, in 0.7 by the slow one.
_COLD: Models = {
    f"nertwin/cold-{number}": Life(starts="cold", after_seconds=30, estimated_time=0.3)
    for number in (1, 2)
}
_COOL: Models = {
    f"nertwin/cool-{number}": Life(starts="cold", after_seconds=1, estimated_time=0.3)
    for number in (1, 2)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a stand-in is like besides what it breaks; some breaches show in some only."""

    name: str  #: In words that go on after "caught"; empty for the ordinary ones.
    settings: Mapping[str, JSON] = field(default_factory=dict, repr=False)  #: Of the session.
    model: str = DEFAULT_MODEL
    cold: Models = field(default_factory=lambda: _COLD)

    def of(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint as a client would name it here."""
        return replace(endpoint, model=self.model, cold_model=",".join(self.cold))


#: Those that show most come first.
SURROUNDINGS = (
    Surroundings(name="", settings={"clock": _FAST}),
    Surroundings(
        name="where a token is asked for",
        settings={"clock": _FAST, "auth": "token", "token": _TOKEN},
    ),
    Surroundings(
        name="with labels that have no prefix",
        settings={"clock": _FAST, "default_model": "flair/ner-english"},
        model="flair/ner-english",
    ),
    Surroundings(name="by a slow clock", settings={"clock": _SLOW}, cold=_COOL),
)


@dataclass(frozen=True)
class InSession:
    """A transport that speaks in one session of the stand-in, so that no other trial is felt."""

    transport: Transport
    session: str

    def send(self, request: Request) -> Exchange:
        """One request and what became of it."""
        return replace(self.transport.send(self._named(request)), request=request)

    def send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        """Requests that are under way at the same time."""
        sent = self.transport.send_together(tuple(map(self._named, requests)))
        return tuple(
            replace(exchange, request=request)
            for exchange, request in zip(sent, requests, strict=True)
        )

    def _named(self, request: Request) -> Request:
        return request.with_headers((_SESSION, self.session))


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A stand-in of one profile, with a client of the kit and one of its control API."""

    endpoint: Endpoint
    transport: Transport
    control: Control

    def judge(
        self, surroundings: Surroundings, clauses: Sequence[Clause], *, violate: str = ""
    ) -> Verdict:
        """The verdict on it in a session of its own, in which it may violate a clause.

        Raises:
            NoEndpoint: It is so wrong that it was taken for no endpoint.
        """
        violated: list[JSON] = [violate] if violate else []
        settings: dict[str, JSON] = {**surroundings.settings, "violate": violated}
        with self.control.session(settings=settings) as session:
            return run(
                surroundings.of(self.endpoint),
                InSession(self.transport, session.id),
                clauses=clauses,
                etiquette=Etiquette(max_requests=_BUDGET, patience=_PATIENCE),
            )


@contextmanager
def running_stand(profile: Profile) -> Iterator[Stand]:
    """A stand that runs until the ``with`` block is left."""
    lives = {**_COLD, **_COOL}
    cards = {each: ModelCard(id=each, life=life) for each, life in lives.items()}
    with running_server(Settings(port=0, profile=profile, models=cards)) as server:
        endpoint = find_endpoint(server.url, profile=profile, token=_TOKEN)
        with Client(endpoint, timeout=_TIMEOUT) as client, Control(server.url) as control:
            yield Stand(endpoint=endpoint, transport=client, control=control)

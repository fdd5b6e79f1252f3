"""Bench: carries plans out, sends what is equal once, and keeps the exchanges."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from .checks.check import Plan, Step, Trial
from .client import Transport
from .endpoint import Endpoint
from .etiquette import Etiquette, next_attempt
from .exchange import Exchange, Request


@dataclass
class Bench:
    """Where plans become trials.

    ``on_exchange`` hears of every exchange that was really made.
    """

    endpoint: Endpoint
    transport: Transport
    etiquette: Etiquette
    on_exchange: Callable[[Exchange], None] = lambda _: None
    #: Exchanges of earlier runs; what is in it is heard of as if it were made now, but not sent.
    earlier: dict[Request, Exchange] = field(default_factory=dict, repr=False)
    _kept: dict[Request, Exchange] = field(default_factory=dict, init=False, repr=False)

    @property
    def made(self) -> Collection[Request]:
        """The requests whose exchanges are kept."""
        return self._kept.keys()

    def carry_out(self, plan: Plan, *, attempt: int = 0) -> Trial:
        """The plan's trial; an ``attempt`` that was not made before is sent anew.

        Raises:
            Stopped: No more requests may be sent.
        """
        exchanges: tuple[Exchange, ...] = ()
        for step in plan.steps:
            made = self._take(step, exchanges, attempt)
            if not made:
                break
            exchanges += made
        return Trial(exchanges=exchanges, endpoint=self.endpoint, about=plan.about)

    def _take(self, step: Step, before: tuple[Exchange, ...], attempt: int) -> tuple[Exchange, ...]:
        if callable(step):
            follower = step(before)
            return () if follower is None else self._take(follower, before, attempt)
        if isinstance(step, tuple):
            return self._send_together(tuple(_numbered(each, attempt) for each in step))
        return (self._send(_numbered(step, attempt)),)

    def _send(self, request: Request) -> Exchange:
        if request in self._kept:
            return self._kept[request]
        if request in self.earlier:
            return self._keep(self.earlier[request])
        waited = 0.0
        while True:
            self.etiquette.claim()
            exchange = self.transport.send(request)
            seconds = self.etiquette.wait_wanted(exchange, waited)
            if seconds is None:
                break
            waited += seconds
            self.on_exchange(exchange)
            self.etiquette.sleep(seconds)
        return self._keep(exchange)

    def _send_together(self, requests: tuple[Request, ...]) -> tuple[Exchange, ...]:
        if all(request in self._kept for request in requests):
            return tuple(self._kept[request] for request in requests)
        if all(request in self.earlier for request in requests):
            return tuple(self._keep(self.earlier[request]) for request in requests)
        self.etiquette.claim(len(requests))
        exchanges = self.transport.send_together(requests)
        return tuple(map(self._keep, exchanges))

    def _keep(self, exchange: Exchange) -> Exchange:
        self._kept[exchange.request] = self.earlier[exchange.request] = exchange
        self.etiquette.heed(exchange)
        self.on_exchange(exchange)
        return exchange


def _numbered(request: Request, attempt: int) -> Request:
    return next_attempt(request, attempt) if attempt else request

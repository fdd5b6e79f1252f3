"""Hearing: one endpoint, judged in several runs that share its answers and one budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from nertwin.schemas import Clause

from .application import Application, running_application
from .client import Client, Transport
from .endpoint import Endpoint
from .etiquette import Etiquette
from .exchange import Exchange, Request
from .outcomes import Verdict
from .runner import DEFAULT_SEED, run

#: Where an endpoint is: its URL, the endpoint as a value, or an application to be served.
Place: TypeAlias = "str | Endpoint | Application"


@dataclass(kw_only=True)
class Hearing:
    """Runs against one endpoint; a request that two of them make is sent once.

    What a run finds does not depend on which runs came before, as far as the budget goes.
    """

    endpoint: Endpoint
    transport: Transport
    etiquette: Etiquette = field(default_factory=Etiquette)
    seed: int = DEFAULT_SEED
    _earlier: dict[Request, Exchange] = field(default_factory=dict, init=False, repr=False)

    def judge(self, *clauses: Clause) -> Verdict:
        """The verdict on these clauses.

        Raises:
            NoEndpoint: What answers is no endpoint of this API.
        """
        return run(
            self.endpoint,
            self.transport,
            clauses=clauses,
            etiquette=self.etiquette,
            seed=self.seed,
            earlier=self._earlier,
        )


@contextmanager
def open_hearing(
    place: Place,
    *,
    find: Callable[[str], Endpoint],
    etiquette: Callable[[Endpoint], Etiquette],
    seed: int = DEFAULT_SEED,
    timeout: float = 30.0,
) -> Iterator[Hearing]:
    """A hearing of what is at a place; an application is served while it lasts.

    ``find`` makes an endpoint of a URL.
    """
    if isinstance(place, Endpoint):
        with Client(place, timeout=timeout) as client:
            yield Hearing(endpoint=place, transport=client, etiquette=etiquette(place), seed=seed)
    elif isinstance(place, str):
        with open_hearing(
            find(place), find=find, etiquette=etiquette, seed=seed, timeout=timeout
        ) as hearing:
            yield hearing
    else:
        with (
            running_application(place) as url,
            open_hearing(
                url, find=find, etiquette=etiquette, seed=seed, timeout=timeout
            ) as hearing,
        ):
            yield hearing

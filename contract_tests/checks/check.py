"""Check: one clause made observable, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hypothesis.strategies import SearchStrategy

from ..endpoint import Endpoint
from ..exchange import Exchange, Request
from ..violations import Violation

#: What a check can't do without, besides an endpoint.
Need: TypeAlias = Literal["cold-model", "token"]
#: A request that depends on what came before; None ends the plan there.
Follow: TypeAlias = "Callable[[tuple[Exchange, ...]], Request | None]"
#: One request, several at the same time, or one made from the answers so far.
Step: TypeAlias = "Request | tuple[Request, ...] | Follow"


@dataclass(frozen=True, slots=True)
class Plan:
    """Requests that are judged together, and what is known of them."""

    steps: tuple[Step, ...]
    about: object = None  #: What the judge must know: a mutation, the entities in the text.
    #: Tries the same among much else; where the clause is seen to hold there, this is not tried.
    bundle: Plan | None = None


def plan(*steps: Step, about: object = None, bundle: Plan | None = None) -> Plan:
    """A plan of these steps, one after the other."""
    return Plan(steps, about, bundle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A plan that was carried out; what a judge sees."""

    exchanges: tuple[Exchange, ...]  #: In the order of the steps.
    endpoint: Endpoint
    about: object = None

    @property
    def exchange(self) -> Exchange:
        """The last exchange, which is the only one of most plans."""
        return self.exchanges[-1]


@dataclass(frozen=True, slots=True)
class Undecided:
    """A trial shows nothing about the clause."""

    why: str


#: Pure. What is yielded is wrong, or leaves the clause open; nothing means that it holds.
Judge: TypeAlias = "Callable[[Trial], Iterable[Violation | Undecided]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How a clause is tried, and how what comes back is judged."""

    clause: str  #: Its id.
    judge: Judge
    #: Plans that are always tried, the most telling first.
    examples: Callable[[Endpoint], Iterable[Plan]]
    #: Plans that Hypothesis draws, and shrinks when one fails.
    draws: Callable[[Endpoint], SearchStrategy[Plan]] | None = None
    #: Which exchanges of other checks are judged as well, as plans of one request.
    watches: Callable[[Exchange], bool] | None = None
    #: Whether one violation may be chance; then more than half of the trials must show it.
    is_soft: bool = False
    #: Whether the judge is to see exchanges that broke, and refusals for lack of permission,
    #: credit, patience or capacity. Without it such a trial is undecided.
    sees_all: bool = False
    needs: frozenset[Need] = frozenset()

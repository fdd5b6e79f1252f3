"""Verification: whether a session was asked what it should have been, and what came near."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .errors import NertwinError, quote
from .exchange import Exchange, Gate
from .journal import Journal

_MOST_MISSES = 3
_LONGEST_WAIT = 600


class BadWait(NertwinError):
    """Somebody wants to wait for longer than anybody may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an exchange should be like; None allows anything."""

    model: str | None = None
    status: int | None = None
    method: str | None = None
    path: str | None = None  #: With its query, or without one.
    text: str | None = None  #: Stands in the request's body, as far as that is kept.
    gate: Gate | None = None

    def fits(self, exchange: Exchange) -> bool:
        """Whether the exchange is like that."""
        return not self.misses(exchange)

    def misses(self, exchange: Exchange) -> list[str]:
        """Each respect in which the exchange is not like that, in words."""
        found = []
        for name in ("model", "status", "method", "gate"):
            wanted, came = getattr(self, name), getattr(exchange, name)
            if wanted is not None and wanted != came:
                found.append(f"{name} is {quote(came)}, wanted {quote(wanted)}")
        paths = (exchange.path, exchange.path.partition("?")[0])
        if self.path is not None and self.path not in paths:
            found.append(f"path is {quote(exchange.path)}, wanted {quote(self.path)}")
        body = exchange.request_body
        if self.text is not None and not body.holds(self.text):
            cut = ", of which only the beginning is kept" if body.is_cut else ""
            found.append(f"the body is {quote(body.text)}{cut}, wanted {quote(self.text)} in it")
        return found

    def __str__(self) -> str:
        names = ("model", "status", "method", "path", "text", "gate")
        asked = ((name, getattr(self, name)) for name in names)
        given = [f"{name} {value!r}" for name, value in asked if value is not None]
        return " and ".join(given) or "anything"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether what was wanted did happen."""

    holds: bool
    difference: str = ""  #: Empty if it holds; else what was wanted, what came, what came near.


def find(exchanges: Iterable[Exchange], wanted: Wanted) -> tuple[Exchange, ...]:
    """The exchanges that are like that, in their order."""
    return tuple(exchange for exchange in exchanges if wanted.fits(exchange))


def verify_count(journal: Journal, wanted: Wanted, count: int) -> Verdict:
    """Whether exactly ``count`` exchanges were like that.

    It does not hold when it can't be known: because exchanges are gone that might have been, or
    the rest of a body that might have had the text.
    """
    found = sum(exchange.count for exchange in find(journal, wanted))
    cut = [exchange.number for exchange in journal if _may_fit(wanted, exchange)]
    if found == count and not journal.dropped and not cut:
        return Verdict(holds=True)
    lines = [f"wanted {_times(count)} with {wanted}; found {found}."]
    if cut:
        lines.append(f"Only the beginning is kept of the body of #{cut[0]}, so that is unknown.")
    if journal.dropped:
        lines.append(f"No longer kept: {_times(journal.dropped)}, so the rest is unknown.")
    if found < count:
        lines += _near_misses(journal, wanted)
    elif found > count:
        lines += [f"  {_line(exchange)}" for exchange in find(journal, wanted)[-_MOST_MISSES:]]
    return Verdict(holds=False, difference="\n".join(lines))


async def wait_for_count(
    journal: Journal, wanted: Wanted, count: int, *, longest: float
) -> Verdict:
    """The verdict on ``count`` as soon as that many were like that, or on what came in time.

    ``longest`` is in seconds of the machine's clock; a session's may stand still. Calls
    that come later are not waited for, so the verdict is also on those that were too many.

    Raises:
        BadWait: ``longest`` is no number of seconds from 0 to 600.
    """
    check_longest(longest)
    found = sum(exchange.count for exchange in find(journal, wanted))
    reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def watch(exchange: Exchange | None) -> None:
        nonlocal found
        if exchange is None:
            found = 0
        elif wanted.fits(exchange):
            found += 1
        if found >= count and not reached.done():
            reached.set_result(None)

    if found < count:
        with journal.watched(watch):
            await asyncio.wait((reached,), timeout=longest)
    return verify_count(journal, wanted, count)


def check_longest(seconds: float) -> float:
    """The seconds that somebody wants to wait for at most.

    Raises:
        BadWait: They are no number from 0 to 600.
    """
    if not 0 <= seconds <= _LONGEST_WAIT:
        raise BadWait(f"longest is {seconds!r}; it must be from 0 to {_LONGEST_WAIT} seconds")
    return seconds


def verify_order(journal: Journal, wanted: Sequence[Wanted]) -> Verdict:
    """Whether exchanges like these came one after the other; others may stand between them."""
    exchanges = tuple(journal)
    place = used = 0  # The exchange looked at, and how many of it are taken already.
    for step, each in enumerate(wanted, 1):
        began = place
        while place < len(exchanges) and not (
            each.fits(exchanges[place]) and used < exchanges[place].count
        ):
            place, used = place + 1, 0
        if place == len(exchanges):
            after = f"after {_line(exchanges[began])}" if step > 1 else "at all"
            lines = [f"step {step} of {len(wanted)}: nothing with {each} came {after}."]
            if journal.dropped:
                lines.append(f"No longer kept: {_times(journal.dropped)} before these.")
            return Verdict(
                holds=False,
                difference="\n".join(lines + _near_misses(exchanges[began:], each)),
            )
        used += 1
    return Verdict(holds=True)


def _may_fit(wanted: Wanted, exchange: Exchange) -> bool:
    """Whether the exchange would fit if the rest of its body had the text."""
    is_cut = wanted.text is not None and exchange.request_body.is_cut
    return is_cut and not wanted.fits(exchange) and replace(wanted, text=None).fits(exchange)


def _near_misses(exchanges: Iterable[Exchange], wanted: Wanted) -> list[str]:
    """What came nearest, the fewest differences first and of equals the latest."""
    missed = [(wanted.misses(exchange), exchange) for exchange in exchanges]
    near = sorted(
        ((misses, exchange) for misses, exchange in missed if misses),
        key=lambda miss: (len(miss[0]), -miss[1].number),
    )
    return [
        f"  near: {_line(exchange)}: {'; '.join(misses)}"
        for misses, exchange in near[:_MOST_MISSES]
    ] or ["  nothing came near."]


def _line(exchange: Exchange) -> str:
    more = f" ({exchange.count} times)" if exchange.repeats else ""
    return f"#{exchange.number} {exchange.method} {exchange.path} -> {exchange.status}{more}"


def _times(count: int) -> str:
    return "1 exchange" if count == 1 else f"{count} exchanges"

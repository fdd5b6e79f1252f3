"""Exchanges: those of a shared session's journal, a piece each."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from typing import Any

from ..exchange import Exchange
from ..journal import Journal
from .changed import Changed
from .pickles import dump, load
from .session import SharedSession

_PREFIX = b"j"
#: Of a journal, what other servers have of their own, or what its exchanges tell.
_JOURNAL_OWN = frozenset(
    (
        *("_clock", "_monotonic", "_max_exchanges", "_max_bytes", "_max_body_bytes"),
        *("_fold_after", "_kept", "_sizes", "_budget", "_watchers", "_likeness"),
    )
)


class Exchanges:
    """What Redis has of them, as far as this server knows."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, Exchange] = OrderedDict()

    def compare(self, session: SharedSession, changed: Changed) -> None:
        """Tell what is other in the copy, which from now on is the same."""
        kept = deque() if session._journal is None else session._journal._kept
        known = self._known
        new: list[Exchange] = []
        for exchange in reversed(kept):
            if known.get(exchange.number) is exchange:
                break
            new.append(exchange)
        if len(new) == len(kept):  # None is left of what there was; the numbers may be new ones.
            there = {exchange.number for exchange in new}
            for number in known:
                if number not in there:
                    changed.drop(_name(number))
            known.clear()
        while known and next(iter(known)) < kept[0].number:
            changed.drop(_name(known.popitem(last=False)[0]))
        for exchange in reversed(new):
            known[exchange.number] = exchange
            changed.put(_name(exchange.number), dump(exchange))

    def take(
        self, session: SharedSession, values: Mapping[bytes, bytes], gone: Iterable[bytes]
    ) -> None:
        """Bring the copy up to date, by those of all pieces that are exchanges.

        Raises:
            Unreadable: Something else was written there.
        """
        lost = [_number(name) for name in gone if is_exchange(name)]
        numbers = sorted(_number(name) for name in values if is_exchange(name))
        new = [load(values[_name(number)]) for number in numbers]
        known = self._known
        for number in lost:
            known.pop(number, None)
        known.update(zip(numbers, new, strict=True))
        if session._journal is None:
            return
        kept, sizes = session._journal._kept, session._journal._sizes
        for number in lost:
            if kept and kept[0].number == number:
                kept.popleft()
                sizes.popleft()
        for exchange in new:
            if kept and kept[-1].number == exchange.number:
                kept[-1] = exchange
            elif not kept or kept[-1].number < exchange.number:
                kept.append(exchange)
                sizes.append(exchange.size)
        # Where numbers began anew, neither end was the one that has changed.
        if len(kept) != len(known) or (new and kept[-1] is not new[-1]):
            self._known = OrderedDict(sorted(known.items()))
            kept.clear()
            kept.extend(self._known.values())
            sizes.clear()
            sizes.extend(exchange.size for exchange in kept)


def is_exchange(name: bytes) -> bool:
    """Whether the piece of that name is one."""
    return name.startswith(_PREFIX)


def journal_state(journal: Journal) -> dict[str, object]:
    """What a journal knows besides its exchanges."""
    state = {name: value for name, value in vars(journal).items() if name not in _JOURNAL_OWN}
    return {**state, "held": journal.bytes_held}


def restore_journal(session: SharedSession, state: dict[str, Any] | None) -> None:
    """Have the session's journal know what :func:`journal_state` gave, or be none."""
    if state is None:
        session._journal = None
        return
    note, session._first_note = session._first_note, ""  # It is among the state's notes.
    journal = session.journal
    session._first_note = note
    journal._budget.held = state.pop("held")
    journal._likeness = None
    for name, value in state.items():
        setattr(journal, name, value)


def _name(number: int) -> bytes:
    return _PREFIX + b"%d" % number


def _number(name: bytes) -> int:
    return int(name.removeprefix(_PREFIX))

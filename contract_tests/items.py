"""Items: what stands behind the plugin's items, imported when the first of them is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from nertwin.mockserver.errors import NertwinError, did_you_mean
from nertwin.schemas import LEVELS, PROFILES, Clause, Level, Profile

from .checking import Wishes
from .checks import select_clauses
from .endpoint import Endpoint, find_endpoint
from .etiquette import Etiquette
from .hearing import Hearing, Place, open_hearing
from .outcomes import Outcome, Result, Verdict
from .reporters.evidence import describe, headline

STAND_IN = "stand-in"

_LEVELS = tuple(level.lower() for level in LEVELS)


class BadOption(NertwinError):
    """An option of the plugin can't be understood."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One clause, and the options it is judged with."""

    clause: Clause
    wishes: Wishes

    def __repr__(self) -> str:
        return self.clause.id


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What came of a case."""

    result: Result
    verdict: Verdict

    @property
    def outcome(self) -> str:
        """The outcome in a word."""
        return self.result.outcome.value

    def tell(self) -> None:
        """Fail with the violation, skip with the reason, or return; to be called in a test."""
        __tracebackhide__ = True
        if self.result.outcome is Outcome.FAILED:
            told = [
                f"{headline(finding)}\n\n{describe(finding, self.verdict)}"
                for finding in self.result.findings
            ]
            pytest.fail("\n\n".join(told), pytrace=False)
        if not self.result.outcome.is_decided:
            pytest.skip(f"{self.outcome}: {self.result.why}")


@dataclass
class Hearings:
    """The hearings of a session of pytest, one for each endpoint."""

    workers: int = 1  #: Processes among which the budget is divided.
    _open: dict[object, Hearing] = field(default_factory=dict, init=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False)

    def judge(self, place: Place, case: Case) -> Judgement:
        """Judge a case; what is wrong with the endpoint's address or with us is an error here."""
        problem = ""
        try:
            verdict = self._hearing(place, case.wishes).judge(case.clause)
        except NertwinError as error:
            problem = f"nertwin: {error}"
        if problem:
            pytest.fail(problem, pytrace=False)
        if verdict.is_interrupted:
            raise KeyboardInterrupt
        (result,) = verdict.results
        if result.outcome is Outcome.ERROR:
            pytest.fail(f"{case.clause.id}: the check itself failed\n{result.why}", pytrace=False)
        return Judgement(result=result, verdict=verdict)

    def close(self) -> None:
        """End what was started."""
        self._stack.close()

    def _hearing(self, place: Place, wishes: Wishes) -> Hearing:
        # An application need not be hashable, and is the same only if it is the same object.
        key = (place if isinstance(place, str | Endpoint) else id(place), wishes)
        if key not in self._open:
            self._open[key] = self._stack.enter_context(self._start(place, wishes))
        return self._open[key]

    @contextmanager
    def _start(self, place: Place, wishes: Wishes) -> Iterator[Hearing]:
        with ExitStack() as stack:
            if place == STAND_IN:
                from nertwin.mockserver import Settings, running_server

                settings = Settings(port=0, profile=wishes.profile or "classic")
                place = stack.enter_context(running_server(settings)).url
            if isinstance(place, Endpoint) and place.profile != wishes.profile:
                raise BadOption(
                    f"nertwin_endpoint speaks {place.profile}, its items are of"
                    f" {wishes.profile}; set nertwin_profile = {place.profile}."
                )
            yield stack.enter_context(
                open_hearing(
                    place,
                    find=lambda url: replace(wishes, url=url).endpoint(),
                    etiquette=lambda endpoint: self._share(wishes.etiquette(endpoint)),
                    seed=wishes.seed,
                    timeout=wishes.timeout,
                )
            )

    def _share(self, whole: Etiquette) -> Etiquette:
        return replace(
            whole,
            max_requests=max(1, whole.max_requests // self.workers),
            rate=whole.rate / self.workers,
        )


def cases(given: Mapping[str, str]) -> list[Case]:
    """The cases that the options ask for, by their names; an empty one is as good as none.

    Raises:
        NertwinError: An option can't be understood.
    """
    wanted = {name: value for name, value in given.items() if value}
    url = wanted.get("endpoint", "")
    profile = cast("Profile | None", _choice(wanted, "profile", PROFILES))
    if profile is None and url not in ("", STAND_IN):
        profile = find_endpoint(url).profile
    level = cast("Level", (_choice(wanted, "level", _LEVELS) or "should").upper())
    select = wanted.get("select", "").split()
    wishes = Wishes(
        url=url,
        model=wanted.get("model"),
        cold_model=wanted.get("cold-model"),
        profile=profile or "classic",
        token_env=wanted.get("token-env"),
        seed=_whole(wanted, "seed", 0),
        max_requests=_whole(wanted, "max-requests", 400, least=1),
        rate=_real(wanted, "rate"),
        timeout=_real(wanted, "timeout") or 30.0,
    )
    clauses = select_clauses(profile or "classic", level=level, select=select)
    return [Case(clause=clause, wishes=wishes) for clause in clauses]


def _choice(wanted: Mapping[str, str], name: str, known: tuple[str, ...]) -> str | None:
    value = wanted.get(name)
    if value is None or value.lower() in known:
        return value and value.lower()
    guess = did_you_mean(value, known)
    raise BadOption(f"--nertwin-{name} is one of {', '.join(known)}, got {value!r}.{guess}")


def _whole(wanted: Mapping[str, str], name: str, default: int, *, least: int | None = None) -> int:
    value = wanted.get(name, str(default))
    try:
        number = int(value)
    except ValueError:
        number = None
    if number is None or (least is not None and number < least):
        wants = "a whole number" if least is None else f"a whole number from {least} on"
        raise BadOption(f"--nertwin-{name} is {wants}, got {value!r}.")
    return number


def _real(wanted: Mapping[str, str], name: str) -> float | None:
    if name not in wanted:
        return None
    try:
        number = float(wanted[name])
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise BadOption(f"--nertwin-{name} is a number from 0 on, got {wanted[name]!r}.")
    return number

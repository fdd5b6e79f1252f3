"""Faults: what can go wrong with a call, and which calls it hurts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from hashlib import blake2b
from typing import Any, Literal, TypeAlias, get_args, get_type_hints

from .clock import BadClock, check_seconds
from .errors import NertwinError, did_you_mean, quote
from .tables import BadTable, check_value

#: Answered by a refusal of that status; 503 is that of a loading model.
StatusKind: TypeAlias = Literal[
    "400",
    "401",
    "402",
    "403",
    "404",
    "410",
    "429",
    "500",
    "503",
    "503-overloaded",
    "503-html",
    "504",
]
#: Done to the reply on its way, or in its place.
DamageKind: TypeAlias = Literal[
    "reset",
    "empty",
    "truncated",
    "garbage",
    "dribble",
    "wrong-length",
    "wrong-type",
    "gzip",
    "ok-error",
    "redirect",
    "violate",
]
#: Goes along with any other.
SideKind: TypeAlias = Literal["latency", "evolve"]
Kind: TypeAlias = Literal[StatusKind, DamageKind, SideKind]
ErrorForm: TypeAlias = Literal["recorded", "string", "list"]
Length: TypeAlias = Literal["longer", "shorter", "true"]

STATUS_KINDS: tuple[StatusKind, ...] = get_args(StatusKind)
DAMAGE_KINDS: tuple[DamageKind, ...] = get_args(DamageKind)
SIDE_KINDS: tuple[SideKind, ...] = get_args(SideKind)
KINDS: tuple[Kind, ...] = (*STATUS_KINDS, *DAMAGE_KINDS, *SIDE_KINDS)

#: What a service may add and break no clause that is a MUST, one by one.
EVOLUTIONS = ("extra-fields", "key-order", "more-digits", "header-case", "extra-headers")

#: The header by which a request asks for faults itself.
FAULT_HEADER = "x-nertwin-fault"
LONGEST_DELAY = 3600.0  # Seconds.
_MOST_CALLS = 1_000_000_000
_WORDED = (*(kind for kind in STATUS_KINDS if kind != "503-html"), "ok-error")
# Which kinds read a field that only some of them read.
_READERS: Mapping[str, tuple[str, ...]] = {
    "error_form": _WORDED,
    "message": _WORDED,
    "estimated_time": ("503", "ok-error"),
    "retry_after": STATUS_KINDS,
    "seconds": ("latency", "dribble"),
    "sigma": ("latency",),
    "length": ("truncated", "wrong-length"),
    "location": ("redirect",),
    "clause": ("violate",),
    "evolve": ("evolve",),
}
_LENGTHS: Mapping[str, tuple[Length, ...]] = {
    "truncated": ("longer", "true"),
    "wrong-length": ("longer", "shorter"),
}


class BadFault(NertwinError):
    """A fault is none, or contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to hurt calls, and which ones. The first fields choose the calls.

    Raises:
        BadFault: A field is of the wrong type or out of range, or the kind doesn't read it.
    """

    kind: Kind  #: What is done: a status with its recorded body, or a harm to the reply.
    times: int = 0  #: Hurt that many calls at most; 0 is without end.
    after: int = 0  #: Spare that many matching calls first.
    every: int = 1  #: Of the matching calls after those, hurt each k-th.
    probability: float = 1.0  #: Hurt a matching call as likely as that, decided by ``seed``.
    seed: int = 0  #: Also decides what ``sigma`` and ``evolve`` draw.
    model: str = ""  #: Hurt calls of that model; empty is any.
    text: str = ""  #: Hurt calls whose body holds it, in whichever spelling of JSON.

    error_form: ErrorForm = "recorded"  #: Whether ``error`` is a string or a list of strings.
    message: str = ""  #: In place of the recorded words.
    estimated_time: float | None = None  #: In place of the recorded seconds.
    retry_after: int | None = None  #: Seconds; the API itself never sends the header.
    seconds: float = 1.0  #: Of the delay, or of the whole dribble, on the session's clock.
    sigma: float = 0.0  #: Draw the delay, lognormal around the median ``seconds``.
    length: Length = "longer"  #: How content-length compares with what is sent.
    location: str = ""  #: Where a redirect leads; empty is back to the same address.
    clause: str = ""  #: The clause to violate.
    evolve: tuple[str, ...] = EVOLUTIONS  #: What a newer service adds.

    def __post_init__(self) -> None:
        self._check_types()
        self._check_readers()
        self._check_when()
        self._check_how()

    def delay(self, number: int) -> float:
        """Seconds that the matching call of that number is held."""
        if not self.sigma:
            return self.seconds
        from statistics import NormalDist  # It brings fractions and decimals along.

        normal = NormalDist().inv_cdf((self._draw("delay", number) + 0.5) / 2**53)
        # Beyond this the bound is met anyhow, and exp would overflow.
        return min(LONGEST_DELAY, self.seconds * math.exp(min(self.sigma * normal, 700.0)))

    def falls_on(self, number: int) -> bool:
        """Whether the matching call of that number, the first being 1, is one to hurt."""
        later = number - self.after
        if later < 1 or later % self.every:
            return False
        return self.probability >= 1 or self._draw("hit", number) < self.probability * 2**53

    def _draw(self, what: str, number: int) -> int:
        """A whole number below 2**53, the same for the same fault and number."""
        # Faults that differ must not fall on the same calls for sharing a seed.
        key = f"{what}\0{self.seed}\0{number}\0{self.kind}\0{self.model}\0{self.text}"
        digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest) >> 11

    def _check_types(self) -> None:
        hints, defaults = _hints()
        for name, wanted in hints.items():
            value = getattr(self, name)
            if value is None and defaults[name] is None:
                continue
            try:
                check_value(value, wanted, where=f"fault: {name}")
            except BadTable as error:
                raise BadFault(str(error)) from error

    def _check_readers(self) -> None:
        _, defaults = _hints()
        for name, kinds in _READERS.items():
            if self.kind not in kinds and getattr(self, name) != defaults[name]:
                raise BadFault(
                    f"fault {self.kind}: {name} is {quote(getattr(self, name))}, but only"
                    f" {', '.join(kinds)} use{'s' if len(kinds) == 1 else ''} it; leave it out"
                )

    def _check_when(self) -> None:
        for name, least in (("times", 0), ("after", 0), ("every", 1)):
            value = getattr(self, name)
            if not least <= value <= _MOST_CALLS:
                self._refuse(name, f"from {least} to {_MOST_CALLS}")
        if not 0 < self.probability <= 1:
            self._refuse("probability", "above 0 and at most 1; leave the fault out for never")
        if self.probability < 1 and self.every > 1:
            raise BadFault(
                f"fault {self.kind}: every is {self.every} and probability {self.probability};"
                " a call is chosen by one of them, so leave the other out"
            )

    def _check_how(self) -> None:
        for name in ("seconds", "sigma", "estimated_time", "retry_after"):
            value = getattr(self, name)
            if value is None:
                continue
            try:
                check_seconds(value, name)
            except BadClock:
                self._refuse(name, "finite and at least 0")
        if self.seconds > LONGEST_DELAY:
            self._refuse("seconds", f"at most {LONGEST_DELAY:.0f}")
        if self.sigma > 10:
            self._refuse("sigma", "at most 10; 0.5 already doubles the delay now and then")
        if self.length not in _LENGTHS.get(self.kind, (self.length,)):
            self._refuse("length", f"one of {', '.join(_LENGTHS[self.kind])} for this kind")
        if not all(33 <= ord(character) < 127 for character in self.location):
            self._refuse("location", "a URL in printable ASCII; escape the rest with %")
        if self.kind == "violate" and not self.clause:
            raise BadFault("fault violate: no clause; name one, as clause = 'span.slice-is-word'")
        if self.kind == "violate":
            from .breaches import find_breach  # Most faults are others.

            find_breach(self.clause)
        if not self.evolve:
            self._refuse("evolve", f"at least one of {', '.join(EVOLUTIONS)}")
        for name in self.evolve:
            if name not in EVOLUTIONS:
                raise BadFault(
                    f"fault evolve: there is no evolution {quote(name)}; there are"
                    f" {', '.join(EVOLUTIONS)}.{did_you_mean(name, EVOLUTIONS)}"
                )

    def _refuse(self, name: str, wanted: str) -> None:
        raise BadFault(
            f"fault {self.kind}: {name} is {quote(getattr(self, name))}; it must be {wanted}"
        )


@cache
def _hints() -> tuple[dict[str, Any], dict[str, Any]]:
    """The type of each field, and its default."""
    return get_type_hints(Fault), {field.name: field.default for field in fields(Fault)}


def describe_fault(fault: Fault) -> str:
    """The fault in a few words, for the journal."""
    if fault.kind == "violate":
        return f"violate {fault.clause}"
    return f"latency of {fault.seconds:g} s" if fault.kind == "latency" else fault.kind

"""Baseline: violations that are known, and why they may be there."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from nertwin.mockserver.errors import NertwinError, did_you_mean
from nertwin.schemas import clauses

from .outcomes import Finding, Outcome, Result, Verdict

_KEYS = ("clause", "reason", "fingerprint", "expires")


class BadBaseline(NertwinError):
    """The file of known violations can't be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One violation that is known."""

    clause: str
    reason: str
    fingerprint: str = ""  #: Of the finding; empty stands for every finding of the clause.
    expires: date | None = None  #: The last day on which it counts.

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is the one that is known."""
        return finding.clause.id == self.clause and self.fingerprint in ("", finding.fingerprint)


def load_baseline(path: Path) -> tuple[Known, ...]:
    """The entries of a TOML file: tables ``[[known]]`` with ``clause`` and ``reason``.

    Raises:
        BadBaseline: It can't be read, or an entry has no reason, an unknown key or clause.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadBaseline(f"can't read the baseline {str(path)!r}: {error}") from error
    entries = document.get("known", [])
    if set(document) - {"known"} or not isinstance(entries, list):
        raise BadBaseline(f"{path}: a baseline holds tables [[known]] and nothing else")
    return tuple(_known(entry, path) for entry in entries)


def apply_baseline(verdict: Verdict, known: tuple[Known, ...], today: date) -> Verdict:
    """The verdict without what is known; entries that came to nothing are stale.

    An entry whose clause was not decided is kept, since nothing is known of it.
    """
    current = [entry for entry in known if entry.expires is None or today <= entry.expires]
    results = tuple(_without(result, current) for result in verdict.results)
    return replace(verdict, results=results, stale=tuple(_stale(verdict, known, today)))


def _without(result: Result, known: list[Known]) -> Result:
    left = [
        finding for finding in result.findings if not any(entry.covers(finding) for entry in known)
    ]
    if result.outcome is not Outcome.FAILED or len(left) == len(result.findings):
        return result
    if left:
        return replace(result, findings=tuple(left))
    reasons = {entry.reason for entry in known if entry.clause == result.clause.id}
    why = f"a known violation: {'; '.join(sorted(reasons))}"
    return replace(result, outcome=Outcome.SKIPPED, findings=(), why=why)


def _stale(verdict: Verdict, known: tuple[Known, ...], today: date) -> Iterator[str]:
    results = {result.clause.id: result for result in verdict.results}
    for entry in known:
        result = results.get(entry.clause)
        if entry.expires is not None and today > entry.expires:
            yield f"{entry.clause} (expired on {entry.expires})"
        elif (
            result is not None
            and result.outcome.is_decided
            and not any(entry.covers(finding) for finding in result.findings)
        ):
            yield f"{entry.clause} (no longer violated so; remove the entry)"


def _known(entry: object, path: Path) -> Known:
    if not isinstance(entry, dict) or not entry.get("clause") or not entry.get("reason"):
        raise BadBaseline(f"{path}: every [[known]] needs a clause and a reason, got {entry!r}")
    for key in entry:
        if key not in _KEYS:
            guess = did_you_mean(key, _KEYS)
            raise BadBaseline(f"{path}: [[known]] has no key {key!r}.{guess}")
    ids = [clause.id for clause in clauses()]
    if entry["clause"] not in ids:
        guess = did_you_mean(str(entry["clause"]), ids)
        raise BadBaseline(f"{path}: there is no clause {entry['clause']!r}.{guess}")
    if "expires" in entry and type(entry["expires"]) is not date:
        raise BadBaseline(f"{path}: expires is a date, as 2026-01-31, got {entry['expires']!r}")
    return Known(**entry)

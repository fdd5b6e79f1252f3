"""Patterns: regular expressions over the text itself, run by RE2 in linear time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .candidates import Candidate, Claim
from .validators import VALIDATORS
from .words import Words


class BadPattern(ValueError):
    """A regular expression that RE2 does not take."""


class PatternRule(NamedTuple):
    """A regular expression made ready to search texts."""

    claim: Claim
    search: Callable[[str], Iterator[Any]]
    group: int
    is_valid: Callable[[str], bool] | None

    def find(self, text: str, words: Words) -> Iterator[Candidate]:
        """The words that the expression's matches touch, left to right."""
        priority, order = -self.claim.priority, self.claim.order
        for match in self.search(text):
            start, end = match.span(self.group)
            if end <= start:
                continue
            if self.is_valid is not None and not self.is_valid(text[start:end]):
                continue
            first, last = words.between(start, end)
            if first < last:
                yield (priority, first - last, first, order)


def compile_pattern(
    regex: str, claim: Claim, *, group: int, ignore_case: bool, validator: str | None
) -> PatternRule:
    """The rule that finds ``regex``; raises BadPattern with RE2's reason."""
    compiled = _compile(regex, group, ignore_case)
    return PatternRule(
        claim, compiled.finditer, group, VALIDATORS[validator] if validator else None
    )


def compile_bounded(regex: str, claim: Claim, *, group: int, ignore_case: bool) -> PatternRule:
    """The rule that finds ``regex`` in linear time however badly it is written.

    Raises BadPattern with RE2's reason.
    """
    from .boundedsearch import BoundedSearch  # Only authors' rules need it.

    compiled = _compile(regex, group, ignore_case)
    return PatternRule(claim, BoundedSearch(compiled, group), group, None)


def _compile(regex: str, group: int, ignore_case: bool) -> Any:  # noqa: ANN401  # re2 has no types.
    # Imported here, so that packs without patterns and sequences don't pay for it.
    import re2

    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    try:
        compiled = re2.compile(regex, options)
    except re2.error as error:
        reason = error.args[0]
        raise BadPattern(reason.decode() if isinstance(reason, bytes) else str(reason)) from error
    if not 0 <= group <= compiled.groups:
        raise BadPattern(f"it has {compiled.groups} groups, so there is no group {group}")
    return compiled


def searchable(text: str) -> str:
    """``text`` as RE2 takes it: lone surrogates can't be encoded, so they are replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text

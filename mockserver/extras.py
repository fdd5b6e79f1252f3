"""Extra rules: what authors add to the rules of a model's pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from .candidates import Candidate, Claim
from .gazetteer import Gazetteer
from .patterns import PatternRule, searchable
from .words import Words


class ExtraRules(NamedTuple):
    """Rules that compete with those of one model's pack; of equals they win, the latest first.

    Their orders are negative, so that they stand before the pack's, and count from the end
    of ``claims``.
    """

    claims: tuple[Claim, ...]  #: The pack's by their order, then the extra ones, latest first.
    exact_terms: Gazetteer | None
    lowered_terms: Gazetteer | None
    patterns: tuple[PatternRule, ...]
    said: Mapping[str, str] = MappingProxyType({})  #: The rule that pins a text, by the text.
    unfit: tuple[str, ...] = ()  #: Which rules don't fit the model and why, in words.
    #: The same of rules that would pin a text, by the text.
    unsaid: Mapping[str, str] = MappingProxyType({})

    def find(self, text: str, words: Words) -> Iterator[Candidate]:
        """What the rules claim in ``text``, whose words are given."""
        # Authors write what they see, so a headline's words are taken as they stand.
        if self.exact_terms is not None:
            yield from self.exact_terms.find(words.texts)
        if self.lowered_terms is not None:
            yield from self.lowered_terms.find(list(map(str.lower, words.texts)))
        if self.patterns:
            text = searchable(text)
            for pattern in self.patterns:
                yield from pattern.find(text, words)

"""The rule pack: a label table and the rules that find its entities."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .candidates import Claim
from .gazetteer import Gazetteer
from .lategazetteer import LateGazetteer
from .patterns import PatternRule
from .repeats import Repeat
from .sequencesearch import SequenceSearch
from .tags import Tags
from .wordcodes import WordCodes


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """A label table and the rules that find its entities, ready for the tagger."""

    name: str
    labels: tuple[str, ...]  #: The label table in the order of its ids.
    description: str
    claims: tuple[Claim, ...]  #: What the rules claim, by their order.
    headlines: bool  #: Whether sentences in capitals are read as if written normally.
    common: Collection[str]  #: Words that stay in lower case when a headline is read.
    exact_terms: Gazetteer | LateGazetteer | None
    lowered_terms: Gazetteer | LateGazetteer | None
    patterns: tuple[PatternRule, ...]
    word_codes: WordCodes | None  #: None when there is no sequence.
    sequences: SequenceSearch | None  #: None when there is none.
    repeats: tuple[Repeat, ...]  #: Highest priority first.
    tags: Tags | None  #: For packs that label every word.

"""Soundness: whether an answer is right in itself, so that two can be compared."""

from __future__ import annotations

from ..endpoint import Endpoint
from ..exchange import Exchange
from ..violations import Violation
from .answers import judge_texts
from .check import Judge, Trial
from .kinds import judge_one_kind
from .spans import judge_nulls, judge_overlap, judge_slices

_JUDGES: tuple[Judge, ...] = (
    judge_one_kind,
    judge_nulls,
    judge_texts(judge_overlap),
    judge_texts(judge_slices),
)


def is_sound(exchange: Exchange, endpoint: Endpoint) -> bool:
    """Whether the entries are of one kind, lie apart and are the words that stand there.

    Where they are not, what sets an answer apart from another may be that and nothing else.
    """
    trial = Trial(exchanges=(exchange,), endpoint=endpoint)
    return not any(isinstance(found, Violation) for judge in _JUDGES for found in judge(trial))

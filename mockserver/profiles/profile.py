"""Profile: what one generation of the service does its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..aggregation import Strategy
from ..payload import Problem
from ..reply import Headers, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A dialect of the API: defaults, the texts of its errors, its headers."""

    name: str
    default_strategy: Strategy  #: Where a request names none.
    answer_headers: Callable[[Computation], Headers]  #: Of a computed answer.
    invalid_request: Callable[[tuple[Problem, ...]], Refusal]
    unknown_parameter: Callable[[str], Refusal]
    inference_error: Callable[[str], Refusal]
    stream_refused: Callable[[], Refusal]
    unknown_model: Callable[[str], Refusal]
    unknown_status: Callable[[], Refusal]
    body_too_large: Callable[[int], Refusal]  #: From the limit in bytes.
    refusal_headers: Callable[[Refusal, str], Headers]  #: With the model's commit, if any.


@dataclass(frozen=True, slots=True, kw_only=True)
class Computation:
    """What the headers of a computed answer tell."""

    sha: str  #: The model's commit, forty hexadecimal digits.
    characters: int  #: Code points of all inputs.
    seconds: float  #: What the computation is said to have taken.

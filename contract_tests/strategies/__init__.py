"""Hypothesis strategies for requests and texts."""

from ..mutations import Malformed
from .malformed import malformed_payloads
from .payloads import (
    any_payloads,
    inputs,
    options,
    parameters,
    payloads,
    strategy_names,
)
from .texts import long_texts, proses, texts

__all__ = [
    "Malformed",
    "any_payloads",
    "inputs",
    "long_texts",
    "malformed_payloads",
    "options",
    "parameters",
    "payloads",
    "proses",
    "strategy_names",
    "texts",
]

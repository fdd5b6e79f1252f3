"""Hypothesis strategies for requests and texts."""

from .payloads import (
    Malformed,
    any_payloads,
    inputs,
    malformed_payloads,
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

"""Hypothesis strategies for requests, texts and answers."""

from ..mutations import Malformed
from .answers import answers
from .headers import headers
from .malformed import malformed_payloads
from .payloads import any_payloads, inputs, options, parameters, payloads, strategy_names
from .tagged import TaggedEntity, TaggedText, tagged_texts
from .texts import adversarial_texts, long_texts, proses, texts

__all__ = [
    "Malformed",
    "TaggedEntity",
    "TaggedText",
    "adversarial_texts",
    "answers",
    "any_payloads",
    "headers",
    "inputs",
    "long_texts",
    "malformed_payloads",
    "options",
    "parameters",
    "payloads",
    "proses",
    "strategy_names",
    "tagged_texts",
    "texts",
]

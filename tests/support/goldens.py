"""The golden cases of the real pipeline, as the tests use them."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nertwin.mockserver.aggregation import Token
from nertwin.mockserver.float32 import to_float32
from nertwin.mockserver.labels import LabelTable

_FOLDER = Path(__file__).parent.parent / "data" / "goldens"


def read(name: str) -> list[dict[str, Any]]:
    with gzip.open(_FOLDER / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def windows_of(case: dict[str, Any]) -> list[list[Token]]:
    tables = case["chunks"] if "chunks" in case else [case["tokens"]]
    return [[_token(row) for row in table] for table in tables]


def labels_of(case: dict[str, Any]) -> LabelTable:
    names = case["id2label"]
    return LabelTable(tuple(names[str(label)] for label in range(len(names))))


def ignored_of(case: dict[str, Any]) -> list[Any]:
    return ["O"] if case["ignore_labels"] is None else case["ignore_labels"]


def without_scores(entities: list[dict[str, Any]]) -> list[list[tuple[str, Any]]]:
    """Keys in order with their values, scores left out of the comparison."""
    return [
        [(key, None if key == "score" else value) for key, value in entity.items()]
        for entity in entities
    ]


def scores_of(entities: list[dict[str, Any]]) -> Iterator[float]:
    return (entity["score"] for entity in entities)


def _token(row: dict[str, Any]) -> Token:
    scores = [to_float32(score) for score in row["scores"]]
    return Token(row["word"], row["start"], row["end"], row["index"], row["is_subword"], scores)

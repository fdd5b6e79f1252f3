"""The contract kit against the real pipeline. ``nox -s pipeline`` runs it; its name hides it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pipeline.model import LABELS, train
from pipeline.server import make_app

from nertwin.contract_tests.application import running_application
from nertwin.contract_tests.checks import select_clauses
from nertwin.contract_tests.client import Client
from nertwin.contract_tests.endpoint import find_endpoint
from nertwin.contract_tests.outcomes import Outcome
from nertwin.contract_tests.runner import run
from nertwin.mockserver.aggregation import STRATEGIES, Strategy, Token, aggregate_windows
from nertwin.mockserver.labels import LabelTable
from nertwin.schemas import Profile

MODEL = "dslim/bert-base-NER"
TEXTS = (
    "My name is Sarah Jessica Parker and I live in New York.",
    "Wolfgang Schmidhuber-Kowalczyk visited Ouagadougou; Angela Merkel Tim Cook Berlin Paris.",
    "\U0001f600 Zoe\u0301 l\u00e4uft mit Angela Merkel durch M\u00fcnchen\r\n\tund \u6771\u4eac.",
    "Angela Merkel met Tim Cook in Berlin. " * 120,
)


@pytest.fixture(scope="module")
def pipe() -> Any:
    return train()


@pytest.fixture(scope="module", params=["dedicated", "router"])
def service(pipe: Any, request: pytest.FixtureRequest) -> Iterator[tuple[str, Profile]]:
    """The URL of a service around the pipeline, and its profile."""
    app = make_app(pipe, MODEL, compat=request.param == "router")
    with running_application(app) as url:
        yield url, request.param


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_kit_finds_no_violation(service: tuple[str, Profile], seed: int) -> None:
    url, profile = service
    endpoint = find_endpoint(url, profile=profile)

    with Client(endpoint) as client:
        verdict = run(endpoint, client, clauses=select_clauses(profile), seed=seed)

    told = {
        result.clause.id: [finding.violation for finding in result.findings] or result.why
        for result in verdict.results
        if result.outcome in (Outcome.FAILED, Outcome.ERROR)
    }
    assert told == {}
    assert verdict.exit_status == 0


@pytest.mark.parametrize(
    ("strategy", "stride"),
    # The pipeline refuses a stride with none.
    [*((each, {}) for each in STRATEGIES), *((each, {"stride": 64}) for each in STRATEGIES[1:])],
)
@pytest.mark.parametrize("text", TEXTS, ids=["plain", "uneven", "beyond ASCII", "long"])
def test_our_aggregation_gives_the_entities_of_the_pipeline(
    pipe: Any,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    strategy: Strategy,
    stride: dict[str, int],
) -> None:
    windows = _watch_windows(pipe, monkeypatch)

    wanted = pipe(text, aggregation_strategy=strategy, ignore_labels=[], **stride)

    found = aggregate_windows(windows, LabelTable(LABELS), strategy=strategy, ignore_labels=[])
    places = [(each["start"], each["end"], each["word"]) for each in wanted]
    labels = [each.get("entity", each.get("entity_group")) for each in wanted]
    assert [(each.start, each.end, each.word) for each in found] == places
    assert [each.label for each in found] == labels
    assert [each.score for each in found] == pytest.approx(
        [float(each["score"]) for each in wanted], abs=1e-6
    )


def _watch_windows(pipe: Any, monkeypatch: pytest.MonkeyPatch) -> list[list[Token]]:
    """The tokens that the pipeline is about to aggregate, a list for each window."""
    windows: list[list[Token]] = []
    gather = pipe.gather_pre_entities

    def watch(*given: Any, **named: Any) -> Any:
        rows = gather(*given, **named)
        windows.append([_token(row) for row in rows])
        return rows

    monkeypatch.setattr(pipe, "gather_pre_entities", watch)
    return windows


def _token(row: dict[str, Any]) -> Token:
    return Token(
        word=row["word"],
        start=int(row["start"]),
        end=int(row["end"]),
        index=row["index"],
        is_subword=bool(row["is_subword"]),
        scores=[float(score) for score in row["scores"]],
    )

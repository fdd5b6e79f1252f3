from datetime import date
from pathlib import Path

import pytest
from support.endpoints import WRONG, a_check, verdict_of

from nertwin.contract_tests.baseline import BadBaseline, apply_baseline, load_baseline
from nertwin.contract_tests.outcomes import Outcome, Verdict

TODAY = date(2026, 3, 1)
ENTRY = '[[known]]\nclause = "shape.no-label"\nreason = "our gateway adds it"\n'


def violated() -> Verdict:
    return verdict_of(a_check(says=lambda _: [WRONG]))


def applied(tmp_path: Path, text: str, verdict: Verdict) -> Verdict:
    path = tmp_path / "baseline.toml"
    path.write_text(text)
    return apply_baseline(verdict, load_baseline(path), TODAY)


def test_known_violation_is_skipped_with_its_reason(tmp_path: Path) -> None:
    verdict = applied(tmp_path, ENTRY, violated())

    assert verdict.results[0].outcome is Outcome.SKIPPED
    assert "our gateway adds it" in verdict.results[0].why
    assert verdict.stale == ()


def test_entry_that_is_no_longer_true_is_stale(tmp_path: Path) -> None:
    verdict = applied(tmp_path, ENTRY, verdict_of(a_check()))

    assert "shape.no-label" in verdict.stale[0]
    assert verdict.exit_status == 1


def test_entry_of_another_place_covers_nothing(tmp_path: Path) -> None:
    text = ENTRY + 'fingerprint = "shape.no-label:body[].word"\n'

    verdict = applied(tmp_path, text, violated())

    assert verdict.results[0].outcome is Outcome.FAILED
    assert verdict.stale


def test_entry_of_the_same_place_covers_it_whatever_the_number(tmp_path: Path) -> None:
    text = ENTRY + 'fingerprint = "shape.no-label:body[].score"\n'

    verdict = applied(tmp_path, text, violated())

    assert verdict.results[0].outcome is Outcome.SKIPPED


def test_expired_entry_covers_nothing_and_is_stale(tmp_path: Path) -> None:
    verdict = applied(tmp_path, ENTRY + "expires = 2026-02-28\n", violated())

    assert verdict.results[0].outcome is Outcome.FAILED
    assert "expired" in verdict.stale[0]


def test_entry_of_an_undecided_clause_is_kept(tmp_path: Path) -> None:
    text = ENTRY.replace("no-label", "one-kind")

    assert applied(tmp_path, text, violated()).stale == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[known]]\nclause = 'shape.no-label'\n", "a reason"),
        (ENTRY + "expire = 2026-01-01\n", "Did you mean 'expires'"),
        (ENTRY + "expires = '2026-01-01'\n", "is a date"),
        (ENTRY.replace("no-label", "no-labels"), "Did you mean 'shape.no-label'"),
        ("x = 1", "nothing else"),
        ("x", "can't read"),
    ],
)
def test_mistake_in_the_file_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadBaseline, match=words):
        applied(tmp_path, text, violated())

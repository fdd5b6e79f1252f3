import json
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree as ET

import pytest
from support.endpoints import ENDPOINT, WRONG, a_check, a_plan, reply, verdict_of
from support.endpoints import Scripted as Transport

from nertwin.contract_tests.checks import Trial, Undecided
from nertwin.contract_tests.outcomes import Verdict
from nertwin.contract_tests.reporters import (
    REPORTS,
    Finished,
    Started,
    Terminal,
    UnknownReport,
    open_report,
)


def crashes(_: Trial) -> NoReturn:
    raise ZeroDivisionError


def a_verdict() -> Verdict:
    """One clause failed, one passed, one undecided, one skipped, one broken by us."""
    return verdict_of(
        a_check(says=lambda _: [WRONG], plans=(a_plan("Zoë \x00 hf_canary0123456789"),)),
        a_check("shape.one-kind"),
        a_check("span.not-empty", says=lambda _: [Undecided("nothing to see")]),
        a_check("span.null-pair", needs=frozenset({"cold-model"})),
        a_check("span.half-open", says=crashes),
        transport=Transport(lambda request: reply(request, 200, [{"label": "\x01\ud800"}])),
    )


def written(kind: str, tmp_path: Path) -> str:
    path = tmp_path / "report"
    open_report(f"{kind}={path}")(Finished(verdict=a_verdict()))
    return path.read_text(encoding="utf-8")


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    verdict = a_verdict()
    terminal = Terminal()
    terminal(Started(endpoint=ENDPOINT, seed=0, clauses=5))
    terminal(Finished(verdict=verdict))
    return capsys.readouterr().out


def test_json_report_holds_every_clause_with_its_outcome(tmp_path: Path) -> None:
    report = json.loads(written("json", tmp_path))

    assert {clause["id"]: clause["outcome"] for clause in report["clauses"]} == {
        "shape.no-label": "failed",
        "shape.one-kind": "passed",
        "span.not-empty": "inconclusive",
        "span.null-pair": "skipped",
        "span.half-open": "error",
    }
    assert report["exit_status"] == 1


def test_json_report_holds_the_evidence(tmp_path: Path) -> None:
    report = json.loads(written("json", tmp_path))

    (finding,) = report["clauses"][0]["findings"]
    assert finding["fingerprint"] == "shape.no-label:body[].score"
    assert "--select shape.no-label --seed 0" in finding["again"]
    assert finding["exchanges"][0]["curl"].startswith("curl ")
    assert finding["exchanges"][0]["response"]["status"] == 200


def test_junit_report_counts_what_is_open_as_skipped(tmp_path: Path) -> None:
    suite = ET.fromstring(written("junit", tmp_path))[0]  # noqa: S314

    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "5", "failures": "1", "errors": "1", "skipped": "2"}
    skipped = [case.find("skipped") for case in suite.iter("testcase")]
    assert any(
        "nothing to see" in str(found.get("message")) for found in skipped if found is not None
    )


@pytest.mark.parametrize("kind", REPORTS)
def test_no_report_tells_a_token(kind: str, tmp_path: Path) -> None:
    assert "canary" not in written(kind, tmp_path)


def test_terminal_tells_topics_evidence_and_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    output = printed(capsys)

    assert "shape         " in output
    assert "expected: a score" in output
    assert "source: " in output
    assert "$ curl " in output
    assert "nothing to see (span.not-empty)" in output
    assert "ZeroDivisionError" in output
    assert "canary" not in output


def test_terminal_says_one_sentence_where_nothing_began(
    capsys: pytest.CaptureFixture[str],
) -> None:
    transport = Transport(lambda request: reply(request, 503))
    verdict = verdict_of(a_check(), transport=transport)

    Terminal()(Finished(verdict=verdict))

    output = capsys.readouterr().out
    assert output.startswith("nothing was decided: the endpoint answered 503")
    assert output.count("\n") == 1


def test_colours_stay_out_where_they_are_not_wanted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b" not in printed(capsys)


@pytest.mark.parametrize("wanted", ["jsn=a", "json", "json=", "json=/no/such/folder/a"])
def test_report_that_cannot_be_written_is_refused(wanted: str) -> None:
    with pytest.raises(UnknownReport):
        open_report(wanted)

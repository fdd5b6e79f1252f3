"""All reports of one run tell the same, whatever texts are in it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from support.endpoints import ENDPOINT
from support.verdicts import TOKEN, verdicts

from nertwin.contract_tests.outcomes import Outcome, Verdict
from nertwin.contract_tests.reporters import REPORTS
from nertwin.contract_tests.reporters.documents import to_json
from nertwin.contract_tests.reporters.github import workflow_commands
from nertwin.contract_tests.reporters.html import to_html
from nertwin.contract_tests.reporters.junit import to_xml
from nertwin.contract_tests.reporters.markdown import to_markdown
from nertwin.contract_tests.reporters.sarif import to_sarif
from nertwin.schemas import validator

FEW = settings(max_examples=30)
REPORT = validator("report")
ROW = re.compile(r"^\| ([a-z\\.0-9-]+) \| (?:MUST|SHOULD|MAY) \| \S+ (\w+) \| [^\n]* \|$", re.M)
#: What JUnit calls the outcomes; it has one word for all that was not decided.
JUNIT = {"failure": "failed", "error": "error", "skipped": "open"}


class Page(HTMLParser):
    """The elements of a page, and what it says of clauses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.outcomes: dict[str | None, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(named)
        if "data-clause" in named:
            self.outcomes[named["data-clause"]] = named["data-outcome"]


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {result.clause.id: result.outcome.value for result in verdict.results}


@FEW
@given(verdicts())
def test_json_report_keeps_its_schema_and_every_outcome(verdict: Verdict) -> None:
    report = to_json(verdict)

    assert list(REPORT.iter_errors(report)) == []
    assert {each["id"]: each["outcome"] for each in report["clauses"]} == outcomes(verdict)  # type: ignore[union-attr, index, call-overload]


@FEW
@given(verdicts())
def test_markdown_holds_every_outcome(verdict: Verdict) -> None:
    rows = ROW.findall(to_markdown(verdict).rpartition("<details>")[2])

    assert {name.replace("\\", ""): outcome for name, outcome in rows} == outcomes(verdict)


@FEW
@given(verdicts())
def test_page_holds_every_outcome_and_runs_and_fetches_nothing(verdict: Verdict) -> None:
    page = Page(to_html(verdict))

    assert page.outcomes == outcomes(verdict)
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object", "a"})
    assert page.attributes.isdisjoint({"src", "href", "onclick"})


@FEW
@given(verdicts())
def test_sarif_holds_every_outcome_and_every_finding(verdict: Verdict) -> None:
    (log,) = json.loads(json.dumps(to_sarif(verdict)))["runs"]

    assert log["properties"]["outcomes"] == outcomes(verdict)
    assert [found["ruleId"] for found in log["results"]] == [
        found.clause.id for result in verdict.results for found in result.findings
    ]
    assert all(
        log["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == found["ruleId"]
        for found in log["results"]
    )


@FEW
@given(verdicts())
def test_junit_report_is_xml_and_holds_every_outcome(verdict: Verdict) -> None:
    suite = ET.fromstring(ET.tostring(to_xml(verdict)))[0]  # noqa: S314

    open_ones = {"skipped": "open", "inconclusive": "open"}
    assert {
        case.get("name"): JUNIT[case[0].tag] if len(case) else "passed"
        for case in suite.iter("testcase")
    } == {name: open_ones.get(outcome, outcome) for name, outcome in outcomes(verdict).items()}


@FEW
@given(verdicts())
def test_annotations_are_one_line_each(verdict: Verdict) -> None:
    lines = list(workflow_commands(verdict))

    wanted = sum(len(result.findings) for result in verdict.results)
    wanted += verdict.count(Outcome.ERROR) + len(verdict.stale) + bool(verdict.stopped)
    assert len(lines) == wanted
    assert all(
        re.fullmatch(r"::(error|warning) title=[^\n\r:,]*::[^\n\r]*", each) for each in lines
    )


@pytest.mark.parametrize(
    "text",
    [
        lambda verdict: json.dumps(to_json(verdict)),
        lambda verdict: json.dumps(to_sarif(verdict)),
        lambda verdict: ET.tostring(to_xml(verdict)).decode(),
        to_markdown,
        to_html,
        lambda verdict: "\n".join(workflow_commands(verdict)),
    ],
    ids=["json", "sarif", "junit", "md", "html", "github"],
)
@FEW
@given(verdict=verdicts(ENDPOINT))
def test_token_is_in_none_of_them(text: object, verdict: Verdict) -> None:
    assert TOKEN.removeprefix("hf_") not in text(verdict)  # type: ignore[operator]


def test_kinds_are_those() -> None:
    assert set(REPORTS) == {"json", "junit", "md", "sarif", "html"}

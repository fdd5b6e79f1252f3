"""JUnit: the verdict as the XML that CI systems read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement

from ..outcomes import Outcome, Result, Verdict
from .events import Event, Finished
from .evidence import describe, headline, speakable


@dataclass(frozen=True)
class JUnitReport:
    """A reporter that writes one XML file at the end, with a test case for each clause."""

    path: Path

    def __call__(self, event: Event) -> None:
        """Write the file when the run is over."""
        if isinstance(event, Finished):
            tree = ElementTree(to_xml(event.verdict))
            tree.write(self.path, encoding="utf-8", xml_declaration=True)


def to_xml(verdict: Verdict) -> Element:
    """The verdict as a ``testsuites`` element; an open clause is skipped, with the reason."""
    open_ones = verdict.count(Outcome.SKIPPED) + verdict.count(Outcome.INCONCLUSIVE)
    suites = Element("testsuites")
    suite = SubElement(
        suites,
        "testsuite",
        name="nertwin check",
        tests=str(len(verdict.results)),
        failures=str(verdict.count(Outcome.FAILED)),
        errors=str(verdict.count(Outcome.ERROR)),
        skipped=str(open_ones),
        time=f"{verdict.seconds:.3f}",
    )
    for result in verdict.results:
        _add_case(suite, result, verdict)
    return suites


def _add_case(suite: Element, result: Result, verdict: Verdict) -> None:
    case = SubElement(
        suite, "testcase", classname=result.clause.topic, name=result.clause.id, time="0"
    )
    if result.outcome is Outcome.FAILED:
        message = headline(result.findings[0])
        failure = SubElement(case, "failure", message=speakable(message), type=result.clause.level)
        texts = (describe(finding, verdict) for finding in result.findings)
        failure.text = speakable("\n\n".join(texts))
    elif result.outcome is Outcome.ERROR:
        error = SubElement(case, "error", message="the check itself failed")
        error.text = speakable(result.why)
    elif not result.outcome.is_decided:
        message = f"{result.outcome.value}: {result.why}"
        SubElement(case, "skipped", message=speakable(message))

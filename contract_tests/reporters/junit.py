"""JUnit: the verdict as the XML that CI systems read."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from ..outcomes import Outcome, Result, Verdict
from .evidence import describe, headline, speakable

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def as_xml(verdict: Verdict) -> str:
    """The verdict as the text of an XML document, with a test case for each clause."""
    return _DECLARATION + tostring(to_xml(verdict), encoding="unicode")


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

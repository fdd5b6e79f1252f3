import json

from nertwin.mockserver.findings import Finding, Findings, Found


def a_finding(place: str = "$.wait_for_model", message: str = "put it elsewhere") -> Finding:
    return Finding("options.misplaced", place, message)


def test_equal_findings_are_counted_with_the_latest_message() -> None:
    findings = Findings()

    findings.add(a_finding(message="first"), 3)
    findings.add(a_finding(message="second"), 5)

    assert list(findings) == [Found(finding=a_finding(message="second"), times=2, first=3, last=5)]


def test_findings_of_different_places_stand_apart() -> None:
    findings = Findings()

    findings.add(a_finding("$.use_cache"), 1)
    findings.add(a_finding("$.wait_for_model"), 1)

    assert [found.finding.place for found in findings] == ["$.use_cache", "$.wait_for_model"]


def test_findings_are_bounded_and_the_others_counted() -> None:
    findings = Findings()

    for number in range(1000):
        findings.add(a_finding(f"$.{number}"), number)

    assert (len(findings), findings.dropped) == (200, 800)


def test_cleared_findings_are_gone() -> None:
    findings = Findings()
    findings.add(a_finding(), 1)

    findings.clear()

    assert (len(findings), findings.to_json()) == (0, {"dropped": 0, "findings": []})


def test_findings_are_json() -> None:
    findings = Findings()
    findings.add(a_finding(), 7)

    (found,) = json.loads(json.dumps(findings.to_json()))["findings"]

    assert found == {
        "id": "options.misplaced",
        "place": "$.wait_for_model",
        "message": "put it elsewhere",
        "count": 1,
        "first": 7,
        "last": 7,
    }

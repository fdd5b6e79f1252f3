"""Clients over real sockets: each clause has an impolite one that it alone catches."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from support.manners import CASES, Caller, Case

from nertwin.contract_tests.manners.grade import Grade
from nertwin.contract_tests.manners.report import report
from nertwin.contract_tests.marking import read_setup
from nertwin.contract_tests.twin import Twin
from nertwin.mockserver import Control, Settings, running_server
from nertwin.schemas import clauses

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
_NUMBERS = count(1)


@pytest.fixture(scope="module")
def control() -> Iterator[Control]:
    with running_server(Settings(port=0, clock="frozen")) as server, Control(server.url) as control:
        yield control


def visit(control: Control, case: Case, client: Callable[[Caller], object]) -> Grade:
    twin = Twin(control, f"case-{next(_NUMBERS)}", read_setup(case.settings))
    twin.drive()
    case.plan(twin)
    client(Caller(twin))
    grade = twin.grade()
    twin.close()
    return grade


def broken(grade: Grade) -> list[str]:
    return [mark.clause.id for mark in grade.of("broken")]


def test_every_clause_of_clients_has_an_impolite_client() -> None:
    assert {case.clause for case in CASES} == {clause.id for clause in clauses("client")}


@each_case
def test_impolite_client_is_caught_by_its_clause_alone(control: Control, case: Case) -> None:
    grade = visit(control, case, case.impolite)

    assert broken(grade) == [case.clause]
    assert not grade.is_polite


@each_case
def test_impolite_client_is_told_by_exchanges(control: Control, case: Case) -> None:
    grade = visit(control, case, case.impolite)

    (mark,) = grade.of("broken")
    assert all(remark.text and remark.numbers for remark in mark.reasons)
    assert case.clause in grade.to_text()


@each_case
def test_polite_client_keeps_the_clause_and_all_others(control: Control, case: Case) -> None:
    grade = visit(control, case, case.polite)

    assert broken(grade) == []
    assert case.clause in [mark.clause.id for mark in grade.of("kept")]


def test_running_session_is_reported(control: Control) -> None:
    twin = Twin(control, "reported", read_setup({}))
    Caller(twin).post(headers={"content-type": "application/json", "authorization": "hf_canary1"})

    grade = report(twin.session)

    assert "1 are broken" in grade.to_text()
    assert "client.bearer (MUST)" in grade.to_text()
    document: Any = grade.to_json()
    (told,) = [each for each in document["clauses"] if each["standing"] == "broken"]
    assert (told["clause"], told["remarks"][0]["exchanges"]) == ("client.bearer", [1])
    assert "canary1" not in str(document)

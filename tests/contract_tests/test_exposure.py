"""What the code under test was never shown, as users hear of it at the end of a run."""

import pytest
from support.inner import run, run_apart

from nertwin.contract_tests.situations import SITUATIONS

TESTS = """
def test_answers(nertwin):
    nertwin.fail_next(429)
    post(nertwin.model_url())

def test_failure(nertwin):
    nertwin.fail_next(401)
    post(nertwin.model_url())
    assert post(nertwin.model_url()) == 404
"""
GREEN = """
def test_it(nertwin):
    nertwin.fail_next(429)
    post(nertwin.model_url())
    post(nertwin.model_url())
"""
HEADLINE = "*= what the code under test was never shown (nertwin) =*"
TABLE = [
    HEADLINE,
    f"6 of {len(SITUATIONS)} situations were shown, * %",
    "  status 400 *  nertwin.fail_next(400)",
    "  an answer by the strategy none",
    '      call("Ada Lovelace", aggregation_strategy="none")',
]


def test_what_was_never_shown_is_listed_with_a_line_that_shows_it(
    pytester: pytest.Pytester,
) -> None:
    result = run(pytester, TESTS, "--nertwin-cov")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(TABLE)
    result.stdout.no_fnmatch_line("  status 429 *")
    result.stdout.no_fnmatch_line("  status 401 *")


@pytest.mark.parametrize("width", [80, 120])
def test_table_is_no_wider_than_the_terminal(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))

    result = run(pytester, "def test_it(): pass", "--nertwin-cov")

    _, _, table = result.stdout.str().partition("(nertwin)")
    assert max(map(len, table.splitlines()[1:])) <= width
    assert all(each.line in table for each in SITUATIONS)


def test_situation_has_one_line_where_there_is_room(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")

    result = run(pytester, "def test_it(): pass", "--nertwin-cov")

    result.stdout.fnmatch_lines(['  an answer by the strategy none   *   call("Ada Lovelace", *'])


def test_what_other_processes_show_counts(pytester: pytest.Pytester) -> None:
    result = run_apart(pytester, TESTS, "--nertwin-cov", "-n", "1")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(TABLE)


def test_nothing_is_listed_unasked(pytester: pytest.Pytester) -> None:
    result = run(pytester, TESTS)

    result.stdout.no_fnmatch_line(HEADLINE)


def test_configuration_may_want_the_table(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nnertwin_cov = true")

    result = run(pytester, GREEN)

    assert result.ret == 0
    result.stdout.fnmatch_lines([HEADLINE])


def test_run_that_shows_too_little_fails(pytester: pytest.Pytester) -> None:
    result = run(pytester, GREEN, "--nertwin-cov-fail-under=80")

    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([HEADLINE, "FAILED: * % of the situations were shown, wanted 80 %"])


def test_run_that_shows_enough_passes(pytester: pytest.Pytester) -> None:
    result = run(pytester, GREEN, "--nertwin-cov-fail-under=5")

    assert result.ret == 0
    result.stdout.fnmatch_lines([HEADLINE])
    result.stdout.no_fnmatch_line("FAILED*")


def test_configuration_may_set_the_least(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nnertwin_cov_fail_under = 80")

    assert run(pytester, GREEN).ret == pytest.ExitCode.TESTS_FAILED


def test_too_little_fails_the_run_without_a_terminal_too(pytester: pytest.Pytester) -> None:
    result = run_apart(pytester, GREEN, "--nertwin-cov-fail-under=80", "-p", "no:terminal")

    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("text", ["much", "101", "nan"])
def test_least_is_a_number_of_percent(pytester: pytest.Pytester, text: str) -> None:
    result = run(pytester, GREEN, f"--nertwin-cov-fail-under={text}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*cov-fail-under is '{text}'; it must be a number from 0 to 100"])


def test_run_without_a_stand_in_shows_nothing(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(): pass", "--nertwin-cov")

    result.stdout.fnmatch_lines([f"0 of {len(SITUATIONS)} situations were shown, 0 %"])


def test_situations_of_profiles_that_are_not_used_do_not_count(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.nertwin(profile="router")
def test_it(nertwin): post(nertwin.model_url())
""",
        "--nertwin-cov",
    )

    result.stdout.fnmatch_lines(["3 of * situations were shown, *"])
    result.stdout.no_fnmatch_line("*from the cache*")


def test_stand_in_without_a_server_counts(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import httpx

def test_it(nertwin_asgi):
    async def call():
        async with httpx.AsyncClient(transport=nertwin_asgi, base_url="http://x") as client:
            await client.post("/models/dslim/bert-base-NER", json={"inputs": "Ada"})
    asyncio.run(call())
""",
        "--nertwin-cov",
    )

    result.stdout.fnmatch_lines(["3 of * situations were shown, *"])

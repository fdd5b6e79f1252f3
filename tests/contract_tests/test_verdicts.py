"""Impolite clients as users hear of them: by a failing assertion, or at the end of a run."""

import pytest
from support.inner import run, run_apart

IMPOLITE = """
def test_bare_token(nertwin):
    post(nertwin.model_url(), authorization="hf_canary99")

def test_polite(nertwin):
    post(nertwin.model_url())

def test_red(nertwin):
    post(nertwin.model_url(), authorization="hf_canary99")
    assert False

def test_without_a_stand_in(): pass
"""
LISTED = [
    "*= green tests with impolite clients (nertwin) =*",
    "*::test_bare_token",
    "  client.bearer (MUST): *",
    "    it sent its token bare; send authorization: Bearer hf_…",
    "      #1 POST /models/*",
]


def test_polite_client_is_let_pass(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin):
    nertwin.cold(after_calls=1)
    assert post(nertwin.model_url()) == 503
    assert post(nertwin.model_url(), **{"x-wait-for-model": "true"}) == 200
    nertwin.assert_polite()
    nertwin.assert_polite(select="client.waits-estimated-time", ignore=["client.token-*"])
""",
    )

    result.assert_outcomes(passed=1)


def test_impolite_client_fails_the_test_with_the_clause_and_the_calls(
    pytester: pytest.Pytester,
) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin):
    post(nertwin.model_url(), body="Ada")
    nertwin.assert_polite()
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*AssertionError: nertwin: client.json-object (MUST): *",
            "*the body is a JSON string; send*",
            "*#1 POST /models/* -> 400*",
        ]
    )


def test_impoliteness_may_be_ignored(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin):
    post(nertwin.model_url(), authorization="hf_canary99")
    nertwin.assert_polite(ignore="client.bearer")
    nertwin.assert_polite(select=["client.options-*"])
""",
    )

    result.assert_outcomes(passed=1)


BARE = """
MODEL = "/models/dslim/bert-base-NER"

@pytest.fixture(scope="module")
def url(nertwin_server):
    return nertwin_server.url + MODEL

def test_polite(url):
    post(url)

def test_bare_token(url):
    post(url, authorization="hf_canary99")

def test_own(nertwin):
    post(nertwin.model_url())

def test_process(nertwin_subprocess):
    post(nertwin_subprocess.url + MODEL, body="Ada")
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_clients_of_a_server_that_tests_share_are_judged_too(
    pytester: pytest.Pytester, workers: str
) -> None:
    result = run_apart(
        pytester, BARE, "--nertwin-verdict", "--nertwin-cov", "-p", "no:randomly", "-n", workers
    )

    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(
        ["*::test_bare_token", "  client.bearer *", "*::test_process", "  client.json-object *"]
    )
    for polite in ("test_polite", "test_own"):
        result.stdout.no_fnmatch_line(f"*.py::{polite}")
    result.stdout.no_fnmatch_line("0 of * situations were shown*")


def test_the_kits_own_requests_are_nobodys_impoliteness(pytester: pytest.Pytester) -> None:
    result = run_apart(
        pytester,
        """
@pytest.fixture(scope="session")
def nertwin_endpoint(nertwin_server):
    return nertwin_server.url

def test_contract(nertwin_check):
    nertwin_check()

def test_after(nertwin_server): pass
""",
        "--nertwin-verdict",
        "--nertwin-select=request.*",
        "-p",
        "no:randomly",
    )

    assert result.ret == 0
    result.stdout.fnmatch_lines(["nertwin: no green test has an impolite client"])


HASTY = """
def test_hasty(nertwin):
    nertwin.script("503", "503", "200")
    for _ in range(3):
        post(nertwin.model_url())

def test_waiting(nertwin, nertwin_sleep):
    import time
    nertwin.cold()
    post(nertwin.model_url())
    time.sleep(20)
    post(nertwin.model_url())
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_summary_says_where_nobody_can_tell(pytester: pytest.Pytester, workers: str) -> None:
    result = run_apart(pytester, HASTY, "--nertwin-verdict", "-n", workers)

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "nertwin: no green test has an impolite client",
            "nertwin: in 1 green test nobody can tell of client.waits-estimated-time; use the*",
        ]
    )


def test_clause_that_was_not_tried_is_no_pass(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin):
    post(nertwin.model_url())
    nertwin.assert_polite(select="client.honours-retry-after")
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*nothing that came tried this, so it says nothing:"])


def test_test_that_calls_again_itself_says_so(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin):
    nertwin.again()
    nertwin.fail_next(400, times=2)
    post(nertwin.model_url())
    nertwin.again()
    post(nertwin.model_url())
    nertwin.assert_polite()
""",
    )

    result.assert_outcomes(passed=1)


def test_sleeping_takes_no_time_and_counts_as_waiting(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin, nertwin_sleep):
    nertwin.cold(after_seconds=60)
    began = time.monotonic()
    ask_until_it_answers(nertwin.model_url(), lambda: time.sleep(30))
    assert time.monotonic() - began < 20
    assert nertwin_sleep.seconds == [30, 30]
    nertwin.assert_polite(select="client.waits-estimated-time")

def test_coroutines(nertwin, nertwin_sleep):
    async def main():
        assert await asyncio.sleep(3600, "done") == "done"
        await asyncio.sleep(0)
    asyncio.run(main())
    assert nertwin_sleep.seconds == [3600]
    assert nertwin.clock.now == 3600

def test_sleep_is_what_it_was():
    began = time.monotonic()
    time.sleep(0.01)
    assert time.monotonic() - began >= 0.01
""",
    )

    result.assert_outcomes(passed=3)


def test_haste_is_told_where_sleeping_would_be_seen(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin, nertwin_sleep):
    nertwin.cold(after_calls=1)
    ask_until_it_answers(nertwin.model_url(), lambda: None)
    nertwin.assert_polite()
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*it asked again after * s and not after 10: estimated_time *"])


def test_haste_is_told_by_no_clock_that_stands_still(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin):
    nertwin.cold(after_calls=1)
    ask_until_it_answers(nertwin.model_url(), lambda: None)
    nertwin.assert_polite()
    nertwin.assert_polite(select=["client.waits-estimated-time"])
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">*select=*", "*nobody can tell whether this was kept:"])


def test_clock_that_runs_needs_no_sleep_that_advances_it(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.nertwin(clock="real")
def test_it(nertwin, nertwin_sleep): pass
""",
    )

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*nertwin_sleep advances a clock that stands still, * is real;*"])


def test_green_tests_with_impolite_clients_are_listed(pytester: pytest.Pytester) -> None:
    result = run(pytester, IMPOLITE, "--nertwin-verdict")

    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(LISTED, consecutive=True)
    listed = result.stdout.str().partition("green tests")[2].partition("short test summary")[0]
    assert "test_red" not in listed
    assert "test_polite" not in listed
    assert "canary99" not in listed


def test_other_processes_tell_of_their_tests(pytester: pytest.Pytester) -> None:
    result = run_apart(pytester, IMPOLITE, "--nertwin-verdict", "-n", "1")

    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(LISTED, consecutive=True)


def test_configuration_may_want_the_verdict(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nnertwin_verdict = true")

    result = run(pytester, "def test_it(nertwin): post(nertwin.model_url())")

    result.stdout.fnmatch_lines(["nertwin: no green test has an impolite client"])


def test_nobody_is_judged_unasked(pytester: pytest.Pytester) -> None:
    result = run(pytester, IMPOLITE)

    result.assert_outcomes(passed=3, failed=1)
    result.stdout.no_fnmatch_line("*impolite*")


def test_stand_in_without_a_server_is_watched_too(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import httpx

def test_bare_token(nertwin_asgi):
    async def call():
        async with httpx.AsyncClient(transport=nertwin_asgi, base_url="http://x") as client:
            body, headers = {"inputs": "word " * 600}, {"authorization": "hf_x"}
            await client.post("/models/dslim/bert-base-NER", json=body, headers=headers)
    asyncio.run(call())
""",
        "--nertwin-verdict",
    )

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([*LISTED[:4], "  client.long-text-strides (SHOULD): *"])


def test_verdict_needs_no_terminal(pytester: pytest.Pytester) -> None:
    result = run_apart(
        pytester, "def test_it(nertwin): pass", "--nertwin-verdict", "-p", "no:terminal"
    )

    assert result.ret == 0

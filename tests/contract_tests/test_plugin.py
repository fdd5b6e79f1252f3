"""The pytest plugin as its users see it: by the lines that pytest prints."""

import subprocess
import sys

import pytest

from nertwin.mockserver import RunningServer

# Schemathesis makes a warning of what another plugin says of a test.
QUIET = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:schemathesis")
TEST = """
def test_contract(nertwin_check):
    nertwin_check()
"""
BROKEN_APPLICATION = """
import pytest

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", b"19")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"answer": "wrong"}'})

@pytest.fixture
def nertwin_endpoint():
    return app
"""
COUNTING_APPLICATION = """
import pytest
from nertwin.mockserver import create_app

stand_in = create_app()

async def app(scope, receive, send):
    async def receive_and_print():
        message = await receive()
        if message["type"] == "http.request":
            print("\\nasked", message["body"])
        return message
    if scope["type"] == "http":
        await stand_in(scope, receive_and_print, send)

@pytest.fixture
def nertwin_endpoint():
    return app
"""


def outcome(pytester: pytest.Pytester, *arguments: str, test: str = TEST) -> pytest.RunResult:
    pytester.makepyfile(test)
    return pytester.runpytest_inprocess(*QUIET, *arguments)


def judged(pytester: pytest.Pytester, url: str, *arguments: str, **more: str) -> pytest.RunResult:
    return outcome(pytester, f"--nertwin-endpoint={url}", *arguments, **more)


def test_there_is_one_item_a_clause(pytester: pytest.Pytester, server: RunningServer) -> None:
    result = judged(pytester, server.url, "--nertwin-select", "shape.one-kind span.half*", "-v")

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*::test_contract?shape.one-kind? PASSED*"])


def test_clauses_are_found_by_keyword(pytester: pytest.Pytester, server: RunningServer) -> None:
    result = judged(pytester, server.url, "-k", "half-open", "-v")

    result.assert_outcomes(passed=1, deselected=result.parseoutcomes()["deselected"])
    result.stdout.fnmatch_lines(["*span.half-open? PASSED*"])


def test_violation_fails_with_its_evidence_and_nothing_of_ours(pytester: pytest.Pytester) -> None:
    result = outcome(
        pytester, "--nertwin-select", "shape.one-text-one-list", test=BROKEN_APPLICATION + TEST
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "shape.one-text-one-list (MUST)",
            "*source: *",
            "*expected: *",
            "*curl *",
            "*again: nertwin*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*contract_tests*")


def test_without_an_endpoint_items_are_skipped_and_say_what_to_do(
    pytester: pytest.Pytester,
) -> None:
    result = outcome(pytester, "--nertwin-select", "shape.one-kind", "-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*give --nertwin-endpoint URL*override the fixture*"])


def test_what_is_undecided_is_skipped_with_the_reason(pytester: pytest.Pytester) -> None:
    url = "http://127.0.0.1:1"

    result = judged(pytester, url, "--nertwin-select", "shape.one-kind", "-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(
        ["nertwin: 1 clauses, 1 inconclusive", "*inconclusive: can't reach 127.0.0.1*"]
    )


def test_wrong_address_is_an_error_in_a_sentence(
    pytester: pytest.Pytester, server: RunningServer
) -> None:
    result = judged(pytester, f"{server.url}/models/no/such", "--nertwin-select", "shape.one-kind")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["nertwin: *does not exist*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_fault_of_ours_is_an_error(
    pytester: pytest.Pytester, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nertwin.contract_tests.tally.is_in_the_way", lambda _: 1 / 0)

    result = judged(pytester, server.url, "--nertwin-select", "span.half-open")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["span.half-open: the check itself failed", "*ZeroDivisionError*"])


def test_equal_requests_of_several_items_are_sent_once(pytester: pytest.Pytester) -> None:
    counting = COUNTING_APPLICATION + TEST + TEST.replace("_contract", "_contract_again")

    result = outcome(
        pytester, "--nertwin-select", "shape.one-kind span.half-open", "-s", test=counting
    )

    result.assert_outcomes(passed=4)
    bodies = [line for line in result.outlines if line.startswith("asked ")]
    assert bodies
    assert len(bodies) == len(set(bodies))


def test_options_can_stand_in_the_configuration(
    pytester: pytest.Pytester, server: RunningServer
) -> None:
    pytester.makeini(
        f"[pytest]\nnertwin_endpoint = {server.url}\nnertwin_select = shape.one-kind\n"
        "nertwin_level = MUST\nnertwin_rate = 0\nnertwin_seed = 7\n"
    )

    result = outcome(pytester, "--strict-markers")

    result.assert_outcomes(passed=1)


def test_marker_goes_before_the_options(pytester: pytest.Pytester, server: RunningServer) -> None:
    mark = 'import pytest\n@pytest.mark.nertwin(select=["shape.one-kind"], level="must")'

    result = judged(pytester, server.url, "--nertwin-select", "span.*", test=mark + TEST)

    result.assert_outcomes(passed=1)


def test_items_are_marked(pytester: pytest.Pytester, server: RunningServer) -> None:
    result = judged(pytester, server.url, "-m", "not nertwin", "--nertwin-select", "shape.*")

    assert set(result.parseoutcomes()) == {"deselected"}


def test_stand_in_judges_our_own(pytester: pytest.Pytester) -> None:
    result = judged(
        pytester, "stand-in", "--nertwin-profile", "dedicated", "--nertwin-select", "shape.token-*"
    )

    assert set(result.parseoutcomes()) == {"passed"}


def test_fixture_may_give_an_endpoint_of_the_same_profile_only(pytester: pytest.Pytester) -> None:
    override = """
import pytest
from nertwin.contract_tests.endpoint import Endpoint

@pytest.fixture
def nertwin_endpoint():
    return Endpoint(base="http://127.0.0.1:1", profile="router")
"""

    result = outcome(pytester, "--nertwin-select", "shape.one-kind", test=override + TEST)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*set nertwin_profile = router*"])


def test_check_that_is_not_called_is_an_error(
    pytester: pytest.Pytester, server: RunningServer
) -> None:
    silent = "def test_contract(nertwin_check): pass"

    result = judged(pytester, server.url, "--nertwin-select", "shape.one-kind", test=silent)

    result.assert_outcomes(passed=1, errors=1)


def test_token_is_sent_and_never_printed(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", "hf_canary0123456789")

    result = outcome(
        pytester, "--nertwin-token-env", "MINE", "--nertwin-select", "shape.one-text-one-list",
        "-vv", "--showlocals", test=BROKEN_APPLICATION + TEST,
    )  # fmt: skip

    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*canary*")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("profile", "clasic"), "*got 'clasic'. Did you mean 'classic'?*"),
        (("level", "most"), "*--nertwin-level is one of must, should, may*"),
        (("seed", "x"), "*--nertwin-seed is a whole number, got 'x'*"),
        (("max-requests", "0"), "*a whole number from 1 on, got '0'*"),
        (("rate", "-1"), "*a number from 0 on, got '-1'*"),
        (("timeout", "soon"), "*a number from 0 on, got 'soon'*"),
        (("select", "spann.*"), "*no clause matches 'spann.[*]'*"),
        (("endpoint", "localhost:80"), "*is no URL of an endpoint*"),
    ],
)
def test_option_that_cannot_be_understood_is_said_in_a_sentence(
    pytester: pytest.Pytester, option: tuple[str, str], words: str
) -> None:
    name, value = option

    result = outcome(pytester, f"--nertwin-{name}={value}")

    result.stdout.fnmatch_lines([words])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_marker_with_a_strange_name_is_refused(pytester: pytest.Pytester) -> None:
    mark = "import pytest\n@pytest.mark.nertwin(levle='must')"

    result = outcome(pytester, test=mark + TEST)

    result.stdout.fnmatch_lines(["*nertwin has no setting 'levle'*Did you mean 'level'?*"])


def test_processes_of_xdist_share_the_items(
    pytester: pytest.Pytester, server: RunningServer
) -> None:
    pytester.makepyfile(TEST)

    result = pytester.runpytest_subprocess(
        *QUIET, "-n", "2", "--nertwin-endpoint", server.url,
        "--nertwin-select", "shape.one-*", timeout=60,
    )  # fmt: skip

    assert set(result.parseoutcomes()) == {"passed"}
    result.stdout.fnmatch_lines(["nertwin: * clauses, * passed"])


def test_plugin_imports_nothing_of_the_kit() -> None:
    program = (
        "import sys, pytest, nertwin.contract_tests.plugin;"
        "print([name for name in sys.modules if name.startswith('nertwin')],"
        " 'hypothesis' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert (
        done.stdout
        == "['nertwin', 'nertwin.contract_tests', 'nertwin.contract_tests.plugin'] False\n"
    )

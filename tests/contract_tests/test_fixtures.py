"""The fixtures as their users see them: by the tests they let pass and the lines pytest prints."""

import os
import subprocess
import sys

import pytest

from nertwin.mockserver import RunningServer

# Schemathesis makes a warning of what another plugin says of a test.
QUIET = ("-p", "no:cacheprovider", "-p", "no:schemathesis")
FIRST = ("-p", "no:randomly")
HEAD = """
import asyncio
import json
import socket
import unittest
import urllib.error
import urllib.request

import pytest

def post(url, inputs="Ada", token=None):
    body = json.dumps({"inputs": inputs}).encode()
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
"""


def run(pytester: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(HEAD + tests)
    return pytester.runpytest_inprocess(*QUIET, *FIRST, *arguments)


def run_apart(pytester: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    """The same in a process of its own, with plugins that change the process."""
    pytester.makepyfile(HEAD + tests)
    return pytester.runpytest_subprocess(*QUIET, *arguments, timeout=60)


def test_text_is_answered_as_the_test_says(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        def test_it(nertwin):
            said = nertwin.say("[Bob](MISC:0.75) met Ada")
            assert post(nertwin.model_url(), said.text) == (200, said.answers["simple"])
            assert said.answers["simple"][0]["entity_group"] == "MISC"
        """.replace("\n        ", "\n"),
    )

    result.assert_outcomes(passed=1)


def test_hard_days_come_on_demand(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def statuses(twin, count):
    return [post(twin.model_url(), str(number))[0] for number in range(count)]

def test_cold_by_calls(nertwin):
    nertwin.cold(after_calls=2)
    assert statuses(nertwin, 3) == [503, 503, 200]

def test_cold_by_time(nertwin):
    nertwin.cold(after_seconds=20)
    assert statuses(nertwin, 2) == [503, 503]
    nertwin.clock.advance(20)
    assert statuses(nertwin, 1) == [200]

def test_failures(nertwin):
    nertwin.fail_next(429, times=2, retry_after=1)
    assert statuses(nertwin, 3) == [429, 429, 200]

def test_script(nertwin):
    nertwin.script("503", 500, "200")
    assert statuses(nertwin, 3) == [503, 500, 200]
""",
    )

    result.assert_outcomes(passed=4)


def test_no_test_sees_what_another_did(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.parametrize("turn", [1, 2])
def test_it(nertwin, turn):
    assert nertwin.journal == []
    nertwin.assert_not_called()
    nertwin.fail_next(500, times=9)
    assert post(nertwin.model_url())[0] == 500
""",
    )

    result.assert_outcomes(passed=2)


def test_call_is_found_by_its_inputs_model_and_status(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin):
    post(nertwin.model_url(), "Ada")
    post(nertwin.model_url("nertwin/pii"), ["Ada", "Bob"])
    nertwin.assert_called(times=2)
    nertwin.assert_called(times=1, inputs="Ada", model=nertwin.default_model, status=200)
    nertwin.assert_called(inputs=["Ada", "Bob"], model="nertwin/pii")
    nertwin.assert_not_called(inputs="Bob")
""",
    )

    result.assert_outcomes(passed=1)


def test_missing_call_is_told_with_what_came_near(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin):
    post(nertwin.model_url(), "Bob")
    nertwin.assert_called(times=2, inputs="Ada")
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*AssertionError: nertwin: wanted 2 calls with inputs 'Ada'; found none.",
            "*near: #1 POST /models/* 'Bob' -> 200 *: inputs is 'Bob', wanted 'Ada'",
        ]
    )


def test_call_too_many_is_told(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin):
    post(nertwin.model_url(), "Bob")
    nertwin.assert_not_called()
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*wanted 0 calls; found 1.", "*#1 POST /models/* 'Bob' -> 200*"])


def test_report_of_a_failed_test_has_the_journal(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin):
    nertwin.fail_next(503)
    post(nertwin.model_url(), "Bob")
    assert False, "for another reason"
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*for another reason", "*- nertwin -*", "*#1 POST /models/* 'Bob' -> 503 (fault: 503)"]
    )


def test_report_of_a_failed_teardown_has_the_journal(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.fixture
def broken():
    yield
    raise RuntimeError("in teardown")

def test_it(broken, nertwin):
    post(nertwin.model_url(), "Bob")
""",
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*in teardown", "*- nertwin -*", "*#1 POST /models/* 'Bob'*"])


def test_report_of_a_passed_test_has_no_journal(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(nertwin): post(nertwin.model_url())", "-rA")

    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*- nertwin -*")


def test_token_of_a_call_is_in_no_report(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin):
    post(nertwin.model_url(), "hf_canaryCANARYcanary1234", token="hf_canaryCANARYcanary1234")
    nertwin.assert_called(times=2)
""".replace("hf_canary", 'hf_" + "canary'),
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*#1 POST *"])
    assert "CANARY" not in result.stdout.str().partition("- nertwin -")[2]


@pytest.mark.parametrize("path", ["/models/acme/none", "/nowhere", "/api/models/acme/none"])
def test_request_for_what_is_not_there_fails_the_test(pytester: pytest.Pytester, path: str) -> None:
    result = run(pytester, f"def test_it(nertwin): post(nertwin.url + {path!r})")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["nertwin was asked what it does not have:", f"*{path}*-> 40?*"])


def test_request_of_a_teardown_fails_it(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.fixture
def late(nertwin):
    yield
    post(nertwin.url + "/nowhere")

def test_it(late): pass
""",
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["nertwin was asked what it does not have:", "*- nertwin -*"])


def test_test_that_failed_by_itself_gets_no_second_failure(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin):
    post(nertwin.url + "/nowhere")
    assert False
""",
    )

    result.assert_outcomes(failed=1)


@pytest.mark.parametrize("mark", ["", "@pytest.mark.nertwin(strict=False)"])
def test_missing_model_may_be_meant(pytester: pytest.Pytester, mark: str) -> None:
    step = "pass" if mark else "nertwin.fail_next(404)"
    result = run(
        pytester,
        f"""
{mark}
def test_it(nertwin):
    {step}
    assert post(nertwin.model_url("acme/none" if {bool(mark)} else None))[0] == 404
""",
    )

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        ('say("[Ada](PERS) sleeps")', "*has no 'PERS'. Did you mean 'PER'?*"),
        ('say("[Ada](PER sleeps")', "*has a bracket that belongs to no mark*"),
        ("fail_next(428)", "*Did you mean '429'?*"),
        ('script("503", "20")', "*there is no fault '20'*"),
        ('cold("acme/none")', "*'acme/none'*"),
        ("cold(after_calls=-1)", "*after_calls*"),
    ],
)
def test_mistake_is_told_at_the_line_of_the_test(
    pytester: pytest.Pytester, mistake: str, told: str
) -> None:
    result = run(pytester, f"def test_it(nertwin):\n    nertwin.{mistake}\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f">       nertwin.{mistake}".replace("[", "[[]"), f"E {told}"])
    result.stdout.no_fnmatch_line("*wire.py*")
    result.stdout.no_fnmatch_line("*twin.py*")


@pytest.mark.parametrize(
    "plan", ["profile='router'", "profile='router', models={'nertwin/pii': Life(starts='cold')}"]
)
def test_model_that_can_not_be_cold_is_told(pytester: pytest.Pytester, plan: str) -> None:
    result = run(
        pytester,
        f"""
from nertwin.mockserver import Life

@pytest.mark.nertwin({plan})
def test_it(nertwin):
    nertwin.cold()
""",
    )

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*models don't load on demand in the profile router; mark the *"])


def test_marker_sets_what_a_session_may_be(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.nertwin(profile="router", clock="scaled:10")
class TestIt:
    def test_of_the_class(self, nertwin):
        assert nertwin.model_url().startswith(f"{nertwin.url}/hf-inference/models/")
        assert nertwin.clock.kind.startswith("scaled")
        assert post(nertwin.model_url())[0] == 200

    @pytest.mark.nertwin(profile="dedicated", default_model="nertwin/pii")
    def test_closest_wins_key_by_key(self, nertwin):
        assert nertwin.model_url("nertwin/pii") == f"{nertwin.url}/"
        assert nertwin.clock.kind.startswith("scaled")
        assert post(nertwin.model_url())[0] == 200

    @pytest.mark.nertwin(auth="token", token="hf_theOnlyOne")
    def test_token(self, nertwin):
        assert post(nertwin.model_url())[0] == 401
        assert post(nertwin.model_url(), token=nertwin.token)[0] == 200

def test_time_stands_still_by_default(nertwin):
    assert nertwin.clock.kind == "frozen"
""",
    )

    result.assert_outcomes(passed=4)


def test_marker_plans_what_happens(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
from nertwin.mockserver import Life

@pytest.mark.nertwin(script=["503", "200"], rules=["[Ada](ORG)"])
def test_script(nertwin):
    assert post(nertwin.model_url())[0] == 503
    assert post(nertwin.model_url())[1][0]["entity_group"] == "ORG"

@pytest.mark.nertwin(faults=["500"])
def test_faults(nertwin):
    assert post(nertwin.model_url())[0] == 500

@pytest.mark.nertwin(models={"nertwin/pii": Life(starts="cold")})
def test_lives(nertwin):
    assert [post(nertwin.model_url("nertwin/pii"))[0] for _ in "12"] == [503, 200]
""",
    )

    result.assert_outcomes(passed=3)


def test_marker_serves_models_of_its_own(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.nertwin(models=["acme/ner=conll"])
def test_it(nertwin, nertwin_server):
    assert post(nertwin.model_url("acme/ner"))[0] == 200
    assert not nertwin.url.startswith(nertwin_server.url)

@pytest.mark.nertwin(any_model=True)
def test_any(nertwin):
    assert post(nertwin.model_url("who/ever"))[0] == 200
""",
    )

    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("profil='router'", "*no setting 'profil' for a test. Did you mean 'profile'?*"),
        ("'router'", "*the marker nertwin got 'router' without a name; write*"),
        ("profile='rooter'", "*nertwin: *rooter*Did you mean 'router'?*"),
        ("models='acme/ner'", "*models is 'acme/ner'; it must be a list*"),
        ("script='503'", "*script is '503'; it must be a list*"),
        ("strict='no'", "*strict is 'no'; it must be True or False*"),
        ("faults=['599']", "*there is no fault '599'*"),
    ],
)
def test_wrong_marker_is_a_clear_error(
    pytester: pytest.Pytester, arguments: str, message: str
) -> None:
    result = run(
        pytester,
        f"@pytest.mark.nertwin({arguments})\ndef test_it(nertwin): pass",
        "--strict-markers",
    )

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])


def test_configuration_of_the_project_is_kept(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", nertwin='profile = "router"\nclock = "real"\n[[rules]]\nsay = "x"\n')

    result = run(
        pytester,
        """
def test_it(nertwin):
    assert "hf-inference" in nertwin.model_url()
    assert nertwin.clock.kind == "real"
    assert len(nertwin.session.rules.all()) == 1
""",
    )

    result.assert_outcomes(passed=1)


def test_server_may_be_the_users_own(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
from nertwin.mockserver import Settings, running_server

@pytest.fixture(scope="session")
def nertwin_server():
    with running_server(Settings(port=0, default_model="nertwin/pii")) as server:
        yield server

def test_it(nertwin, nertwin_server, nertwin_url):
    assert nertwin.default_model == "nertwin/pii"
    assert nertwin_url.startswith(nertwin_server.url)
""",
    )

    result.assert_outcomes(passed=1)


def test_session_that_a_killed_run_has_left_is_begun_anew(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
from nertwin.mockserver import Control

@pytest.fixture
def leftover(request, nertwin_server):
    from nertwin.contract_tests.beginning import session_id
    id_ = session_id("main", request.node.name, request.node.nodeid)
    with Control(nertwin_server.url) as control:
        session = control.session(id_)
    assert post(session.url + "/models/dslim/bert-base-NER")[0] == 200

def test_it(leftover, nertwin):
    nertwin.assert_not_called()
""",
    )

    result.assert_outcomes(passed=1)


def test_server_is_used_in_coroutines_and_test_cases(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_asyncio(nertwin):
    async def main():
        return await asyncio.gather(*(asyncio.to_thread(post, nertwin.model_url()) for _ in "123"))
    assert [status for status, _ in asyncio.run(main())] == [200, 200, 200]
    nertwin.assert_called(times=3)

@pytest.mark.anyio
async def test_anyio(nertwin):
    import httpx
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.post(nertwin.model_url(), json={"inputs": "Ada"})
    assert response.status_code == 200
    nertwin.assert_called(times=1)

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.usefixtures("nertwin")
class TestUsed(unittest.TestCase):
    def test_it(self):
        self.assertEqual(post(self.nertwin.model_url())[0], 200)
        self.nertwin.assert_called(times=1)

class TestInjected(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def inject(self, nertwin):
        self.twin = nertwin

    def test_it(self):
        self.assertEqual(post(self.twin.model_url())[0], 200)
""",
    )

    result.assert_outcomes(passed=4)


def test_test_case_that_fails_has_the_journal_too(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.usefixtures("nertwin")
class TestIt(unittest.TestCase):
    def test_it(self):
        self.assertEqual(post(self.nertwin.model_url())[0], 503)
""",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*AssertionError: 200 != 503", "*- nertwin -*", "*#1 POST *"])


def test_each_made_stand_in_has_an_address_of_its_own(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.parametrize("turn", [1, 2])
def test_it(make_nertwin, nertwin, turn):
    first, second = make_nertwin(), make_nertwin(profile="dedicated")
    assert len({twin.url.split("/s/")[0] for twin in (first, second, nertwin)}) == 3
    post(first.model_url())
    first.assert_called(times=1)
    second.assert_not_called()

def test_failing(make_nertwin):
    post(make_nertwin().url + "/nowhere")
""",
    )

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*- nertwin -*", "*#1 POST /nowhere*"])


def test_transport_of_httpx_needs_no_socket(pytester: pytest.Pytester) -> None:
    result = run_apart(
        pytester,
        """
import httpx

@pytest.mark.nertwin(script=["503", "200"], rules=["[Ada](ORG)"])
def test_it(nertwin_asgi):
    async def main():
        base = "http://stand-in/models/dslim"
        async with httpx.AsyncClient(transport=nertwin_asgi, base_url=base) as client:
            return [await client.post("bert-base-NER", json={"inputs": "Ada"}) for _ in "12"]
    responses = asyncio.run(main())
    assert [response.status_code for response in responses] == [503, 200]
    assert responses[1].json()[0]["entity_group"] == "ORG"
""",
        "--disable-socket",
        "--allow-unix-socket",  # Any event loop has a pair of them.
    )

    result.assert_outcomes(passed=1)


def test_stand_in_behind_the_transport_is_as_strict(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import httpx

def ask(transport, path):
    async def main():
        async with httpx.AsyncClient(transport=transport, base_url="http://stand-in") as client:
            return await client.post(path, json={"inputs": "Ada"})
    return asyncio.run(main())

def test_strict(nertwin_asgi):
    ask(nertwin_asgi, "/s/mine/nowhere")

@pytest.mark.nertwin(strict=False)
def test_not_strict(nertwin_asgi):
    ask(nertwin_asgi, "/nowhere")
""",
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["nertwin was asked what it does not have:", "*- nertwin -*", "*#1 POST /nowhere -> 404*"]
    )


def test_missing_httpx_is_a_reason_to_skip(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)

    result = run(pytester, "def test_it(nertwin_asgi): pass", "-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(
        ["*nertwin_asgi gives a transport of httpx, which is not installed"]
    )


def test_process_serves_programs_in_any_language(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(nertwin_subprocess):
    with nertwin_subprocess.control.session() as session:
        assert post(f"{session.url}/models/dslim/bert-base-NER")[0] == 200
        assert len(session.journal()) == 1
    assert nertwin_subprocess.process.poll() is None
""",
    )

    result.assert_outcomes(passed=1)


def test_process_that_can_not_serve_says_why(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", nertwin="colour = 1\n")

    result = run(pytester, "def test_it(nertwin_subprocess): pass")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*nertwin: `nertwin serve` wrote ''*colour*"])


NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "all_proxy"])
@pytest.mark.parametrize("fixture", ["nertwin_server", "nertwin_subprocess"])
def test_stand_in_is_asked_directly_though_there_is_a_proxy(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str, fixture: str
) -> None:
    monkeypatch.setenv(name, NOWHERE)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "intranet.example")

    result = run(
        pytester,
        f"""
import os
import requests

def test_it({fixture}):
    url = {fixture}.url + "/models/dslim/bert-base-NER"
    assert requests.post(url, json={{"inputs": "Ada"}}).ok
    assert os.environ["no_proxy"].startswith("intranet.example,")
""",
    )

    result.assert_outcomes(passed=1)
    assert (os.environ["NO_PROXY"], os.environ.get("no_proxy")) == ("intranet.example", None)


def test_ready_clients_call_the_stand_in(pytester: pytest.Pytester) -> None:
    pytest.importorskip("huggingface_hub")
    result = run(
        pytester,
        """
def test_sync(nertwin, nertwin_inference_client):
    nertwin.say("[Ada](ORG)")
    assert nertwin_inference_client.token_classification("Ada")[0].entity_group == "ORG"
    nertwin.assert_called(times=1, inputs="Ada")

def test_async(nertwin, nertwin_async_inference_client):
    async def main():
        async with nertwin_async_inference_client as client:
            return await client.token_classification("Ada")
    assert asyncio.run(main())
    nertwin.assert_called(times=1, inputs="Ada")
""",
    )

    result.assert_outcomes(passed=2)


def test_tests_of_parallel_workers_share_one_server(
    pytester: pytest.Pytester, server: RunningServer
) -> None:
    result = run_apart(
        pytester,
        f"""
from nertwin.mockserver import RunningServer

@pytest.fixture(scope="session")
def nertwin_server():
    return RunningServer({server.url!r})

@pytest.mark.parametrize("number", range(12))
def test_it(nertwin, number):
    post(nertwin.model_url(), str(number))
    nertwin.assert_called(times=1, inputs=str(number))

def test_failing(nertwin):
    post(nertwin.url + "/nowhere")
""",
        "-n2",
    )

    result.assert_outcomes(passed=12, failed=1)
    result.stdout.fnmatch_lines(["*- nertwin -*", "*/s/gw?.test_failing.*", "*#1 POST /nowhere*"])


def test_worker_has_a_server_of_its_own(pytester: pytest.Pytester) -> None:
    result = run_apart(
        pytester,
        """
@pytest.mark.parametrize("number", range(6))
def test_it(nertwin, number):
    assert post(nertwin.model_url())[0] == 200
""",
        "-n2",
    )

    result.assert_outcomes(passed=6)


@pytest.mark.parametrize("option", ["--disable-socket", "--allow-hosts=192.0.2.1"])
def test_blocked_sockets_still_reach_the_stand_in_alone(
    pytester: pytest.Pytester, option: str
) -> None:
    pytest.importorskip("pytest_socket")
    result = run_apart(
        pytester,
        """
@pytest.mark.parametrize("turn", [1, 2])
def test_it(nertwin, turn):
    assert post(nertwin.model_url())[0] == 200

def test_other_host(nertwin):
    with pytest.raises(Exception, match="192.0.2.77|socket"), socket.socket() as other:
        other.settimeout(0.01)
        other.connect(("192.0.2.77", 80))

def test_without():
    with pytest.raises(Exception, match="socket"), socket.socket() as other:
        other.connect(("127.0.0.1", 9))
""",
        option,
        "-Werror",
    )

    result.assert_outcomes(passed=4)


def test_plugin_costs_a_run_nothing_but_itself() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules); import nertwin.contract_tests.guard;"
        "print(sorted(name for name in set(sys.modules) - before if not name.startswith('_')))"
    )

    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )

    assert finished.stdout.strip() == str(
        [
            "nertwin",
            "nertwin.contract_tests",
            "nertwin.contract_tests.fixtures",
            "nertwin.contract_tests.guard",
        ]
    )

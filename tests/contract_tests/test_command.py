"""``nertwin run`` by its output and exit status, with programs of several languages."""

import errno
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support.raw_servers import RawServer, raw_server
from support.redirected import MODEL, NEW_URL, OLD_URL
from support.upstreams import HELLO, WANTS_PASSWORD, upstream_proxy

from nertwin.contract_tests.cli import main
from nertwin.contract_tests.isolation import is_granted

NERTWIN = (sys.executable, "-m", "nertwin.contract_tests.cli", "run")
BODY = '{"inputs": "Ada"}'


class Done(NamedTuple):
    """How a command has ended and what was written meanwhile, by the program and by nertwin."""

    returncode: object
    stdout: str
    stderr: str


Run = Callable[..., Done]

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl in PATH")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node in PATH")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs ``nertwin run`` with arguments in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run_it(*arguments: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(["run", *arguments])
        return Done(ended.value.code, *capfd.readouterr())

    return run_it


def python(code: str) -> tuple[str, ...]:
    return ("--", sys.executable, "-c", code)


HUB = f"""
from huggingface_hub import InferenceClient
print(InferenceClient(token="hf_no_token").token_classification("Ada", model="{MODEL}")[0].word)
"""


def test_python_program_that_names_a_model_is_answered(run: Run) -> None:
    done = run(*python(HUB))

    assert (done.returncode, done.stdout) == (0, "Ada\n")
    assert done.stderr.splitlines()[-1].startswith("nertwin: 3 requests answered (3 × 200); called")


def test_coroutine_of_aiohttp_is_answered_without_trusting_the_environment(run: Run) -> None:
    code = f"""
import asyncio, aiohttp
async def main():
    async with aiohttp.ClientSession() as session:
        async with session.post("{OLD_URL}", data='{BODY}') as response:
            print(response.status, (await response.json())[0]["word"])
asyncio.run(main())
"""

    done = run(*python(code))

    assert (done.returncode, done.stdout) == (0, "200 Ada\n")


@needs_curl
def test_curl_is_answered_through_the_proxy(run: Run) -> None:
    done = run("--", "curl", "-sS", NEW_URL, "-d", BODY)

    assert done.returncode == 0
    assert '"word":"Ada"' in done.stdout
    assert f"1 request answered (1 × 200); called: {MODEL}" in done.stderr


PLAIN_URL = OLD_URL.replace("https:", "http:")


@pytest.fixture
def host() -> Iterator[RawServer]:
    """Another host, for whoever asks for it by the name of this machine."""
    with raw_server(*[HELLO] * 3) as server:
        yield server


@needs_curl
def test_curl_without_tls_is_answered_and_noted(run: Run) -> None:
    done = run("--", "curl", "-sS", PLAIN_URL, "-d", BODY)

    assert done.returncode == 0
    assert '"word":"Ada"' in done.stdout
    assert "note: a program called api-inference.huggingface.co by http" in done.stderr


@needs_curl
def test_curl_reaches_other_hosts_on_the_way(run: Run, host: RawServer) -> None:
    # An address of this machine that no list of exceptions has.
    other = host.url.replace("127.0.0.1", "127.1")

    done = run("--", "curl", "-sS", other, "-d", BODY, PLAIN_URL, other)

    assert done.returncode == 0
    assert done.stdout.count("hello") == 2
    assert '"word":"Ada"' in done.stdout


def test_urllib_without_tls_is_answered(run: Run) -> None:
    code = f"import urllib.request as u; print(u.urlopen({PLAIN_URL!r}, {BODY.encode()!r}).status)"

    done = run(*python(code))

    assert (done.returncode, done.stdout) == (0, "200\n")
    assert "1 request answered (1 × 200)" in done.stderr


@pytest.mark.parametrize(
    "call", ["urllib.request.urlopen(url).status", "requests.get(url).status_code"]
)
def test_python_program_reaches_other_hosts_without_tls(
    run: Run, host: RawServer, call: str
) -> None:
    url = host.url.replace("127.0.0.1", "127.1")
    module = call.rpartition(".")[0].partition("(")[0].rpartition(".")[0]

    done = run(*python(f"import {module}; url = {url!r}; print({call})"))

    assert done.stdout == "200\n"
    assert b"Connection: close" in host.received[0]


@needs_curl
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_program_reaches_other_hosts_by_the_proxy_that_it_would_have_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with upstream_proxy() as upstream:
        monkeypatch.setenv("HTTPS_PROXY", upstream.url)
        monkeypatch.setenv("http_proxy", upstream.url)
        upstream.answer = WANTS_PASSWORD

        done = run("--", "curl", "-sS", f"{scheme}://example.com/x", "-o", "/dev/null")

    assert upstream.heads[0].startswith(
        {"http": "GET http://example.com/x", "https": "CONNECT"}[scheme]
    )
    assert "Proxy-Authorization: Basic YWRhOnMzY3JldCE=" in upstream.heads[0]
    assert "s3cret" not in done.stdout + done.stderr


@needs_node
def test_node_is_answered(run: Run) -> None:
    program = (
        f"fetch('{NEW_URL}', {{method: 'POST', body: '{BODY}'}})"
        ".then(async (r) => console.log(r.status, r.url, (await r.json())[0].word))"
    )

    done = run("--", "node", "-e", program)

    assert (done.returncode, done.stdout) == (0, f"200 {NEW_URL} Ada\n")


@pytest.mark.parametrize("kind", ["import", "require"])
@needs_node
def test_node_module_of_either_kind_has_its_https_redirected(
    run: Run, tmp_path: Path, kind: str
) -> None:
    begin = {
        "import": "import { request } from 'node:https';",
        "require": "const { request } = require('https');",
    }
    suffix = {"import": "mjs", "require": "cjs"}
    program = tmp_path / f"program.{suffix[kind]}"
    program.write_text(
        f"""{begin[kind]}
        const options = {{ host: 'router.huggingface.co', method: 'POST',
                           path: '/hf-inference/models/{MODEL}' }};
        const sent = request(options, (answer) => {{
          answer.on('data', (piece) => console.log(JSON.parse(piece)[0].word));
        }});
        sent.end('{BODY}');
        """
    )

    done = run("--", "node", str(program))

    assert (done.returncode, done.stdout) == (0, "Ada\n")


def test_sitecustomize_of_the_program_is_loaded_too(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('mine')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    done = run(*python("import sys; print(sys.modules['sitecustomize'].__file__)"))

    assert done.stdout == f"mine\n{tmp_path}/sitecustomize.py\n"


def test_status_is_the_programs(run: Run) -> None:
    assert run(*python("raise SystemExit(7)")).returncode == 7


def test_status_of_a_program_that_a_signal_has_ended_is_a_shells(run: Run) -> None:
    done = run(*python("import os; os.kill(os.getpid(), 9)"))

    assert done.returncode == 137


def test_signal_is_passed_on() -> None:
    code = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
print("ready", flush=True)
signal.pause()
"""
    with subprocess.Popen(
        [*NERTWIN, *python(code)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

        process.send_signal(signal.SIGTERM)

        assert process.wait(30) == 3


def test_refused_request_ends_the_command_with_a_report(run: Run) -> None:
    code = """
import urllib.request
try:
    urllib.request.urlopen("https://cdn-lfs.huggingface.co/a/b?token=hf_secretsecret")
except OSError:
    pass
"""

    done = run(*python(code))

    assert done.returncode == 1
    assert "refused GET cdn-lfs.huggingface.co/a/b" in done.stderr
    assert "secret" not in done.stderr


@needs_node
def test_refused_request_of_node_is_told_without_its_token(run: Run) -> None:
    url = f"https://hf.space/hf_{'x' * 34}?token=hf_{'y' * 34}"

    done = run("--", "node", "-e", f"fetch('{url}').catch(() => 0)")

    assert done.returncode == 1
    assert "refused GET hf.space/***" in done.stderr
    assert "yyy" not in done.stderr


def test_guard_of_any_host_refuses_those_of_others(run: Run) -> None:
    done = run("--guard", "any", *python("import socket; socket.getaddrinfo('example.com', 1)"))

    assert done.returncode == 1
    assert "refused example.com" in done.stderr


ODD = f"import requests; requests.post('{OLD_URL}-none', data='{BODY}')"


def test_strict_minds_what_is_not_there(run: Run) -> None:
    done = run("--strict", *python(ODD))

    assert done.returncode == 1
    assert f"not there #1 POST /models/{MODEL}-none" in done.stderr


def test_without_strict_it_is_only_told(run: Run) -> None:
    done = run(*python(ODD))

    assert done.returncode == 0
    assert "not there" in done.stderr


def test_findings_are_told(run: Run) -> None:
    code = f"""
import requests
requests.post("{OLD_URL}", json={{"inputs": "Ada"}}, headers={{"authorization": "hf_secretsecret"}})
"""

    done = run(*python(code))

    assert "finding " in done.stderr
    assert "Bearer" in done.stderr
    assert "secret" not in done.stderr


def test_impolite_client_is_told_by_clause(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text('script = ["429; retry_after=5", "200"]\n')
    code = f"""
import requests
for _ in range(2):
    requests.post("{NEW_URL}", json={{"inputs": "Ada"}})
"""

    done = run(*python(code))

    assert done.returncode == 0
    assert "impolite client.honours-retry-after (MUST)" in done.stderr


def test_settings_of_the_folder_are_the_stand_ins(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nertwin.toml").write_text('script = ["503", "200"]\n')
    code = f"""
import requests
print([requests.post("{OLD_URL}", data='{BODY}').status_code for _ in "ab"])
"""

    done = run(*python(code))

    assert done.stdout == "[503, 200]\n"


@pytest.fixture
def isolated(tmp_path: Path) -> Run:
    """The same in a process of its own, which leaves the machine's network for good."""
    if not is_granted():
        pytest.skip("this machine grants no network of one's own")

    def run_it(*arguments: str) -> Done:
        command = [*NERTWIN, "--isolate", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run_it


@needs_curl
@pytest.mark.parametrize("url", [NEW_URL, PLAIN_URL], ids=["https", "http"])
def test_isolated_program_that_knows_no_proxy_is_answered(isolated: Run, url: str) -> None:
    done = isolated("--", "curl", "--noproxy", "*", "-sS", url, "-d", BODY)

    assert (done.returncode, done.stderr[:10]) == (0, "nertwin: 1")
    assert '"word":"Ada"' in done.stdout


RAW = f"""
import json, socket, ssl
name = "router.huggingface.co"
plain = socket.create_connection((name, 443))
tls = ssl.create_default_context().wrap_socket(plain, server_hostname=name)
tls.sendall(b"POST /hf-inference/models/{MODEL} HTTP/1.0\\r\\nHost: router.huggingface.co\\r\\n"
            b"Content-Length: 17\\r\\n\\r\\n" + {BODY.encode()!r})
print(json.loads(tls.makefile("rb").read().partition(b"\\r\\n\\r\\n")[2])[0]["word"])
"""
FETCH = f"fetch('{NEW_URL}', {{method: 'POST', body: '{BODY}'}})"


@pytest.mark.parametrize(
    "command",
    [
        pytest.param((sys.executable, "-I", "-c", RAW), id="python -I with a socket"),
        pytest.param(
            (
                "env",
                "-u",
                "NODE_OPTIONS",
                "node",
                "-p",
                f"{FETCH}.then(r => r.json()).then(r => console.log(r[0].word)); ''",
            ),
            id="node without its options",
            marks=needs_node,
        ),
    ],
)
def test_isolated_program_that_sets_its_environment_aside_is_answered(
    isolated: Run, command: tuple[str, ...]
) -> None:
    done = isolated("--", *command)

    assert (done.returncode, done.stdout.strip()) == (0, "Ada"), done.stderr


@needs_curl
def test_isolated_program_that_trusts_nobody_is_noted(isolated: Run) -> None:
    done = isolated("--", "env", "-i", str(shutil.which("curl")), "-sS", NEW_URL)

    assert done.returncode == 60  # As curl says that a certificate can't be verified.
    assert "note: a program asked for one of the API's hosts and went away" in done.stderr


def test_isolated_program_reaches_nothing_else(isolated: Run) -> None:
    code = "import socket; print(socket.socket().connect_ex(('192.0.2.1', 443)))"

    done = isolated(*python(code))

    assert done.stdout == f"{errno.ENETUNREACH}\n"


def test_missing_program_is_named(run: Run) -> None:
    done = run("--", "nertwin-no-such-program")

    assert done.returncode == 127
    assert "there is no program 'nertwin-no-such-program'" in done.stderr


def test_file_that_is_no_program_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("")

    done = run("--", str(tmp_path / "plain.txt"))

    assert done.returncode == 126
    assert "can't be run" in done.stderr


def test_command_is_needed(run: Run) -> None:
    assert run().returncode == 2


def test_mirror_that_a_program_names_itself_is_not_called(run: Run) -> None:
    done = run(
        *python(
            "import os; os.environ['HF_ENDPOINT'] = 'https://hub.corp.example'\n"
            "from huggingface_hub import InferenceClient\n"
            "client = InferenceClient(token='hf_no_token')\n"
            f"print(client.token_classification('Ada', model={MODEL!r})[0].word)"
        )
    )

    assert (done.returncode, done.stdout) == (0, "Ada\n")


def test_certificates_that_no_program_needs_are_not_missed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)

    done = run(*python(f"import urllib.request as u; u.urlopen({NEW_URL!r}, {BODY.encode()!r})"))

    assert done.stderr.startswith("nertwin: 1 request answered")
    assert "nertwin[redirect]" not in done.stderr


@needs_curl
def test_certificates_that_a_program_needs_are_missed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)

    done = run("--", "curl", "--silent", NEW_URL, "-d", BODY)

    assert done.returncode != 0
    assert "note: a program asked for router.huggingface.co: " in done.stderr
    assert "pip install 'nertwin[redirect]'" in done.stderr


@pytest.mark.parametrize("option", ["--isolat", "--Guard"])
def test_misspelt_option_is_no_program(run: Run, option: str) -> None:
    done = run(option, *python("print('ran')"))

    assert done.returncode == 2
    assert "No such option" in done.stderr
    assert option in done.stderr
    assert "ran" not in done.stdout


@pytest.mark.skipif(shutil.which("setsid") is None, reason="there is no setsid in PATH")
def test_interrupt_from_the_terminal_comes_once_though_input_comes_from_a_file() -> None:
    counting = """
import signal
keys = [signal.SIGINT]
signal.pthread_sigmask(signal.SIG_BLOCK, keys)
print("ready", flush=True)
signal.sigwait(keys)
print("another" if signal.sigtimedwait(keys, 0.5) else "one", flush=True)
"""
    leader, terminal = os.openpty()
    script = f"exec 0</dev/null; exec {shlex.join((*NERTWIN, *python(counting)))}"
    process = subprocess.Popen(
        ["setsid", "--ctty", "sh", "-c", script],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

        os.write(leader, b"\x03")

        assert process.stdout.readline() == "one\n"
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()
        os.close(leader)
        os.close(terminal)

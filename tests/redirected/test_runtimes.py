"""Deno and Bun, which run what was written for Node and are redirected by other means."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nertwin.contract_tests.redirect import Redirect
from nertwin.contract_tests.twin import Twin

HERE = Path(__file__).parent
CLIENTS = HERE / "node"
INSTALLED = HERE / "runtimes" / "node_modules"
REQUIRED = os.environ.get("REQUIRE_NODE", "") not in ("", "0")
RELEASES = ("inference-2.6", "inference-2", "inference-3.0", "inference-3", "inference-4")
MODEL = "dslim/bert-base-NER"
TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"
FOUND = [["PER", "Sarah Jessica Parker"], ["PER", "Jessica"]]
NERTWIN = (sys.executable, "-m", "nertwin.contract_tests.cli", "run", "--guard", "any")

BUN = "@oven/*/bin/bun"
DENO = "@deno/*/deno run --no-prompt"
#: Loads no preload, and knows none of the variables that other programs take an authority from.
OLD_DENO = "deno-2.5/node_modules/@deno/*/deno run --no-prompt"
#: What a program needs to call the API, and no leave for what redirects it.
HOSTS = ("huggingface.co", "router.huggingface.co", "api-inference.huggingface.co", "hf.space")
CAREFUL = f"--allow-read --allow-net={','.join(HOSTS)}"

of_each_runtime = pytest.mark.parametrize(
    "runtime",
    [
        pytest.param(BUN, id="bun"),
        pytest.param(f"{DENO} --allow-all", id="deno"),
        pytest.param(f"{DENO} {CAREFUL}", id="deno of few permissions"),
        pytest.param(f"{OLD_DENO} --allow-all", id="deno 2.5"),
    ],
)
of_those_that_preload = pytest.mark.parametrize(
    "runtime", [pytest.param(BUN, id="bun"), pytest.param(f"{DENO} --allow-all", id="deno")]
)


def command(runtime: str, *arguments: str) -> list[str]:
    """The runtime with its options, where it and the clients are installed."""
    program, *options = runtime.split()
    found = next(INSTALLED.glob(program), None)
    if found is None or not (CLIENTS / "node_modules").is_dir():
        reason = f"{program} or the clients are not below {HERE}; `nox -s redirect` installs them"
        if REQUIRED:
            pytest.fail(f"REQUIRE_NODE is set, but {reason}")
        pytest.skip(reason)
    return [str(found), *options, *arguments]


def run(command: list[str], folder: Path = CLIENTS) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_program(runtime: str, folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """A program of these lines below ``nertwin run``."""
    file = folder / "program.mjs"
    file.write_text(program)
    return run([*NERTWIN, "--", *command(runtime, str(file))], folder)


@of_each_runtime
@pytest.mark.parametrize("release", RELEASES)
def test_program_that_a_test_starts_is_answered(
    nertwin: Twin, nertwin_redirect: Redirect, runtime: str, release: str
) -> None:
    done = run(command(runtime, "classify.mjs", release, TEXT))

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == FOUND
    nertwin.assert_called(times=1, model=MODEL)
    assert nertwin_redirect.attempts == ()


@of_each_runtime
def test_program_below_nertwin_run_is_answered(runtime: str) -> None:
    done = run([*NERTWIN, "--", *command(runtime, "classify.mjs", "inference-4", TEXT)])

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == FOUND


@of_each_runtime
def test_fetch_of_another_host_is_refused_without_its_token(runtime: str, tmp_path: Path) -> None:
    fetch = f"fetch('https://hf.space/hf_{'x' * 34}?token=hf_{'y' * 34}')"

    done = run_program(runtime, tmp_path, f"await {fetch}.catch(() => 0)")

    assert done.returncode == 1
    assert "refused GET hf.space/***" in done.stderr
    assert "yyy" not in done.stderr


@of_those_that_preload
@pytest.mark.parametrize(
    "begin",
    [
        "import { request } from 'node:https'",
        "import https from 'node:https'; const { request } = https",
    ],
    ids=["by name", "by default"],
)
def test_https_module_is_redirected(runtime: str, begin: str, tmp_path: Path) -> None:
    options = {
        "host": "router.huggingface.co",
        "method": "POST",
        "path": f"/hf-inference/models/{MODEL}",
    }
    program = f"""
        {begin};
        const sent = request({json.dumps(options)}, (answer) => {{
          answer.on("data", (piece) => console.log(JSON.parse(piece)[0].word));
        }});
        sent.end('{{"inputs": "Ada"}}');
    """

    done = run_program(runtime, tmp_path, program)

    assert (done.returncode, done.stdout) == (0, "Ada\n"), done.stderr


@pytest.mark.parametrize(
    ("runtime", "connection"),
    [
        pytest.param(BUN, "Bun.connect({ hostname, port, socket: { data() {} } })", id="bun"),
        pytest.param(f"{DENO} --allow-all", "Deno.connect({ hostname, port })", id="deno"),
        pytest.param(
            f"{DENO} --allow-all", "Deno.connectTls({ hostname, port })", id="deno with TLS"
        ),
    ],
)
def test_socket_of_the_runtime_is_refused(runtime: str, connection: str, tmp_path: Path) -> None:
    program = f"""
        const [hostname, port] = ["router.huggingface.co", 443];
        await {connection}.catch((error) => console.log(error.code));
    """

    done = run_program(runtime, tmp_path, program)

    assert (done.returncode, done.stdout) == (1, "ECONNREFUSED\n"), done.stderr
    assert "refused router.huggingface.co" in done.stderr


@pytest.mark.parametrize("permissions", ["", "--allow-env", "--allow-env --allow-write"])
def test_deno_program_is_not_asked_for_leave_on_our_account(
    permissions: str, tmp_path: Path
) -> None:
    done = run_program(f"{DENO} {permissions}", tmp_path, "console.log('ran')")

    assert (done.returncode, done.stdout) == (0, "ran\n"), done.stderr

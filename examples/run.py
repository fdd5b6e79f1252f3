"""Run the examples: each passes its tests as it is, and fails those that it names as it was found.

    python examples/run.py WHEEL [EXAMPLE...]

An example without a bug only passes. Beside them `new-project` runs what `nertwin init` writes
into an empty folder. Each has a virtual environment of its own, made by uv, with the wheel and
what its project file asks for.
"""

import os
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
NEW = "new-project"
TIMEOUT = 180  # Seconds, for one run of one example.
PYTEST = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml={report}")


@dataclass(frozen=True, kw_only=True)
class Example:
    """A small project: how its tests run, and which of them its bug fails."""

    folder: Path
    dependencies: tuple[str, ...]
    caught_by: frozenset[str]
    command: tuple[str, ...]
    buggy: tuple[str, ...]  #: Added to the command for the code as it was found; or nothing.

    @property
    def name(self) -> str:
        """That of its folder."""
        return self.folder.name


def main(wheel: Path, names: list[str]) -> int:
    """Run the examples of these names, or all; 0 when each does what it says."""
    known = {file.parent.name: file.parent for file in sorted(HERE.glob("*/pyproject.toml"))}
    every = [NEW, *known]
    unknown = set(names) - set(every)
    if unknown:
        print(f"no example {', '.join(sorted(unknown))}; there are {', '.join(every)}")
        return 2
    problems = 0
    for name in names or every:
        print(name, flush=True)
        with tempfile.TemporaryDirectory() as scratch:
            if name == NEW:
                found = try_new_project(wheel, Path(scratch))
            else:
                found = try_example(read_example(known[name]), wheel, Path(scratch))
        problems += sum(map(tell, found))
    return 1 if problems else 0


def tell(problem: str) -> int:
    """Print it, and count it."""
    print(f"  {problem}", flush=True)
    return 1


def read_example(folder: Path) -> Example:
    """The example in a folder."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    table = project["tool"]["example"]
    return Example(
        folder=folder,
        dependencies=tuple(project.get("project", {}).get("dependencies", ())),
        caught_by=frozenset(table["caught_by"]),
        command=tuple(table.get("command", PYTEST)),
        buggy=tuple(table.get("buggy", ("-o", "pythonpath=buggy"))) if "bug" in table else (),
    )


def try_new_project(wheel: Path, scratch: Path) -> list[str]:
    """What is wrong with a project that has nothing but what `nertwin init` writes."""
    bin_ = make_environment(scratch / "venv", [str(wheel)])
    project = scratch / "project"
    project.mkdir()
    subprocess.run([bin_ / "nertwin", "init"], cwd=project, check=True, timeout=TIMEOUT)
    results = run_tests(PYTEST, project, bin_, scratch)
    print(f"  {len(results)} tests", flush=True)
    return [f"{name} fails" for name in sorted(failing(results))] if results else ["no test ran"]


def try_example(example: Example, wheel: Path, scratch: Path) -> list[str]:
    """What is not as the example says; nothing when all is."""
    bin_ = make_environment(scratch / "venv", [str(wheel), *example.dependencies])
    fixed = run_tests(example.command, example.folder, bin_, scratch)
    problems = [f"{name} fails, and the code is right" for name in sorted(failing(fixed))]
    if not fixed:
        problems.append("no test ran")
    print(f"  {len(fixed)} tests", flush=True)
    if not example.buggy:
        return problems
    command = with_options(example.command, example.buggy)
    found = run_tests(command, example.folder, bin_, scratch, is_to_pass=False)
    if set(fixed) != set(found):
        problems.append("the code as it was found has other tests, or breaks before they run")
    for name in sorted(example.caught_by - failing(found)):
        problems.append(f"{name} passes, and was to catch the bug")
    for name in sorted(failing(found) - example.caught_by):
        problems.append(f"{name} fails the code as it was found, and caught_by does not name it")
    print(f"  {len(failing(found))} of them fail the code as it was found", flush=True)
    return problems


def with_options(command: tuple[str, ...], options: tuple[str, ...]) -> tuple[str, ...]:
    """The command with the options after its program; Node wants its own there."""
    at = 3 if command[0] == "python" else 1  # Behind `python -m pytest`.
    return (*command[:at], *options, *command[at:])


def failing(results: dict[str, bool]) -> frozenset[str]:
    """The names of the tests that do not pass."""
    return frozenset(name for name, has_passed in results.items() if not has_passed)


def make_environment(folder: Path, packages: list[str]) -> Path:
    """The folder with the programs of a new virtual environment."""
    quiet = {"check": True, "timeout": 600}
    subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(folder)], **quiet)
    install = ["uv", "pip", "install", "--quiet", "--python", str(folder), *packages]
    subprocess.run(install, **quiet)
    return folder / "bin"


def run_tests(
    command: tuple[str, ...], folder: Path, bin_: Path, scratch: Path, *, is_to_pass: bool = True
) -> dict[str, bool]:
    """Whether each test passes, by its name."""
    report = scratch / "report.xml"
    report.unlink(missing_ok=True)
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(
        [part.format(report=report) for part in command],
        cwd=folder,
        env={
            **inherited,
            "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HF_HOME": str(scratch / "hub"),
            "HF_HUB_DISABLE_TELEMETRY": "1",
        },
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    text = report.read_text(encoding="utf-8") if report.exists() else run.stdout
    try:
        cases = list(ElementTree.fromstring(text).iter("testcase"))
    except ElementTree.ParseError:
        cases = []
    if not cases or (is_to_pass and run.returncode):
        print(run.stdout + run.stderr, flush=True)
    return {case.attrib["name"]: not has_failed(case) for case in cases}


def has_failed(case: ElementTree.Element) -> bool:
    """Whether a test of a report is anything but passed."""
    return any(child.tag in ("failure", "error", "skipped") for child in case)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:]))

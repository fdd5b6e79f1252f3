"""The benchmarks' own parts. ``nox -s bench`` runs it, which can import the folder benchmarks."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks import chart, stubs
from benchmarks.__main__ import main
from benchmarks.processes import DidNotStart, free_port, python, started, started_at
from benchmarks.samples import Samples
from benchmarks.usage import cpu_seconds, resident_mib

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
# A server that begins another process, which computes and holds; neither serves anything.
PARENT = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
child = subprocess.Popen([sys.executable, "-c", '''
import time
held = bytearray(50 * 2**20)
while time.process_time() < 0.3:
    pass
print("http://127.0.0.1:1", flush=True)
time.sleep(60)
'''])
try:
    child.wait()
finally:
    child.kill()
"""


def figures(**ratios: float) -> dict[str, Any]:
    """What the part throughput tells of contestants with these ratios."""
    contestants = {
        name.replace("_", " "): {"ratio": {"median": ratio, "min": ratio, "max": ratio}}
        for name, ratio in ratios.items()
    }
    return {"contestants": contestants, "versions": {"WireMock": "3.13.2"}}


def labels(drawn: str) -> list[str]:
    """The names of the bars, from above."""
    return re.findall(r'text-anchor="end">([^<]*)<', drawn)


def test_chart_in_the_repository_is_that_of_the_figures_beside_it() -> None:
    document = json.loads((BENCHMARKS / "figures.json").read_text(encoding="utf-8"))

    drawn = chart.draw(document["parts"]["throughput"])

    assert drawn == (BENCHMARKS / "chart.svg").read_text(encoding="utf-8")


def test_fastest_stands_above() -> None:
    drawn = chart.draw(figures(WireMock=0.4, cached_answer=0.9))

    assert labels(drawn) == ["bare function on uvicorn", "nertwin, from its cache", "WireMock"]


def test_what_reads_no_request_is_not_drawn() -> None:
    drawn = chart.draw(figures(nginx=3.5, WireMock=0.4))

    assert "nginx" not in drawn


def test_figures_of_earlier_are_drawn_without_measuring(tmp_path: Path) -> None:
    earlier, drawn = tmp_path / "figures.json", tmp_path / "chart.svg"
    earlier.write_text(json.dumps({"parts": {"throughput": figures(WireMock=0.4)}}))

    ended = CliRunner().invoke(main, ["--from", str(earlier), "--chart", str(drawn)])

    assert ended.exit_code == 0, ended.output
    assert labels(drawn.read_text()) == ["bare function on uvicorn", "WireMock"]


def test_chart_without_throughput_is_refused(tmp_path: Path) -> None:
    earlier = tmp_path / "figures.json"
    earlier.write_text(json.dumps({"parts": {}}))

    ended = CliRunner().invoke(main, ["--from", str(earlier), "--chart", str(tmp_path / "c.svg")])

    assert ended.exit_code == 1
    assert "nothing to draw without the part throughput" in ended.output


def test_ratio_is_the_median_of_the_rounds_and_not_of_the_figures() -> None:
    assert Samples((10.0, 1.0, 30.0)).ratio(Samples((20.0, 1.0, 60.0))) == 0.5


def test_what_is_not_installed_is_told_with_what_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(stubs, "_MODULES", tmp_path)

    missed = stubs.skipped(is_short=False)

    assert missed["nginx"] == "nginx is not installed; Debian has it as nginx"
    assert missed["WireMock"].endswith(
        "`npm ci --ignore-scripts` in benchmarks/peers/node brings it"
    )


def test_server_that_ends_is_told_with_what_it_wrote(tmp_path: Path) -> None:
    failing = python("-c", "import sys; sys.exit('no such option')")

    with pytest.raises(DidNotStart, match="no such option"):  # noqa: SIM117
        with started_at(failing, free_port(), tmp_path / "log"):
            pass


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell nothing of processes")
def test_processes_that_a_server_begins_count_as_its_own() -> None:
    with started(python("-c", PARENT)) as server:
        assert cpu_seconds(server.pid) >= 0.3
        assert resident_mib(server.pid) > 50

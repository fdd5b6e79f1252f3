"""Chart: the contestants as bars, drawn as SVG from the figures alone: the same bytes each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

#: How a contestant is named there; those that are not here are not drawn.
_NAMES: Mapping[str, str] = {
    "cached answer": "nertwin, from its cache",
    "computed answer, another text each time": "nertwin, new texts",
    "hub look-up": "nertwin, hub look-up",
    "pytest-httpserver": "pytest-httpserver",
    "WireMock": "WireMock",
    "WireMock, tuned": "WireMock, tuned",
    "MockServer, tuned": "MockServer, tuned",
    "Prism, silent": "Prism",
    "Mockoon": "Mockoon",
}
_BASE = "bare function on uvicorn"
_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _BAR = 760, 190, 70, 62, 28, 18
_STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .note { fill: #57606a; font-size: 12px }
  .ours { fill: #0a7d6c }
  .peer { fill: #8c959f }
  .base { fill: #c3c9d0 }
  .spread { stroke: #24292f; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .note { fill: #9198a1 } .ours { fill: #2fb8a0 } .peer { fill: #6e7681 }
    .base { fill: #444c56 } .spread { stroke: #e6edf3 }
  }
"""


def draw(figures: Mapping[str, Any]) -> str:
    """The SVG of the part throughput, the fastest first.

    Raises:
        KeyError: There are no figures of contestants.
    """
    shares: dict[str, Mapping[str, float]] = {
        label: figures["contestants"][name]["ratio"]
        for name, label in _NAMES.items()
        if name in figures["contestants"]
    }
    shares[_BASE] = {"median": 1.0, "min": 1.0, "max": 1.0}
    rows = sorted(shares.items(), key=lambda row: -row[1]["median"])
    most = max(share["max"] for share in shares.values())
    scale = (_WIDTH - _LEFT - _RIGHT) / most
    height = _TOP + _ROW * len(rows) + 30
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="title">',
        '<title id="title">Answers a second beside other stubs</title>',
        f"<style>{_STYLE}</style>",
        '<text class="title" x="16" y="24">Answers a second on one core, as a share of those '
        "of a bare function</text>",
        '<text class="note" x="16" y="44">64 connections; the median of rounds taken in turns, '
        "with the least and the largest</text>",
    ]
    for place, (label, share) in enumerate(rows):
        lines += _row(label, share, _TOP + place * _ROW, scale)
    versions = figures["versions"]
    told = {"WireMock": "WireMock", "MockServer, tuned": "MockServer", "Prism, silent": "Prism"}
    told |= {"Mockoon": "Mockoon", "pytest-httpserver": "pytest-httpserver", "bare": "uvicorn"}
    known = ", ".join(f"{told[name]} {versions[name]}" for name in told if name in versions)
    lines.append(f'<text class="note" x="16" y="{height - 10}">{escape(known)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _row(label: str, share: Mapping[str, float], top: int, scale: float) -> list[str]:
    middle = top + _BAR / 2
    kind = "ours" if label.startswith("nertwin") else "base" if label == _BASE else "peer"
    least, largest = (_LEFT + share[key] * scale for key in ("min", "max"))
    drawn = [
        f'<text x="{_LEFT - 10}" y="{middle + 4.5:.1f}" text-anchor="end">{escape(label)}</text>',
        f'<rect class="{kind}" x="{_LEFT}" y="{top}" width="{share["median"] * scale:.1f}" '
        f'height="{_BAR}" rx="2"/>',
        f'<text x="{largest + 8:.1f}" y="{middle + 4.5:.1f}">{share["median"]:.2f}</text>',
    ]
    if largest - least >= 1:
        drawn.append(
            f'<line class="spread" x1="{least:.1f}" x2="{largest:.1f}" '
            f'y1="{middle}" y2="{middle}"/>'
        )
    return drawn

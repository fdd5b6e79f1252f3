"""Write what is kept of the built-in rule packs beside them, from their TOML and text files.

Run it after a change of either, with nertwin installed editable:

    python tools/prepare_packs.py
"""

from __future__ import annotations

from pathlib import Path

from nertwin.mockserver.preparedpack import prepare

PACKS = Path(__file__).parents[1] / "mockserver" / "packs"

if __name__ == "__main__":
    for source in sorted(PACKS.glob("*.toml")):
        source.with_suffix(".json").write_bytes(prepare(source))

"""Environment: the variables by which programs of any language are redirected."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from .authority import CA_VARIABLES
from .direct import HERE
from .redirecting.programs import VARIABLE, Orders

#: Variables and what they should be; None takes one away.
Changes: TypeAlias = Mapping[str, str | None]

PRELOAD = Path(__file__).parent / "preload"
NODE_PRELOAD = PRELOAD / "redirect.cjs"
# With them the hub's client would call nobody, or someone else.
_IN_THE_WAY = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_ENDPOINT", "HF_INFERENCE_ENDPOINT")
# Turn off what no application wants, and a guard of any host would refuse.
_ON_THEIR_OWN_ACCOUNT = ("HF_HUB_DISABLE_TELEMETRY", "DENO_NO_UPDATE_CHECK")


def redirecting(
    environ: Mapping[str, str], orders: Orders, *, proxy: str, bundle: Path | None
) -> Changes:
    """What to change of an environment so that a program's calls reach the stand-in.

    ``bundle`` is the file of trusted authorities, where there is one that the proxy uses.
    """
    changes: dict[str, str | None] = {
        VARIABLE: orders.to_json(),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PRELOAD), environ.get("PYTHONPATH")])),
        # All versions of Node know --require, and modules of either kind start with it.
        "NODE_OPTIONS": " ".join(filter(None, [environ.get("NODE_OPTIONS"), _node_option()])),
        # BUN_OPTIONS would do so too, but some releases show it to programs as an argument.
        "BUN_INSPECT_PRELOAD": environ.get("BUN_INSPECT_PRELOAD") or str(NODE_PRELOAD),
        **dict.fromkeys(_ON_THEIR_OWN_ACCOUNT, "1"),
        **dict.fromkeys(_IN_THE_WAY),
    }
    # Some programs read one spelling alone: curl only http_proxy, so that no header can set it.
    proxies = {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "NO_PROXY": _no_proxy(environ)}
    for name, value in proxies.items():
        changes |= {name: value, name.lower(): value}
    if bundle is not None:
        changes |= dict.fromkeys(CA_VARIABLES, str(bundle))
    return changes


def changed(environ: Mapping[str, str], changes: Changes) -> dict[str, str]:
    """The environment with the changes."""
    kept = {name: value for name, value in environ.items() if name not in changes}
    return kept | {name: value for name, value in changes.items() if value is not None}


def _node_option() -> str:
    path = str(NODE_PRELOAD).replace("\\", "\\\\").replace('"', '\\"')
    return f'--require "{path}"'


def _no_proxy(environ: Mapping[str, str]) -> str:
    """Hosts that are asked directly: this machine, and those there were but the API's."""
    from .redirecting.hosts import is_owned

    given = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    words = [word.strip() for word in given.split(",")]
    kept = [word for word in words if word and word != "*" and not is_owned(word.lstrip(".*"))]
    return ",".join(dict.fromkeys([*kept, *HERE]))

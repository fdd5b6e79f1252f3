"""The stand-in: a server that answers as the token-classification API does.

What is public stands here and is loaded when it is first asked for, because most programs need
little of it, and each start of pytest or of the command line would pay for all.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .aggregation import Token, aggregate, aggregate_windows
    from .app import StandIn, create_app
    from .authoring import Rule
    from .configuration import load_settings
    from .control.asyncclient import AsyncControl
    from .control.client import Control
    from .control.wire import ControlError
    from .entities import Entity
    from .errors import BrokenConnection, NertwinError
    from .expected import Expected
    from .faults import Fault
    from .life import Life
    from .models import ModelCard
    from .process import serve
    from .quota import QuotaPlan
    from .rules import RulePack, load_pack
    from .running import RunningServer, running_server
    from .settings import Settings
    from .verification import Verdict, Wanted

__all__ = [
    "AsyncControl",
    "BrokenConnection",
    "Control",
    "ControlError",
    "Entity",
    "Expected",
    "Fault",
    "Life",
    "ModelCard",
    "NertwinError",
    "QuotaPlan",
    "Rule",
    "RulePack",
    "RunningServer",
    "Settings",
    "StandIn",
    "Token",
    "Verdict",
    "Wanted",
    "aggregate",
    "aggregate_windows",
    "create_app",
    "load_pack",
    "load_settings",
    "running_server",
    "serve",
]

_HOMES = {
    "AsyncControl": "control.asyncclient",
    "BrokenConnection": "errors",
    "Control": "control.client",
    "ControlError": "control.wire",
    "Entity": "entities",
    "Expected": "expected",
    "Fault": "faults",
    "Life": "life",
    "ModelCard": "models",
    "NertwinError": "errors",
    "QuotaPlan": "quota",
    "Rule": "authoring",
    "RulePack": "rules",
    "RunningServer": "running",
    "Settings": "settings",
    "StandIn": "app",
    "Token": "aggregation",
    "Verdict": "verification",
    "Wanted": "verification",
    "aggregate": "aggregation",
    "aggregate_windows": "aggregation",
    "create_app": "app",
    "load_pack": "rules",
    "load_settings": "configuration",
    "running_server": "running",
    "serve": "process",
}


if not TYPE_CHECKING:  # Else type checkers would take any name for one of these.

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

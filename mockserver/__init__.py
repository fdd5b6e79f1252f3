"""The stand-in: a server that answers as the token-classification API does."""

from .aggregation import Token, aggregate, aggregate_windows
from .app import StandIn, create_app
from .authoring import Rule
from .control.asyncclient import AsyncControl
from .control.client import Control
from .control.wire import ControlError
from .entities import Entity
from .errors import BrokenConnection, NertwinError
from .expected import Expected
from .faults import Fault
from .life import Life
from .models import ModelCard
from .quota import QuotaPlan
from .rules import RulePack, load_pack
from .running import RunningServer, running_server, serve
from .settings import Settings, load_settings
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

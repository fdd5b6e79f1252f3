"""Settings: one frozen value that says all about a server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from .authoring import Rule
from .clock import check_seconds, parse_clock
from .errors import NertwinError, did_you_mean, quote
from .faults import Fault
from .models import ModelCard, ModelRegistry, built_in_cards
from .profiles import find_profile
from .quota import QuotaPlan
from .tables import check_value, hints_of

StreamMode: TypeAlias = Literal["ignore", "reject", "sse"]
ErrorForm: TypeAlias = Literal["recorded", "string"]
#: Any bearer token, the given one, or any but without the right to call models.
AuthMode: TypeAlias = Literal["open", "required", "token", "read-only"]
LogFormat: TypeAlias = Literal["text", "json"]


#: What may differ among the sessions of a server.
SESSION_KEYS = (
    "profile",
    "default_model",
    "stream",
    "error_form",
    "hints",
    "clock",
    "wait_limit",
    "cache",
    "cache_ttl",
    "auth",
    "token",
    "quota",
    "violate",
)

_CONTROL_TOKEN = re.compile(r"[!-~]{8,200}\Z")


class BadSettings(NertwinError):
    """A setting, wherever it comes from, is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything about a server that does not change while it runs."""

    host: str = "127.0.0.1"  #: Address to listen on; this machine alone reaches the default.
    port: int = 8080  #: 0 takes a free one.
    profile: str = "classic"  #: Dialect of the API: classic, router or dedicated.
    default_model: str = "dslim/bert-base-NER"  #: Answers ``POST /``.
    any_model: bool = False  #: Serve any well-formed id with the conll rules.
    built_in_models: bool = True  #: Serve the models that nertwin brings.
    models: Mapping[str, ModelCard] = field(default_factory=dict)  #: More models, by id.
    rules: tuple[Rule, ...] = ()  #: What authors want found, beside the models' own rules.
    max_body_bytes: int = 1024 * 1024  #: A longer request is refused with 413.
    stream: StreamMode = "ignore"  #: What becomes of a body's ``"stream": true``.
    error_form: ErrorForm = "recorded"  #: ``string`` joins the lists of validation errors.
    hints: bool = True  #: Send ``x-nertwin-hint`` with refusals.
    clock: str = "real"  #: What a session's time goes by: real, frozen or scaled:FACTOR.
    wait_limit: float = 120.0  #: Seconds that a request waits for a model at most.
    cache: bool = True  #: Keep computed answers, as the classic API does.
    cache_ttl: float | None = None  #: Seconds until a kept answer is too old; None is never.
    faults: tuple[Fault, ...] = ()  #: What hurts calls, from a session's first on.
    fault_profile: str = ""  #: A named set of faults, beside those.
    script: tuple[str, ...] = ()  #: How a session's first calls are answered, one by one.
    violate: tuple[str, ...] = ()  #: Clauses of the contract that every reply breaks.
    auth: AuthMode = "open"  #: Which tokens are let in; ``open`` asks for none.
    token: str = field(default="", repr=False)  #: The one that ``auth = "token"`` lets in.
    quota: QuotaPlan | None = None  #: How many calls may be made; None is no limit.
    control: bool = True  #: Have the control API under ``/_nertwin/``.
    #: What it asks for; empty asks for none on a loopback address, else for a random one.
    control_token: str = field(default="", repr=False)
    #: In each worker; with one more the session that was idle longest is forgotten.
    max_sessions: int = 10_000
    session_ttl: float = 24 * 3600.0  #: Seconds until a session that is idle is forgotten.
    #: What the sessions of a worker may hold together; when it is more, the idlest are forgotten.
    max_session_bytes: int = 128 * 1024 * 1024
    #: Processes that share the port. On Linux each session is in one of them, which answers all
    #: its requests; elsewhere each has sessions of its own.
    workers: int = 1
    #: Where sessions live: in the ``memory`` of processes, or in the Redis of a URL, as
    #: ``redis://127.0.0.1:6379/0``, for all servers that name it.
    state: str = field(default="memory", repr=False)
    reload: bool = False  #: Start again when the configuration or a rule pack changes.
    log_format: LogFormat = "text"  #: Form of the log on standard error.
    #: The file that the settings were read from, if any.
    source: Path | None = field(default=None, metadata={"key": False})

    def __post_init__(self) -> None:
        find_profile(self.profile)
        _check_faults(self.fault_profile, self.script)
        for clause_id in self.violate:
            _check_breakable(clause_id)
        for model_id, card in self.models.items():
            if not isinstance(card, ModelCard) or card.id != model_id:
                raise BadSettings(
                    f"models[{model_id!r}] is {quote(card)}; it must be a ModelCard of that id."
                    " load_settings() reads tables and ID=PACK."
                )
        if not self.host:
            raise BadSettings("host is empty; name an address, 127.0.0.1 for this machine alone")
        for name, least, most in (
            ("port", 0, 65535),
            ("workers", 1, 256),
            ("max_body_bytes", 1, 2**31),
            ("max_sessions", 1, 1_000_000),
            ("max_session_bytes", 1, 2**50),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise BadSettings(f"{name} is {value}; it must be from {least} to {most}")
        if (self.auth == "token") != bool(self.token):
            raise BadSettings(
                'auth = "token" lets one token in and needs it as `token`; give both or neither'
            )
        if self.control_token and not _CONTROL_TOKEN.match(self.control_token):
            raise BadSettings(
                "control_token can't be sent in a header, or is too easily guessed; write 8 to 200"
                " visible ASCII characters, or leave it empty for a random one"
            )
        if self.is_shared:
            _check_address(self.state)
        parse_clock(self.clock)
        check_seconds(self.wait_limit, "wait_limit")
        if not check_seconds(self.session_ttl, "session_ttl"):
            raise BadSettings(
                "session_ttl is 0; a session must live longer than that. Give seconds, as 86400."
            )
        if self.cache_ttl is not None:
            check_seconds(self.cache_ttl, "cache_ttl")
        self.registry().card(self.default_model)

    @property
    def is_shared(self) -> bool:
        """Whether other servers have the same sessions."""
        return self.state != "memory"

    def registry(self) -> ModelRegistry:
        """The models that a server with these settings serves."""
        built_in = built_in_cards() if self.built_in_models else ()
        return ModelRegistry((*built_in, *self.models.values()), any_model=self.any_model)


def change_settings(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """The settings with ``changes`` that a session may make.

    Raises:
        NertwinError: A key is none that a session may change, or a value is wrong.
    """
    hints = hints_of(Settings)
    values: dict[str, Any] = {}
    for key, value in changes.items():
        if key not in SESSION_KEYS:
            raise BadSettings(
                f"a session has no setting {quote(key)}.{did_you_mean(key, SESSION_KEYS)}"
                f" It may change {', '.join(SESSION_KEYS)}."
            )
        is_none = value is None and type(None) in get_args(hints[key])
        values[key] = None if is_none else check_value(value, hints[key], where=key)
    return replace(settings, **values)


def _check_faults(profile: str, script: tuple[str, ...]) -> None:
    """Look whether there is such a profile, and whether the steps are some."""
    if profile:
        from .faultprofiles import fault_profile  # Most servers begin without a fault.

        fault_profile(profile)
    if script:
        from .faultplan import FaultPlan

        FaultPlan().set_script(script)


def _check_address(state: str) -> None:
    from .sharing.address import parse_address  # Most servers share nothing.

    parse_address(state)


def _check_breakable(clause_id: str) -> None:
    from .breaches import find_breach  # Most servers break none.

    find_breach(clause_id)

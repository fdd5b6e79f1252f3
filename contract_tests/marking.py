"""Marking: what ``@pytest.mark.nertwin(...)`` says of the stand-in that a test gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from nertwin.mockserver import Fault, Life, ModelCard, Rule, Settings, load_settings
from nertwin.mockserver.configuration import find_config, read_config
from nertwin.mockserver.errors import NertwinError, did_you_mean, quote
from nertwin.mockserver.settings import SESSION_KEYS
from nertwin.mockserver.tables import keys_of
from nertwin.schemas import JSON

#: What every stand-in of a test run is, whatever the configuration says.
FORCED: Mapping[str, object] = {
    "host": "127.0.0.1",
    "port": 0,
    "workers": 1,
    "state": "memory",
    "reload": False,
    "control": True,
}
_PLANNED = ("rules", "faults", "fault_profile", "script")
_OWN = ("strict",)
_OF_CHECKS = ("profile", "level", "select")  # What nertwin_check takes of the same marker.
_SERVER_KEYS = tuple(
    key
    for key in keys_of(Settings)
    if key not in (*FORCED, *_PLANNED, *SESSION_KEYS, "control_token", "log_format")
)
_KEYS = (*SESSION_KEYS, *_SERVER_KEYS, *_PLANNED, *_OWN)
_MARK_KEYS = tuple(dict.fromkeys((*_OF_CHECKS, *_KEYS)))

#: The arguments of each marker on a test, the closest first.
Marks: TypeAlias = Iterable[tuple[tuple[object, ...], Mapping[str, object]]]


class BadMark(NertwinError):
    """A marker, or ``make_nertwin``, says what can't be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a test wants to be other than the configuration has it."""

    server: Mapping[str, object] = field(default_factory=dict)  #: Needs a server of its own.
    session: Mapping[str, JSON] = field(default_factory=dict, repr=False)  #: May hold a token.
    lives: Mapping[str, Life] = field(default_factory=dict)  #: By the model's id.
    rules: tuple[Rule, ...] = ()
    faults: tuple[Fault, ...] = ()
    fault_profile: str = ""
    script: tuple[str, ...] = ()
    strict: bool = True  #: Whether a request that no test wants fails the test.

    @property
    def token(self) -> str:
        """The only one that is let in, if there is one."""
        return str(self.session.get("token", ""))

    def settings(self, directory: Path) -> Settings:
        """All of it as the settings of one stand-in."""
        lives = {each: ModelCard(id=each, life=life) for each, life in self.lives.items()}
        loaded = base_settings(directory, {**self.server, **self.session})
        registry = loaded.registry()
        cards = {each: replace(registry.card(each), life=lives[each].life) for each in lives}
        return replace(
            loaded,
            models={**loaded.models, **cards},
            rules=loaded.rules + self.rules,
            faults=loaded.faults + self.faults,
            fault_profile=self.fault_profile or loaded.fault_profile,
            script=self.script or loaded.script,
        )


_PLAIN = Setup()  # What most tests want; they have no marker.


def read_marks(marks: Marks) -> Setup:
    """The setup of a test from its markers' arguments, the closest marker first.

    Raises:
        NertwinError: A key is unknown, or a value can't be.
    """
    given = _merged(marks)
    if not given:
        return _PLAIN
    return read_setup({key: value for key, value in given.items() if key in _KEYS})


def check_options(marks: Marks) -> dict[str, str]:
    """The options that the markers of a test give to ``nertwin_check``.

    Raises:
        BadMark: A key is unknown, or a value can't be.
    """
    options = {}
    for key, value in _merged(marks).items():
        if key not in _OF_CHECKS:
            continue
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, (list, tuple)) or not all(isinstance(each, str) for each in words):
            raise BadMark(f"{key} is {quote(value)}; it must be a word, as 'must', or a list")
        options[key] = " ".join(words)
    return options


def read_setup(given: Mapping[str, Any]) -> Setup:
    """The setup that has these values.

    Raises:
        NertwinError: A key is unknown, or a value can't be.
    """
    for key in given:
        _check_key(key)
    server = {key: given[key] for key in _SERVER_KEYS if key in given}
    lives: dict[str, Life] = {}
    models = server.get("models")
    if isinstance(models, Mapping):
        lives = {each: life for each, life in models.items() if isinstance(life, Life)}
        cards = {each: card for each, card in models.items() if each not in lives}
        server = {**server, "models": cards}
        if not cards:
            del server["models"]
    elif isinstance(models, str):
        raise BadMark(f"models is {quote(models)}; it must be a list, as ['org/name=conll']")
    if not isinstance(given.get("strict", True), bool):
        raise BadMark(f"strict is {quote(given['strict'])}; it must be True or False")
    return Setup(
        server=server,
        session={key: _plain(given[key]) for key in SESSION_KEYS if key in given},
        lives=lives,
        rules=tuple(_rule(each) for each in _several(given, "rules")),
        faults=tuple(fault for each in _several(given, "faults") for fault in _faults(each)),
        fault_profile=given.get("fault_profile", ""),
        script=tuple(map(str, _several(given, "script"))),
        strict=given.get("strict", True),
    )


def base_settings(directory: Path, given: Mapping[str, object]) -> Settings:
    """The settings of the project in ``directory`` and what is ``given`` over them.

    Time stands still where nobody wants it otherwise, so that no test waits for a model.
    """
    path = find_config(directory)
    table = read_config(path) if path else {}
    still = {} if "clock" in table else {"clock": "frozen"}
    return load_settings({**still, **given, **FORCED}, directory=directory)


def _merged(marks: Marks) -> dict[str, Any]:
    """What several markers say together; of two values of one key the closest wins."""
    merged: dict[str, Any] = {}
    for arguments, given in marks:
        if arguments:
            raise BadMark(
                f"the marker nertwin got {quote(arguments[0])} without a name; write"
                f" @pytest.mark.nertwin(KEY=VALUE), as profile='router'"
            )
        for key in given:
            _check_key(key, _MARK_KEYS)
        merged = {**given, **merged}
    return merged


def _check_key(key: str, known: tuple[str, ...] = _KEYS) -> None:
    if key not in known:
        raise BadMark(
            f"nertwin has no setting {quote(key)} for a test.{did_you_mean(key, known)} There are"
            f" {', '.join(known)}."
        )


def _several(given: Mapping[str, Any], key: str) -> Iterable[Any]:
    values = given.get(key, ())
    if not isinstance(values, (list, tuple)):
        raise BadMark(f"{key} is {quote(values)}; it must be a list")
    return values


def _rule(value: object) -> Rule:
    """A rule, or the markup of one."""
    if isinstance(value, str):
        return Rule(say=value)
    if isinstance(value, Rule):
        return value
    raise BadMark(f"a rule is {quote(value)}; write a Rule or '[Ada](PER) …'")


def _faults(value: object) -> tuple[Fault, ...]:
    """A fault, or faults as a header has them."""
    if isinstance(value, (str, int)):
        from nertwin.mockserver.faultheader import parse_faults  # Most tests want no faults.

        return parse_faults(str(value))
    if isinstance(value, Fault):
        return (value,)
    raise BadMark(f"a fault is {quote(value)}; write a Fault, or as '503; estimated_time=7.5'")


def _plain(value: Any) -> JSON:  # noqa: ANN401  # Whatever an author has written.
    """A value of the settings as JSON has it; the server checks it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {key: each for key, each in asdict(value).items() if each is not None}
    return [*value] if isinstance(value, tuple) else value

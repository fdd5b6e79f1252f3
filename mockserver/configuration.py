"""Configuration: the settings from the command line, the environment and a TOML file."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .errors import did_you_mean, quote
from .models import ModelCard, built_in_cards, read_card
from .settings import BadSettings, Settings
from .tables import BadTable, check_value, hints_of, keys_of, read_table

PREFIX = "NERTWIN_"
_INTEGER = re.compile(r"-?[0-9]{1,18}\Z")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?\Z")
# What Docker's links and Kubernetes set for a service that happens to be called nertwin.
_INJECTED = re.compile(r"NERTWIN_(SERVICE_.*|PORT_[0-9]+_(TCP|UDP).*)\Z|.*_SERVICE_(HOST|PORT.*)\Z")


def load_settings(
    given: Mapping[str, object] | None = None,
    *,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Settings:
    """The settings from what was ``given`` (the command line), the environment and a file.

    The first of these that names a setting decides it. The file is ``config``, else what
    ``NERTWIN_CONFIG`` names, else the nearest ``nertwin.toml`` or ``pyproject.toml`` with a
    ``[tool.nertwin]`` table in ``directory`` or above it.

    Raises:
        NertwinError: A file can't be read, a key is unknown, a value is of the wrong type.
    """
    environment = dict(os.environ if environ is None else environ)
    named = environment.get(PREFIX + "CONFIG")
    path = config or (Path(named) if named else find_config(directory or Path.cwd()))
    table = read_config(path) if path else {}
    where = str(path) if path else "settings"
    layers = (table, _from_environment(environment), given or {})
    merged = {key: value for layer in layers for key, value in layer.items()}
    merged["models"] = {
        **_models(table, path),
        **_given_models(layers[1].get("models")),
        **_given_models(layers[2].get("models")),
    }
    return replace(read_table(Settings, merged, where=where), source=path)


def find_config(directory: Path) -> Path | None:
    """The nearest file with settings in ``directory`` or one above it."""
    for folder in (directory, *directory.parents):
        if (folder / "nertwin.toml").is_file():
            return folder / "nertwin.toml"
        project = folder / "pyproject.toml"
        if project.is_file() and _may_configure(project):
            return project
    return None


def _may_configure(project: Path) -> bool:
    """Whether a ``pyproject.toml`` has settings, or could have if it could be read."""
    try:
        content = project.read_bytes()
    except OSError:
        return False
    if b"nertwin" not in content:  # To read it as TOML would take milliseconds of each start.
        return False
    try:
        return _tool_table(_read_toml(project)) is not None
    except BadSettings:
        # Above us may stand any project, also one that somebody is about to edit.
        return b"tool.nertwin" in content


def read_config(path: Path) -> dict[str, object]:
    """The table of settings in a ``nertwin.toml``, or in a ``pyproject.toml``.

    Raises:
        BadSettings: The file can't be read or is no TOML.
    """
    document = _read_toml(path)
    if path.name != "pyproject.toml":
        return document
    table = _tool_table(document)
    if table is None:
        raise BadSettings(f"{path} has no table [tool.nertwin]; add it or name another file")
    return table


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(f"{path} can't be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSettings(f"{path} can't be read as TOML: {error}") from error


def _tool_table(document: Mapping[str, Any]) -> dict[str, object] | None:
    tool = document.get("tool")
    table = tool.get("nertwin") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _from_environment(environ: Mapping[str, str]) -> dict[str, object]:
    """The settings among the environment's variables, as values of their types."""
    hints = hints_of(Settings)
    names = {PREFIX + name.upper(): name for name in keys_of(Settings)}
    values: dict[str, object] = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or variable == PREFIX + "CONFIG":
            continue
        if _INJECTED.match(variable) or text.startswith(("tcp://", "udp://")):
            continue
        if variable not in names:
            raise BadSettings(
                f"there is no setting for the environment variable {variable}."
                f"{did_you_mean(variable, names)} There are {', '.join(names)}."
            )
        name = names[variable]
        if name == "models":  # ID[=PACK],ID[=PACK]
            values[name] = [model for model in text.split(",") if model]
            continue
        values[name] = check_value(_parse(text, hints[name]), hints[name], where=variable)
    return values


def _parse(text: str, wanted: object) -> object:
    """The text as a value of the wanted type, or as it is when it can't be one."""
    if wanted is bool:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    if wanted is int and _INTEGER.match(text):
        return int(text)
    if wanted in (float, float | None) and _NUMBER.match(text):
        return float(text)
    return text


def _models(table: dict[str, object], path: Path | None) -> dict[str, ModelCard]:
    """The cards of the file's ``[models."org/name"]`` tables; their packs lie next to it."""
    tables = table.get("models", {})
    if not isinstance(tables, dict):
        raise BadSettings(f'{path}: models is {quote(tables)}; write [models."org/name"] tables')
    built_in = {card.id: card for card in built_in_cards()}
    cards: dict[str, ModelCard] = {}
    for model_id, fields_ in tables.items():
        if not isinstance(fields_, dict):
            raise BadTable(f'{path}: models."{model_id}" is {quote(fields_)}; it must be a table')
        card = read_card(model_id, fields_)
        if card.pack.endswith(".toml") and path is not None:
            card = replace(card, pack=str(path.parent / card.pack))
        cards[model_id] = _over(built_in.get(model_id), card, fields_)
    return cards


def _over(built_in: ModelCard | None, card: ModelCard, given: Mapping[str, object]) -> ModelCard:
    """The built-in card of that id with what is ``given`` in place of its own."""
    if built_in is None:
        return card
    return replace(built_in, **{key: getattr(card, key) for key in given})


def _given_models(models: object) -> dict[str, ModelCard]:
    """The cards of ``--model ID`` and ``--model ID=PACK``, or cards as they are."""
    if isinstance(models, Mapping):
        return dict(models)
    built_in = {card.id: card for card in built_in_cards()}
    cards: dict[str, ModelCard] = {}
    for text in models if isinstance(models, (list, tuple)) else ():
        model_id, equals, pack = str(text).partition("=")
        if equals and not pack:
            raise BadSettings(f"--model {text}: no pack after '='; write ID or ID=PACK")
        card = ModelCard(id=model_id, pack=pack or "conll")
        cards[model_id] = _over(built_in.get(model_id), card, {"pack": pack} if pack else {})
    return cards

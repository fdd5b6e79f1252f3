"""Doctor: what of this environment a redirect reaches, and what would leak."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import click

from .isolation import is_granted
from .recipes import NODE_PACKAGES, PACKAGES, PROGRAMS, Recipe, Standing, Version
from .upstream import NoWay, parse_upstream

_ANSWERS_WITHIN = 10.0  # Seconds that a program has to tell its version.
_NARROWEST = 30  # Columns of a text that is folded.
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_MARKS: Mapping[Standing, tuple[str, str]] = {
    "redirected": ("✓", "green"),
    "conditional": ("!", "yellow"),
    "leaks": ("✗", "red"),
}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_VERSION_OPTIONS = {"go": "version", "java": "-version"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What is there under a name, and what a redirect does for it."""

    part: str  #: Of the report: a language, programs, or the machine.
    name: str
    version: str = ""
    recipe: Recipe


def diagnose(folder: Path, environ: Mapping[str, str]) -> list[Diagnosis]:
    """All that can call the API from here, as far as nertwin knows of it."""
    return [*_python(), *_programs(), *_node(folder), *_machine(environ)]


def print_diagnosis(found: list[Diagnosis], *, as_json: bool) -> None:
    """Tell it, to people or to programs."""
    if as_json:
        told = [
            {"part": each.part, "name": each.name, "version": each.version, **asdict(each.recipe)}
            for each in found
        ]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    width = max(len(f"{each.name} {each.version}") for each in found)
    part = ""
    for each in found:
        if each.part != part:
            part = each.part
            click.secho(f"{part}", bold=True)
        mark, colour = _MARKS[each.recipe.standing]
        title = f"{each.name} {each.version}".ljust(width)
        _tell(f"  {click.style(mark, fg=colour)} {title}  ", each.recipe.how)
        for label, text in (("why", each.recipe.why), ("do", each.recipe.remedy)):
            if text:
                _tell(f"    {click.style(f'{label}:', dim=True)} ", text)
    leaking = [each.name for each in found if each.recipe.standing == "leaks"]
    if leaking:
        click.echo(f"Not redirected: {', '.join(leaking)}.")


def _tell(lead: str, text: str) -> None:
    """A text behind its lead, folded below itself where the terminal ends."""
    margin = len(click.unstyle(lead))
    columns = max(shutil.get_terminal_size().columns - margin, _NARROWEST)
    lines = textwrap.wrap(text, columns, break_long_words=False, break_on_hyphens=False)
    click.echo(lead + f"\n{' ' * margin}".join(lines))


def _python() -> Iterator[Diagnosis]:
    part = f"Python {platform.python_version()}, {sys.prefix}"
    yield Diagnosis(
        part=part,
        name="urllib",
        recipe=Recipe("redirected", "redirected in the process that imports it"),
    )
    for name, recipe in PACKAGES.items():
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        yield Diagnosis(part=part, name=name, version=version, recipe=recipe(_parse(version)))


def _programs() -> Iterator[Diagnosis]:
    for name, recipe in PROGRAMS.items():
        path = shutil.which(name)
        if path is not None:
            version = _version_of(path, _VERSION_OPTIONS.get(name, "--version"))
            known = recipe(_parse(version))
            yield Diagnosis(part="Programs", name=name, version=version, recipe=known)


def _node(folder: Path) -> Iterator[Diagnosis]:
    for name, recipe in NODE_PACKAGES.items():
        manifest = folder / "node_modules" / name / "package.json"
        try:
            version = str(json.loads(manifest.read_bytes())["version"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        part = f"Node packages of {folder}"
        yield Diagnosis(part=part, name=name, version=version, recipe=recipe(_parse(version)))


def _machine(environ: Mapping[str, str]) -> Iterator[Diagnosis]:
    part = "This machine"
    try:
        version = metadata.version("trustme")
        recipe = Recipe("redirected", "the proxy can be taken for the API's hosts")
    except metadata.PackageNotFoundError:
        version = ""
        recipe = Recipe(
            "conditional",
            "without it only Python and Node programs are redirected",
            "the proxy has no certificates, and refuses calls of the API",
            "pip install 'nertwin[redirect]'",
        )
    yield Diagnosis(part=part, name="trustme", version=version, recipe=recipe)
    yield Diagnosis(part=part, name="network", recipe=_network())
    for name, check in _VARIABLES.items():
        if environ.get(name):
            yield Diagnosis(part=part, name=name, recipe=check(environ[name]))


def _network() -> Recipe:
    """Whether ``nertwin run --isolate`` can be used."""
    leaks = (
        "without it no one sees a program that sets its environment aside: curl --noproxy, env -i,"
        " node without NODE_OPTIONS, sockets of python -I"
    )
    if is_granted():
        how = "nertwin run --isolate gives a program one without a way out"
        return Recipe("redirected", how, leaks)
    return Recipe(
        "conditional",
        "nertwin run --isolate can't be used here",
        f"this machine grants no network of one's own; {leaks}",
        "run the container itself without a network",
    )


def _in_the_way(_: str) -> Recipe:
    why = "with it huggingface_hub would call nobody, or someone else"
    return Recipe("redirected", "set aside while a redirect lasts", why)


def _proxy(value: str) -> Recipe:
    try:
        parse_upstream(value)
    except NoWay as no_way:
        how = "replaced while a redirect lasts"
        return Recipe("conditional", how, str(no_way), "name one of http, or none")
    return Recipe("redirected", "replaced while a redirect lasts, which asks it for other hosts")


def _token(_: str) -> Recipe:
    return Recipe(
        "redirected",
        "sent to the stand-in, which keeps no token",
        "huggingface_hub sends it with its look-ups as well",
    )


_VARIABLES: dict[str, Callable[[str], Recipe]] = {
    "HF_HUB_OFFLINE": _in_the_way,
    "TRANSFORMERS_OFFLINE": _in_the_way,
    "HF_ENDPOINT": _in_the_way,
    "HF_INFERENCE_ENDPOINT": _in_the_way,
    **dict.fromkeys(_PROXIES, _proxy),
    "HF_TOKEN": _token,
}


def _version_of(path: str, option: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  # A program of the user's own PATH.
            [path, option],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ANSWERS_WITHIN,
            check=False,
            env={**os.environ, "NODE_OPTIONS": ""},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = _NUMBER.search(done.stdout + done.stderr)
    return found[0] if found else ""


def _parse(version: str) -> Version:
    found = _NUMBER.match(version)
    return tuple(map(int, found[0].split("."))) if found else ()

"""Pack files: TOML in, checked rules out. What may stand in one is told in ``rules``."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .errors import NertwinError, did_you_mean, quote
from .sortedwords import SortedWords

_T = TypeVar("_T")


class BadPack(NertwinError, ValueError):
    """A rule pack that can't be used as it is written."""


@dataclass(frozen=True, slots=True)
class Table:
    """A TOML table with its place in the file; every key is asked for, none is left over."""

    place: str  #: As messages call it: ``acme.toml, [[gazetteer]] "products"``.
    values: Mapping[str, Any]
    folder: Path  #: Where files named by the table stand.

    def expect_keys(self, known: Collection[str]) -> None:
        """Raise BadPack for the first key that is not in ``known``."""
        for key in self.values:
            if key not in known:
                raise BadPack(
                    f"{self.place}: unknown key {quote(key)}.{did_you_mean(key, known)} "
                    f"It may have {', '.join(known)}."
                )

    def text(self, key: str, default: str | None = None) -> str:
        """The string under ``key``."""
        return self._value(key, str, "a string", default)

    def whole(self, key: str, default: int, *, least: int, most: int) -> int:
        """The whole number under ``key``."""
        number = self._value(key, int, "a whole number", default)
        if not least <= number <= most:
            raise BadPack(
                f"{self.place}: {key} is {number}, and {least} to {most} is what it may be."
            )
        return number

    def flag(self, key: str) -> bool:
        """The true or false under ``key``, false by default."""
        return self._value(key, bool, "true or false", default=False)

    def score(self) -> float | None:
        """The base confidence, None when the rule leaves it to the server."""
        if "score" not in self.values:
            return None
        number = self._value("score", float, "a number between 0 and 1", None)
        if not 0 < number < 1:
            raise BadPack(f"{self.place}: score is {number}, and it must lie between 0 and 1.")
        return number

    def texts(self, key: str, default: list[str] | None = None) -> list[str]:
        """The list of strings under ``key``."""
        values = self._value(key, list, "a list of strings", default)
        for value in values:
            if not isinstance(value, str):
                raise BadPack(f"{self.place}: {key} holds {quote(value)}; quote each item.")
        return values

    def choice(self, key: str, choices: Collection[str], default: str | None) -> str:
        """The string under ``key``, which must be one of ``choices``."""
        value = self.text(key, default)
        if value not in choices:
            raise BadPack(
                f"{self.place}: {key} is {quote(value)}.{did_you_mean(value, choices)} "
                f"There are {', '.join(choices)}."
            )
        return value

    def terms(self) -> list[str]:
        """What ``terms`` lists and the lines of ``file``, comments and empty lines left out."""
        if "terms" not in self.values and "file" not in self.values:
            raise BadPack(f"{self.place}: it lists nothing; give it terms = [...] or file = '...'.")
        terms = list(self.texts("terms", []))
        if "file" in self.values:
            text = self._read(self.text("file"))
            lines = text.splitlines()
            terms += [line for line in lines if line and line[0] != "#"] if "#" in text else lines
        return terms

    def sorted_words(self) -> SortedWords | None:
        """The words of ``file`` as they stand in it, None if it has comments or isn't all.

        Only for packs that are known to name files that are sorted.
        """
        if "terms" in self.values or "file" not in self.values:
            return None
        # A checkout may have ended lines in its own way.
        text = (self.folder / self.text("file")).read_bytes().replace(b"\r", b"").decode()
        return None if "#" in text else SortedWords(text)

    def tables(self, key: str) -> Iterator[Table]:
        """The tables of the array ``[[key]]``, each called by its id."""
        for number, values in enumerate(self._value(key, list, "an array of tables", []), 1):
            if not isinstance(values, dict):
                raise BadPack(f"{self.place}: write {key} as [[{key}]].")
            name = f'"{values["id"]}"' if "id" in values else f"number {number}"
            yield Table(f"{self.place}, [[{key}]] {name}", values, self.folder)

    def table(self, key: str) -> Table:
        """The table ``[key]``, empty when it is not there."""
        values = self._value(key, dict, "a table", {})
        return Table(f"{self.place}, [{key}]", values, self.folder)

    def _read(self, name: str) -> str:
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise BadPack(
                f"{self.place}: file {name!r} lies outside {self.folder}; "
                "keep data files next to the pack or below it."
            )
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadPack(
                f"{self.place}: file {name!r} can't be read ({error}); "
                "it must be a UTF-8 text file next to the pack, one term a line."
            ) from error

    def _value(self, key: str, kind: type[_T], wanted: str, default: _T | None) -> _T:
        if key not in self.values:
            if default is None:
                raise BadPack(f"{self.place}: {key} is missing; it must be {wanted}.")
            return default
        value = self.values[key]
        if kind is float and isinstance(value, int):
            value = float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise BadPack(f"{self.place}: {key} is {quote(value)}; it must be {wanted}.")
        return value


def read_table(path: Path) -> Table:
    """The TOML file as a table; raises BadPack when it is not TOML."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadPack(
            f"{path}: can't be read ({error.strerror}); name an existing file."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPack(f"{path}: not TOML: {error}.") from error
    return Table(path.name, values, path.parent)

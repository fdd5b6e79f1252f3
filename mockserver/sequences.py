"""Sequences: rules that speak of neighbouring words by the lists and shapes they belong to.

A sequence is written like a regular expression whose letters are words::

    title '.'? <(initial '.')* capital&!common+>

- A name stands for one word of that list or of that built-in shape; a quoted word for itself.
- ``&`` and ``!`` combine names: ``capital&!common`` is a capitalised word that is not common.
- ``?``, ``*`` and ``+`` repeat the item before them, at most ``MOST_REPEATS`` times;
  ``|`` separates choices and ``( )`` group.
- ``< >`` encloses the entity; without them the whole sequence is the entity.

Every word is given a two-byte code, so that a sequence becomes a regular expression over
bytes. RE2 runs it in time linear in the text, and no repeat is unbounded, so a failed
attempt never reads far ahead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from .candidates import Candidate, Claim

MOST_REPEATS = 12

_TOKEN = re.compile(r"\s*(?:(?P<word>'[^']*')|(?P<name>[a-z][a-z0-9-]*)|(?P<sign>[|()<>?*+&!]))")
_STRUCTURE = frozenset("|()<>?*+")
_REPEATS = {"?": b"?", "*": b"{0,%d}" % MOST_REPEATS, "+": b"{1,%d}" % MOST_REPEATS}


class BadSequence(ValueError):
    """A sequence that can't be read."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One word of a sequence: the lists it must be in and those it must not."""

    needs: frozenset[str]
    avoids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence as read: atoms, and the bytes that stand between them in the expression."""

    parts: tuple[Atom | bytes, ...]
    marked: bool  #: Whether ``< >`` enclose the entity.

    def atoms(self) -> Iterator[Atom]:
        """The atoms in reading order."""
        return (part for part in self.parts if isinstance(part, Atom))


def read_sequence(source: str, shorthands: Mapping[str, str] = MappingProxyType({})) -> Sequence:
    """The sequence that ``source`` spells; raises BadSequence with the reason."""
    parts: list[Atom | bytes] = []
    open_signs: list[str] = []
    marked = False
    for item in _combine(list(_expand(source, shorthands))):
        before = parts[-1] if parts else b"("
        if isinstance(item, Atom):
            parts.append(item)
        elif item in "(<":
            if item == "<":
                if marked:
                    raise BadSequence("it encloses two entities in < >; a sequence has one")
                marked = True
            open_signs.append(item)
            parts.append(b"(?:" if item == "(" else b"(")
        elif item in ")>":
            if not open_signs or open_signs.pop() + item not in {"()", "<>"}:
                raise BadSequence(f"a {item!r} closes nothing")
            _expect_item(before, item)
            parts.append(b")")
        elif item == "|":
            _expect_item(before, item)
            parts.append(b"|")
        else:
            if not isinstance(before, Atom) and before != b")":
                raise BadSequence(f"a {item!r} repeats nothing")
            parts.append(_REPEATS[item])
    if open_signs:
        raise BadSequence(f"a {open_signs[-1]!r} is never closed")
    _expect_item(parts[-1] if parts else b"(", "the end")
    return Sequence(tuple(parts), marked)


@dataclass(frozen=True, slots=True)
class SequenceRule:
    """A sequence made ready to search encoded words."""

    claim: Claim
    search: Callable[[bytes], Iterator[Any]]
    group: int

    def find(self, codes: bytes) -> Iterator[Candidate]:
        """The stretches that the sequence matches, left to right."""
        negative_priority, order, group = -self.claim.priority, self.claim.order, self.group
        for match in self.search(codes):
            first, last = match.span(group)
            if last > first:
                yield (negative_priority, (first - last) // 2, first // 2, order)


def compile_sequence(
    sequence: Sequence, claim: Claim, express: Callable[[Atom], bytes], *, late: bool = False
) -> SequenceRule:
    """The rule that finds ``sequence`` in encoded words; ``express`` gives what matches one.

    With ``late`` it is compiled when it is first searched for, which suits sequences that are
    known to compile: a text needs few of them.
    """

    def compile_search() -> Callable[[bytes], Iterator[Any]]:
        expression = b"".join(
            express(part) if isinstance(part, Atom) else part for part in sequence.parts
        )
        # One word can't take more than linear time, and re gives matches three times as fast.
        compile_ = re.compile if len(sequence.parts) == 1 else _compile
        finditer: Callable[[bytes], Iterator[Any]] = compile_(expression).finditer
        return finditer

    group = 1 if sequence.marked else 0
    if not late:
        return SequenceRule(claim, compile_search(), group)
    compiled = cache(compile_search)
    return SequenceRule(claim, lambda codes: compiled()(codes), group)


def _compile(expression: bytes) -> Any:  # noqa: ANN401  # re2 has no types.
    # Imported here, so that packs without patterns and sequences don't pay for it.
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        raise BadSequence("it is too large: repeat less inside repeats") from error


def _expect_item(before: Atom | bytes, token: str) -> None:
    if before in (b"(", b"(?:", b"|"):
        raise BadSequence(f"there is nothing before {token}")


def _expand(source: str, shorthands: Mapping[str, str]) -> Iterator[str]:
    before = ""
    for token in _tokens(source):
        if token not in shorthands:
            yield token
        elif before == "!":
            raise BadSequence(f"!{token} can't be: a shorthand can't be turned round")
        else:
            yield from _expand_shorthand(token, tuple(shorthands.items()))
        before = token


@lru_cache(maxsize=256)
def _expand_shorthand(name: str, shorthands: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    # A shorthand may speak of those that stand before it, so this ends.
    place = [each for each, _ in shorthands].index(name)
    inner = tuple(_expand(shorthands[place][1], dict(shorthands[:place])))
    one_word = not any(each in _STRUCTURE for each in inner)
    return inner if one_word else ("(", *inner, ")")


def _tokens(source: str) -> Iterator[str]:
    place, end = 0, len(source.rstrip())
    while place < end:
        token = _TOKEN.match(source, place)
        if token is None:
            raise BadSequence(
                f"{source[place : place + 20]!r} is no name, no 'quoted' word, no sign"
            )
        yield token.group().strip()
        place = token.end()


def _combine(tokens: list[str]) -> Iterator[Atom | str]:
    """The signs, with the names between ``&`` and ``!`` put together to atoms."""
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token in _STRUCTURE:
            yield token
            place += 1
            continue
        needs: set[str] = set()
        avoids: set[str] = set()
        while True:
            wanted = needs
            if place < len(tokens) and tokens[place] == "!":
                wanted = avoids
                place += 1
            if place >= len(tokens) or tokens[place] in {*_STRUCTURE, "&", "!"}:
                raise BadSequence("a list's name or a 'quoted' word must follow & and !")
            wanted.add(tokens[place])
            place += 1
            if place >= len(tokens) or tokens[place] != "&":
                break
            place += 1
        yield Atom(frozenset(needs), frozenset(avoids))

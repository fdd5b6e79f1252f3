"""Faults: what is wrong with the groups of an answer, given the tokens that none gave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from .recomputing import (
    Choice,
    Choose,
    Group,
    Token,
    Word,
    mean,
    name_group,
    strip_prefix,
    tolerance,
)

#: What is wrong with groups. *cut*: edges within a token or a word; *lost*: in no group;
#: *bond*: wrongly joined or parted; *opens*: a B- that opens none; *bare*: equal labels without
#: prefix apart; *label*: another token's than the one that counts; *name*: no token's at all;
#: *score*; *votes*: words weigh as much as they have tokens.
Kind: TypeAlias = Literal[
    "cut", "lost", "bond", "opens", "bare", "label", "name", "score", "votes"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the groups, and where in the text."""

    kind: Kind
    start: int
    end: int
    expected: str
    actual: str


def compare(
    readings: Sequence[Sequence[Word]], groups: Sequence[Group], choose: Choose
) -> list[Fault]:
    """What is wrong with groups under the reading that is kindest to them."""
    tried = [list(_faults(words, groups, choose)) for words in readings]
    return min(tried, key=len, default=[])


def _faults(words: Sequence[Word], groups: Sequence[Group], choose: Choose) -> Iterator[Fault]:
    owners = [{_owner(token, groups) for token in word} for word in words]
    chosen = [choose(word) for word in words]
    # Whoever hides O hides it whatever is ignored; that is another clause's.
    shows_outside = any(group.label == "O" for group in groups)
    for word, owner, choice in zip(words, owners, chosen, strict=True):
        if len(owner) > 1:
            yield _fault("cut", word, "one group for the whole word", "a cut inside the word")
        elif owner == {None} and choice and (shows_outside or name_group(choice.label) != "O"):
            yield _fault("lost", word, f"a group {name_group(choice.label)}", "no group")
    for place, group in enumerate(groups):
        inside = [token for word in words for token in word if _owner(token, groups) == place]
        edges = (inside[0].start, inside[-1].end) if inside else None
        if edges != (group.start, group.end):
            wanted = f"edges of tokens, {edges[0]} to {edges[1]}" if edges else "tokens in it"
            yield Fault("cut", group.start, group.end, wanted, f"{group.start} to {group.end}")
    yield from _bond_faults(words, owners, chosen)
    names = {name_group(token.label) for word in words for token in word}
    for place, group in enumerate(groups):
        mine = [
            (word, choice)
            for word, owner, choice in zip(words, owners, chosen, strict=True)
            if place in owner and len(owner) == 1
        ]
        is_cut = any(place in owner and len(owner) > 1 for owner in owners)
        if mine and not is_cut:
            yield from _content_faults(group, mine, names)


def _bond_faults(
    words: Sequence[Word], owners: Sequence[set[int | None]], chosen: Sequence[Choice | None]
) -> Iterator[Fault]:
    rows = list(zip(words, owners, chosen, strict=True))
    for (before, owner, left), (word, other, right) in pairwise(rows):
        if left is None or right is None or len(owner | other) > 2 or None in owner | other:
            continue
        if len(owner) > 1 or len(other) > 1:
            continue
        is_same, labels = owner == other, f"{left.label}, {right.label}"
        pair = (before[0], word[-1])
        if strip_prefix(left.label) != strip_prefix(right.label):
            if is_same:
                yield _fault("bond", pair, f"two groups for {labels}", "one group")
        elif right.label.startswith("B-"):
            if is_same:
                yield _fault("opens", pair, f"two groups for {labels}", "one group")
        elif not is_same:
            is_bare = left.label == right.label == strip_prefix(right.label)
            yield _fault("bare" if is_bare else "bond", pair, f"one group for {labels}", "two")


def _content_faults(
    group: Group, mine: Sequence[tuple[Word, Choice | None]], names: Set[str]
) -> Iterator[Fault]:
    chosen = [choice for _, choice in mine if choice]
    if len(chosen) < len(mine):
        return
    label = chosen[0].label
    if group.label != name_group(label):
        is_name = group.label not in names
        where = (mine[0][0][0], mine[-1][0][-1])
        yield _fault("name" if is_name else "label", where, name_group(label), group.label)
        if not is_name:
            return
    scores = [choice.score for choice in chosen]
    within = tolerance([token.score for word, _ in mine for token in word])
    expected = mean(scores)
    if abs(group.score - expected) <= within:
        return
    weighted = [score for (word, _), score in zip(mine, scores, strict=True) for _ in word]
    of_tokens = [token.score for word, _ in mine for token in word]
    by_tokens = any(abs(group.score - mean(each)) <= within for each in (weighted, of_tokens))
    kind: Kind = "votes" if by_tokens and len(mine) > 1 else "score"
    yield Fault(kind, group.start, group.end, f"score {expected:.8g}", f"{group.score:.8g}")


def _owner(token: Token, groups: Sequence[Group]) -> int | None:
    for place, group in enumerate(groups):
        if group.start <= token.start and token.end <= group.end:
            return place
    return None


def _fault(kind: Kind, tokens: Sequence[Token], expected: str, actual: str) -> Fault:
    return Fault(kind, tokens[0].start, tokens[-1].end, expected, actual)

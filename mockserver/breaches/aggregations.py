"""Breaches of the strategies: which tokens form a group and what its score is."""

from __future__ import annotations

from ..reply import Reply
from .deed import Deed, Entry
from .edits import (
    Breaches,
    answer_as_if,
    complain,
    edit_lists,
    has_offsets,
    label_of,
    model_of,
    score,
)
from .grouping import (
    edit_groups,
    group_of,
    has_pieces,
    is_subword,
    mean_score,
    tokens_of,
    tokens_within,
    words_of,
)

BREACHES = Breaches()
_LEGACY = ("grouped_entities", "ignore_subwords")


def _is_named(deed: Deed) -> bool:
    return deed.parameters.get("aggregation_strategy") is not None


@BREACHES.breaks("aggregation.default")
def change_default(deed: Deed) -> Reply:
    """The default is none where it should be simple, and simple where it should be none."""
    if "aggregation_strategy" in deed.parameters or "stride" in deed.parameters:
        return deed.reply
    other = "simple" if deed.profile.default_strategy == "none" else "none"
    return answer_as_if(deed, aggregation_strategy=other)


@BREACHES.breaks("aggregation.null-is-none")
def read_null_as_simple(deed: Deed) -> Reply:
    """A null strategy means simple."""
    if deed.parameters.get("aggregation_strategy", "") is not None:
        return deed.reply
    return answer_as_if(deed, aggregation_strategy="simple")


@BREACHES.breaks("aggregation.five-names")
def refuse_average(deed: Deed) -> Reply:
    """The strategy average is refused."""
    if deed.answer is None or not _is_named(deed) or deed.strategy != "average":
        return deed.reply
    return complain(deed, "'AVERAGE'")


@BREACHES.breaks("aggregation.any-letter-case")
def refuse_capitals(deed: Deed) -> Reply:
    """A strategy with capital letters is refused."""
    name = deed.parameters.get("aggregation_strategy")
    if deed.answer is None or not isinstance(name, str) or name == name.lower():
        return deed.reply
    return complain(deed, repr(name))


@BREACHES.breaks("aggregation.none-lists-tokens")
def lose_outside_token(deed: Deed) -> Reply:
    """With none, the last token labelled O is missing from a list that shows O."""

    def change(found: list[Entry], _: str) -> list[Entry]:
        outside = [n for n, entry in enumerate(found) if entry.get("entity") == "O"]
        return [*found[: outside[-1]], *found[outside[-1] + 1 :]] if outside else found

    return edit_lists(deed, change)


@BREACHES.breaks("aggregation.simple-joins-runs")
def cut_groups_of_simple(deed: Deed) -> Reply:
    """With simple, a group ends before the last piece of a word in it."""
    return _cut_words(deed) if deed.strategy == "simple" else deed.reply


@BREACHES.breaks("aggregation.words-stay-whole")
def cut_words(deed: Deed) -> Reply:
    """With average, a group ends before the last piece of a word in it."""
    return _cut_words(deed) if deed.strategy == "average" else deed.reply


def _cut_words(deed: Deed) -> Reply:
    def change(group: Entry, tokens: list[Entry], text: str) -> list[Entry]:
        places = [n for n, token in enumerate(tokens) if n and is_subword(deed, token, text)]
        if not places:
            return [group]
        parts = (tokens[: places[-1]], tokens[places[-1] :])
        return [group_of(deed, label_of(group), part) for part in parts]

    return edit_groups(deed, change)


@BREACHES.breaks("aggregation.b-opens-a-group")
def join_over_b(deed: Deed) -> Reply:
    """Two groups of one label with nothing but blanks between them are one."""
    if deed.strategy in (None, "none") or deed.parameters.get("stride") is not None:
        return deed.reply

    def change(found: list[Entry], text: str) -> list[Entry]:
        if not has_offsets(found):
            return found
        tokens = tokens_of(deed, text)
        joined = [found[0]]
        for group in found[1:]:
            last = joined[-1]
            is_next = not text[last["end"] : group["start"]].strip()
            if label_of(last) == label_of(group) and is_next:
                joined[-1] = _join(deed, last, group, tokens, text)
            else:
                joined.append(group)
        return joined

    return edit_lists(deed, change)


def _join(deed: Deed, last: Entry, group: Entry, tokens: list[Entry], text: str) -> Entry:
    """One group of two, each counting as often as the strategy has it vote."""
    votes = []
    for part in (last, group):
        within = tokens_within(part, tokens)
        voters = len(within) if deed.strategy == "simple" else len(words_of(deed, within, text))
        votes += [part] * voters
    word = model_of(deed).tokenizer.decode([last["word"], group["word"]])
    return score(deed, {**last, "word": word, "end": group["end"]}, mean_score(votes))


@BREACHES.breaks("aggregation.bare-labels-join")
def part_bare_labels(deed: Deed) -> Reply:
    """Groups of labels without prefix hold one word each."""

    def change(group: Entry, tokens: list[Entry], text: str) -> list[Entry]:
        label = label_of(group)
        words = words_of(deed, tokens, text)
        if label == "O" or label not in model_of(deed).labels.names or len(words) < 2:
            return [group]
        return [group_of(deed, label, word) for word in words]

    return edit_groups(deed, change)


@BREACHES.breaks("aggregation.simple-score")
def score_simple_by_first(deed: Deed) -> Reply:
    """With simple, a group that has a word of pieces has its first token's score."""

    def change(group: Entry, tokens: list[Entry], text: str) -> list[Entry]:
        if not has_pieces(deed, tokens, text):
            return [group]
        return [{**group, "score": tokens[0]["score"]}]

    return edit_groups(deed, change) if deed.strategy == "simple" else deed.reply


@BREACHES.breaks("aggregation.first-token-decides")
def read_first_as_max(deed: Deed) -> Reply:
    """First gives what max gives."""
    if deed.strategy != "first":
        return deed.reply
    return answer_as_if(deed, *_LEGACY, aggregation_strategy="max")


@BREACHES.breaks("aggregation.best-token-decides")
def read_max_as_first(deed: Deed) -> Reply:
    """Max gives what first gives."""
    return (
        answer_as_if(deed, aggregation_strategy="first") if deed.strategy == "max" else deed.reply
    )


@BREACHES.breaks("aggregation.average-is-bounded")
def exceed_average(deed: Deed) -> Reply:
    """With average, a group that has a word of pieces has the score 1."""

    def change(group: Entry, tokens: list[Entry], text: str) -> list[Entry]:
        return [score(deed, group, 1.0) if has_pieces(deed, tokens, text) else group]

    return edit_groups(deed, change) if deed.strategy == "average" else deed.reply


@BREACHES.breaks("aggregation.average-is-a-mean")
def read_average_as_max(deed: Deed) -> Reply:
    """Average gives what max gives."""
    if deed.strategy != "average":
        return deed.reply
    return answer_as_if(deed, aggregation_strategy="max")


@BREACHES.breaks("aggregation.words-vote-once")
def let_tokens_vote(deed: Deed) -> Reply:
    """With first and max, a word's score counts once for each of its tokens."""

    def change(group: Entry, tokens: list[Entry], text: str) -> list[Entry]:
        words = words_of(deed, tokens, text)
        if len(words) < 2 or len(words) == len(tokens):
            return [group]
        votes = [_vote(deed, word) for word in words for _ in word]
        return [score(deed, group, mean_score(votes))]

    return edit_groups(deed, change) if deed.strategy in ("first", "max") else deed.reply


def _vote(deed: Deed, word: list[Entry]) -> Entry:
    """The token whose score the strategy takes for the word's."""
    if deed.strategy == "first":
        return word[0]
    return max(word, key=lambda token: float(token["score"]))


@BREACHES.breaks("aggregation.whole-words-agree")
def halve_average(deed: Deed) -> Reply:
    """With average, a group of whole words has half its score."""

    def change(group: Entry, tokens: list[Entry], text: str) -> list[Entry]:
        if has_pieces(deed, tokens, text):
            return [group]
        return [score(deed, group, float(group["score"]) / 2)]

    return edit_groups(deed, change) if deed.strategy == "average" else deed.reply


@BREACHES.breaks("aggregation.word-is-joined")
def join_with_two_spaces(deed: Deed) -> Reply:
    """Two spaces stand between the words of a group's ``word``."""

    def change(group: Entry, _tokens: list[Entry], _text: str) -> list[Entry]:
        return [{**group, "word": group["word"].replace(" ", "  ")}]

    return edit_groups(deed, change)


@BREACHES.breaks("aggregation.older-pair")
def ignore_older_pair(deed: Deed) -> Reply:
    """``grouped_entities`` and ``ignore_subwords`` change nothing."""
    if all(deed.parameters.get(name) is None for name in _LEGACY):
        return deed.reply
    return answer_as_if(deed, *_LEGACY)

"""Grouping: the tokens that an answer's groups were made of, and groups made anew of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..float32 import mean, to_float32
from ..reply import Reply
from .deed import Deed, Entry
from .edits import ask, edit_lists, has_offsets, model_of, score

ChangeGroup = Callable[[Entry, list[Entry], str], list[Entry]]


def edit_groups(deed: Deed, change: ChangeGroup) -> Reply:
    """The reply with other entries in place of each group, which comes with tokens and text.

    A call with a stride is left alone: which window a token was read in, no answer tells.
    """
    if deed.parameters.get("stride") is not None:
        return deed.reply

    def change_list(found: list[Entry], text: str) -> list[Entry]:
        if not has_offsets(found) or "entity" in found[0]:
            return found
        tokens = tokens_of(deed, text)
        return [
            made for group in found for made in change(group, tokens_within(group, tokens), text)
        ]

    return edit_lists(deed, change_list)


def tokens_of(deed: Deed, text: str) -> list[Entry]:
    """All tokens of a text as the model labels them, those outside too."""
    return ask(deed, text, {"aggregation_strategy": None, "ignore_labels": []})


def tokens_within(group: Entry, tokens: Sequence[Entry]) -> list[Entry]:
    """The tokens that the group covers."""
    start, end = group["start"], group["end"]
    return [token for token in tokens if start <= token["start"] and token["end"] <= end]


def is_subword(deed: Deed, token: Entry, text: str) -> bool:
    """Whether the pipeline takes the token to continue the word before it."""
    start = int(token["start"])
    if model_of(deed).tokenizer.kind == "metaspace":
        return start > 0 and text[start - 1] != " "
    return len(token["word"]) != int(token["end"]) - start


def words_of(deed: Deed, tokens: Sequence[Entry], text: str) -> list[list[Entry]]:
    """The tokens word by word."""
    words: list[list[Entry]] = []
    for token in tokens:
        if words and is_subword(deed, token, text):
            words[-1].append(token)
        else:
            words.append([token])
    return words


def has_pieces(deed: Deed, tokens: Sequence[Entry], text: str) -> bool:
    """Whether one of the tokens' words is made of several."""
    return len(words_of(deed, tokens, text)) < len(tokens)


def group_of(deed: Deed, label: str, tokens: Sequence[Entry]) -> Entry:
    """One group of the tokens, with the mean of their scores."""
    group = {
        "entity_group": label,
        "score": 0.0,
        "word": model_of(deed).tokenizer.decode([token["word"] for token in tokens]),
        "start": tokens[0]["start"],
        "end": tokens[-1]["end"],
    }
    return score(deed, group, mean_score(tokens))


def mean_score(entries: Sequence[Entry]) -> float:
    """The mean of the entries' scores in single precision."""
    return mean([to_float32(entry["score"]) for entry in entries])

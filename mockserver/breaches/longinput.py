"""Breaches of what becomes of texts that are longer than the model's window."""

from __future__ import annotations

from ..reply import Reply
from ..tokenizer import Piece
from ..windows import SPECIAL_TOKENS
from ..words import cut_words
from .deed import Deed, Entry
from .edits import (
    Breaches,
    accept_parameters,
    answer_as_if,
    complain,
    edit_lists,
    model_of,
    scale_scores,
)

BREACHES = Breaches()


def _stride(deed: Deed) -> int | None:
    """The stride of a call that was answered; also true and false are numbers here."""
    value = deed.parameters.get("stride")
    return int(value) if isinstance(value, int) else None


def _room(deed: Deed) -> int:
    return model_of(deed).tokenizer.max_length - SPECIAL_TOKENS


def _pieces(deed: Deed, text: str) -> list[Piece]:
    return model_of(deed).tokenizer.encode(text, cut_words(text))


def _has_long_text(deed: Deed) -> bool:
    room = _room(deed)
    # A token takes a character at least.
    return any(len(text) > room and len(_pieces(deed, text)) > room for text in deed.texts)


@BREACHES.breaks("long-input.accepted")
def refuse_long_texts(deed: Deed) -> Reply:
    """Without a stride a text longer than the window is refused."""
    if deed.answer is None or _stride(deed) is not None or not _has_long_text(deed):
        return deed.reply
    return complain(deed, "inputs: the text is longer than the model's window")


@BREACHES.breaks("long-input.cut-without-stride")
def read_all_without_stride(deed: Deed) -> Reply:
    """Without a stride all of the text is read, window by window."""
    if deed.answer is None or _stride(deed) is not None or not _has_long_text(deed):
        return deed.reply
    if deed.strategy == "none":
        # By name, none and a stride exclude each other.
        return answer_as_if(deed, stride=0, aggregation_strategy=None)
    return answer_as_if(deed, stride=0)


@BREACHES.breaks("long-input.stride-reads-all")
def drop_stride(deed: Deed) -> Reply:
    """A stride has no effect on a long text, which is cut."""
    if deed.answer is None or _stride(deed) is None or not _has_long_text(deed):
        return deed.reply
    return answer_as_if(deed, "stride")


@BREACHES.breaks("long-input.stride-spares-short-texts")
def let_stride_lower_scores(deed: Deed) -> Reply:
    """A stride halves the scores of texts of one window."""
    if deed.answer is None or _stride(deed) is None or _has_long_text(deed):
        return deed.reply
    return scale_scores(deed)


def _windows(deed: Deed, text: str) -> list[tuple[int, int]]:
    """First and one-past-last code point of each window."""
    pieces, room = _pieces(deed, text), _room(deed)
    if not pieces:
        return []
    step = room - (_stride(deed) or 0)
    firsts = range(0, max(len(pieces) - room + step, 1), step)
    return [
        (pieces[first].start, pieces[min(first + room, len(pieces)) - 1].end) for first in firsts
    ]


@BREACHES.breaks("long-input.stride-offsets")
def count_from_window(deed: Deed) -> Reply:
    """With a stride, offsets count from the beginning of their window."""

    def change(found: list[Entry], text: str) -> list[Entry]:
        windows = _windows(deed, text)
        return [_move(entry, windows) for entry in found]

    return edit_lists(deed, change) if _is_strided(deed) else deed.reply


def _is_strided(deed: Deed) -> bool:
    return deed.answer is not None and _stride(deed) is not None and _has_long_text(deed)


def _move(entry: Entry, windows: list[tuple[int, int]]) -> Entry:
    first = max(start for start, _ in windows if start <= entry["start"])
    return {**entry, "start": entry["start"] - first, "end": entry["end"] - first}


@BREACHES.breaks("long-input.stride-once")
def report_overlaps_twice(deed: Deed) -> Reply:
    """With a stride, what two windows both read is reported twice."""

    def change(found: list[Entry], text: str) -> list[Entry]:
        windows = _windows(deed, text)
        return [entry for entry in found for _ in range(_readers(entry, windows))]

    return edit_lists(deed, change) if _is_strided(deed) else deed.reply


def _readers(entry: Entry, windows: list[tuple[int, int]]) -> int:
    """How many windows hold the whole entry; no window holds one that was cut."""
    held = [1 for start, end in windows if start <= entry["start"] and entry["end"] <= end]
    return max(1, len(held))


@BREACHES.breaks("long-input.index-is-local")
def count_tokens_of_text(deed: Deed) -> Reply:
    """With a stride, ``index`` counts the tokens of the whole text."""

    def change(found: list[Entry], text: str) -> list[Entry]:
        places = {piece.start: place for place, piece in enumerate(_pieces(deed, text), start=1)}
        return [{**entry, "index": places[entry["start"]]} for entry in found]

    if not _is_strided(deed) or deed.strategy != "none":
        return deed.reply
    return edit_lists(deed, change)


@BREACHES.breaks("long-input.stride-zero")
def refuse_zero(deed: Deed) -> Reply:
    """A stride of 0 is refused."""
    if deed.answer is None or deed.parameters.get("stride") is False or _stride(deed) != 0:
        return deed.reply
    return complain(deed, "`stride` must be greater than 0")


@BREACHES.breaks("long-input.stride-whole-numbers")
def ignore_odd_strides(deed: Deed) -> Reply:
    """A stride that is negative, a fraction or no number is left out."""
    value = deed.parameters.get("stride")
    is_number = isinstance(value, int) and value >= 0
    return deed.reply if value is None or is_number else accept_parameters(deed, "stride")


@BREACHES.breaks("long-input.stride-too-long")
def ignore_long_strides(deed: Deed) -> Reply:
    """A stride that is no less than the model's positions is left out."""
    stride = _stride(deed)
    if stride is None or stride < _room(deed) + SPECIAL_TOKENS:
        return deed.reply
    return accept_parameters(deed, "stride")


@BREACHES.breaks("long-input.stride-fills-window")
def ignore_filling_strides(deed: Deed) -> Reply:
    """A stride as long as a window, but less than the model's positions, is left out."""
    stride = _stride(deed)
    if stride is None or not 0 <= stride - _room(deed) < SPECIAL_TOKENS:
        return deed.reply
    return accept_parameters(deed, "stride")


@BREACHES.breaks("long-input.stride-with-none")
def take_stride_with_none(deed: Deed) -> Reply:
    """A stride goes together with the strategy none."""
    if _stride(deed) is None or deed.strategy != "none":
        return deed.reply
    return accept_parameters(deed, aggregation_strategy=None)


@BREACHES.breaks("long-input.stride-without-strategy")
def refuse_lone_stride(deed: Deed) -> Reply:
    """A stride without a strategy is refused."""
    is_lone = deed.parameters.get("aggregation_strategy") is None
    if deed.answer is None or _stride(deed) is None or not is_lone:
        return deed.reply
    return complain(deed, "`stride` was provided without `aggregation_strategy`")

"""Classifier: a model, a text and parameters in, entities out. Pure: same in, same out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from operator import itemgetter

from .aggregation import Strategy, Token, aggregate_tokens, resolve_overlaps
from .entities import Entity
from .errors import NertwinError
from .models import Model
from .payload import Parameters
from .scoring import guess_entities
from .stretches import Tagged
from .tokenizer import Encoding, Tokenizer
from .windows import SPECIAL_TOKENS, check_limits, check_stride, cut_windows
from .words import cut_words

#: Tokens in all windows of one text. The real service takes minutes for that and gives up.
MOST_WINDOW_TOKENS = 2_000_000


class InferenceError(NertwinError, ValueError):
    """The pipeline refuses what was asked; ``path`` names the field, the text is its own."""

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


def check_parameters(parameters: Parameters, strategy: Strategy, tokenizer: Tokenizer) -> None:
    """Refuse what the pipeline refuses for any text.

    Raises:
        InferenceError: With the pipeline's own words, in the pipeline's own order.
    """
    if strategy not in ("none", "simple") and not tokenizer.is_fast:
        raise InferenceError(
            "Slow tokenizers cannot handle subwords. Please set the `aggregation_strategy`"
            ' option to `"simple"` or use a fast tokenizer.',
            path="parameters.aggregation_strategy",
        )
    stride = parameters.stride
    if stride is None:
        return
    if stride < tokenizer.max_length:
        if parameters.forbids_stride:
            raise InferenceError(
                "`stride` was provided to process all the text but"
                ' `aggregation_strategy="AggregationStrategy.NONE"`, please select another one'
                " instead.",
                path="parameters.stride",
            )
        if not tokenizer.is_fast:
            raise InferenceError(
                "`stride` was provided to process all the text but you're using a slow"
                " tokenizer. Please use a fast tokenizer.",
                path="parameters.stride",
            )
    check = check_limits if parameters.risks_crash else check_stride
    try:
        check(stride, max_length=tokenizer.max_length)
    except ValueError as error:
        raise InferenceError(str(error), path="parameters.stride") from None


def classify(
    model: Model, text: str, parameters: Parameters, *, default_strategy: Strategy
) -> list[Entity]:
    """The entities that ``model`` finds in ``text``.

    Raises:
        InferenceError: The parameters don't fit the model or each other.
        BadStride: The parameters risk a crash, and the text is too long.
    """
    strategy = parameters.aggregation_strategy or default_strategy
    check_parameters(parameters, strategy, model.tokenizer)
    ignored = ("O",) if parameters.ignore_labels is None else parameters.ignore_labels
    tagged, windows = tag_text(model, text, parameters.stride)
    if not tagged.encoding.size:
        return []  # Before a label or a strategy is looked at that can be none.
    if "O" in ignored and "O" in model.labels.names:
        stretches = tagged.stretches(whole_words=strategy not in ("none", "simple"))
    else:
        stretches = [(0, tagged.encoding.size)]
    decode = model.tokenizer.decode
    entities: list[Entity] = []
    for window, end in windows:
        for first, last in _within(stretches, window, end):
            entities += aggregate_tokens(
                tagged.tokens(first, last, window=window),
                model.labels,
                strategy=strategy,
                ignore_labels=ignored,
                decode=decode,
            )
    return resolve_overlaps(entities) if len(windows) > 1 else entities


def tag_text(model: Model, text: str, stride: int | None) -> tuple[Tagged, list[tuple[int, int]]]:
    """What the model makes of the tokens of ``text``, and the windows that it sees them in.

    Raises:
        InferenceError: So many overlapping windows that the answer would take for ever.
    """
    encoding = encode_text(model, text, stride)
    windows = cut_windows(encoding.size, max_length=model.tokenizer.max_length, stride=stride)
    if len(windows) > 1 and sum(last - first for first, last in windows) > MOST_WINDOW_TOKENS:
        raise InferenceError(
            f"`stride` {stride} cuts the text into {len(windows)} windows of"
            f" {model.tokenizer.max_length} tokens; that is more than {MOST_WINDOW_TOKENS} tokens"
            " in all. Use a smaller stride or a shorter text.",
            path="parameters.stride",
        )
    return Tagged(model, encoding, guess_entities(model, encoding)), windows


def tag_windows(
    model: Model, text: str, stride: int | None, *, local_indexes: bool = True
) -> Iterator[list[Token]]:
    """The tokens of each window of ``text`` with their scores over all labels, one by one.

    Without ``local_indexes`` they count from the text's beginning.

    Raises:
        InferenceError: As for :func:`tag_text`.
    """
    tagged, windows = tag_text(model, text, stride)
    for first, last in windows:
        tokens: list[Token] = []
        if first < last:
            columns = tagged.tokens(first, last, window=first if local_indexes else 0)
            tokens = [Token(*each) for each in zip(*columns[:5], columns.rows, strict=True)]
        yield tokens


def _within(stretches: list[tuple[int, int]], window: int, end: int) -> list[tuple[int, int]]:
    """What of the stretches lies in the window from one token to before another."""
    if not stretches or (window <= stretches[0][0] and stretches[-1][1] <= end):
        return stretches
    low = bisect_right(stretches, window, key=itemgetter(1))
    high = bisect_left(stretches, end, key=itemgetter(0))
    return [(max(first, window), min(last, end)) for first, last in stretches[low:high]]


def encode_text(model: Model, text: str, stride: int | None) -> Encoding:
    """The tokens of ``text``, without a stride only as many as the one window holds."""
    tokenizer = model.tokenizer
    if stride is None:
        room = tokenizer.max_length - SPECIAL_TOKENS
        words = cut_words(text, most=room)
        encoding = tokenizer.tokenize(text, words, most=room)
        if len(words) < room or encoding.size >= room:
            return encoding
    # Words that an uncased tokenizer deletes left room for more.
    return tokenizer.tokenize(text, cut_words(text))

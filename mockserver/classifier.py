"""Classifier: a model, a text and parameters in, entities out. Pure: same in, same out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count

from .aggregation import Strategy, Token, aggregate_windows
from .entities import Entity
from .errors import NertwinError
from .models import Model
from .payload import Parameters
from .scoring import score_pieces
from .tokenizer import Piece, Tokenizer
from .windows import SPECIAL_TOKENS, check_limits, check_stride, cut_windows
from .words import Words, cut_words

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
    ignored = parameters.ignore_labels
    return aggregate_windows(
        tag_windows(model, text, parameters.stride, local_indexes=strategy == "none"),
        model.labels,
        strategy=strategy,
        ignore_labels=("O",) if ignored is None else ignored,
        decode=model.tokenizer.decode,
    )


def tag_windows(
    model: Model, text: str, stride: int | None, *, local_indexes: bool = True
) -> Iterator[list[Token]]:
    """The tokens of each window of ``text`` with their scores over all labels, one by one.

    Without ``local_indexes`` the windows share their tokens, whose ``index`` then counts from
    the text's beginning; only strategy none shows it.

    Raises:
        InferenceError: So many overlapping windows that the answer would take for ever.
    """
    words, pieces = encode_text(model, text, stride)
    limits = cut_windows(len(pieces), max_length=model.tokenizer.max_length, stride=stride)
    if sum(last - first for first, last in limits) > MOST_WINDOW_TOKENS:
        raise InferenceError(
            f"`stride` {stride} cuts the text into {len(limits)} windows of"
            f" {model.tokenizer.max_length} tokens; that is more than {MOST_WINDOW_TOKENS} tokens"
            " in all. Use a smaller stride or a shorter text.",
            path="parameters.stride",
        )
    rows = score_pieces(model, text, words, pieces)
    tokens = _tokens(pieces, rows, is_fast=model.tokenizer.is_fast)
    for first, last in limits:
        window = tokens[first:last]
        if first and local_indexes:
            window = [token._replace(index=token.index - first) for token in window]
        yield window


def _tokens(pieces: list[Piece], rows: Iterable[Sequence[float]], *, is_fast: bool) -> list[Token]:
    if not pieces:
        return []
    texts, starts, ends, _, subwords = zip(*pieces, strict=True)
    if not is_fast:
        starts = ends = (None,) * len(pieces)
        subwords = (False,) * len(pieces)
    # [CLS] has index 0. Made as tuples are, because a long text has a hundred thousand.
    fields = zip(texts, starts, ends, count(1), subwords, rows)
    return list(map(_new_token, fields))


_new_token: Callable[[tuple[object, ...]], Token] = partial(tuple.__new__, Token)


def encode_text(model: Model, text: str, stride: int | None) -> tuple[Words, list[Piece]]:
    """Words and tokens, without a stride only as many as the one window holds."""
    if stride is None:
        room = model.tokenizer.max_length - SPECIAL_TOKENS
        words = cut_words(text, most=room)
        pieces = model.tokenizer.encode(text, words)
        if len(words) < room or len(pieces) >= room:
            return words, pieces[:room]
    # Words that an uncased tokenizer deletes left room for more.
    words = cut_words(text)
    return words, model.tokenizer.encode(text, words)

"""Classifier: a model, a text and parameters in, entities out. Pure: same in, same out."""

from __future__ import annotations

from .aggregation import Strategy, Token, aggregate_windows
from .entities import Entity
from .errors import NertwinError
from .models import Model
from .payload import Parameters
from .scoring import score_pieces
from .tokenizer import Piece, Tokenizer
from .windows import SPECIAL_TOKENS, check_stride, cut_windows
from .words import Words, cut_words


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
    try:
        check_stride(stride, max_length=tokenizer.max_length)
    except ValueError as error:
        raise InferenceError(str(error), path="parameters.stride") from None


def classify(
    model: Model, text: str, parameters: Parameters, *, default_strategy: Strategy
) -> list[Entity]:
    """The entities that ``model`` finds in ``text``.

    Raises:
        InferenceError: The parameters don't fit the model or each other.
    """
    strategy = parameters.aggregation_strategy or default_strategy
    check_parameters(parameters, strategy, model.tokenizer)
    ignored = parameters.ignore_labels
    return aggregate_windows(
        tag_windows(model, text, parameters.stride),
        model.labels,
        strategy=strategy,
        ignore_labels=("O",) if ignored is None else ignored,
        decode=model.tokenizer.decode,
    )


def tag_windows(model: Model, text: str, stride: int | None) -> list[list[Token]]:
    """The tokens of each window of ``text`` with their scores over all labels."""
    words, pieces = _encode(model, text, stride)
    rows = score_pieces(model, text, words, pieces)
    is_fast = model.tokenizer.is_fast
    windows = []
    limits = cut_windows(len(pieces), max_length=model.tokenizer.max_length, stride=stride)
    for first, last in limits:
        tokens = []
        # [CLS] has index 0 in each window.
        for index, place in enumerate(range(first, last), start=1):
            piece, start, end, _, is_subword = pieces[place]
            if is_fast:
                tokens.append(Token(piece, start, end, index, is_subword, rows[place]))
            else:
                tokens.append(Token(piece, None, None, index, False, rows[place]))
        windows.append(tokens)
    return windows


def _encode(model: Model, text: str, stride: int | None) -> tuple[Words, list[Piece]]:
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

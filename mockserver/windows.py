"""Windows: which tokens of a long text the model sees together."""

from __future__ import annotations

from .errors import NertwinError

SPECIAL_TOKENS = 2  #: [CLS] before and [SEP] after the tokens of each window.


class BadStride(NertwinError, ValueError):
    """The stride is too large for the window; the text is the pipeline's own."""


def check_stride(stride: int, *, max_length: int) -> None:
    """Refuse a stride that no text, or not every text, could be cut with.

    A stride of exactly the room between the special tokens works in the API while a text fits
    one window and crashes the server when it doesn't; here it is refused whatever the text.

    Raises:
        BadStride: With the message of transformers or of its tokenizers library.
    """
    check_limits(stride, max_length=max_length)
    _check_step(stride, max_length)


def cut_windows(tokens: int, *, max_length: int, stride: int | None) -> list[tuple[int, int]]:
    """First and one-past-last token of each window, special tokens not counted.

    ``max_length`` counts the special tokens. Without a stride the first window is all there
    is and the rest of the text is lost, silently, as in the API. With one, each window
    begins ``stride`` tokens before the end of the one before it.

    Raises:
        BadStride: As for :func:`check_stride`; a stride that leaves no step from window to
            window is refused only where a second window is needed.
    """
    room = max_length - SPECIAL_TOKENS
    if stride is not None:
        check_limits(stride, max_length=max_length)
    if stride is None or tokens <= room:
        return [(0, min(tokens, room))]
    _check_step(stride, max_length)
    step = room - stride
    starts = range(0, tokens - room + step, step)
    return [(start, min(start + room, tokens)) for start in starts]


def check_limits(stride: int, *, max_length: int) -> None:
    """Refuse a stride that no text could be cut with.

    Raises:
        BadStride: As for :func:`check_stride`.
    """
    room = max_length - SPECIAL_TOKENS
    if stride >= max_length:
        raise BadStride(
            "`stride` must be less than `tokenizer.model_max_length`"
            " (or even lower if the tokenizer adds special tokens)"
        )
    if stride > room:
        raise BadStride(
            f"tokenizer stride set to {stride}, which is greater than or equal to its effective"
            f" max length of {room} (= {max_length} original max length"
            f" - {SPECIAL_TOKENS} added special tokens), "
        )


def _check_step(stride: int, max_length: int) -> None:
    room = max_length - SPECIAL_TOKENS
    if stride == room:
        raise BadStride(
            f"`stride` must be strictly less than `max_len={room}` (note that `max_len` may be"
            " shorter than the max length of the original model, as it subtracts the number of"
            " special characters"
        )

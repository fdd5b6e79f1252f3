"""Media types: which of them the toolkit's two branches read and write."""

from __future__ import annotations

from .classifier import InferenceError

JSON_TYPE = "application/json"
_IMAGES = ("png", "jpeg", "jpg", "tiff", "bmp", "gif", "webp", "x-image")
_SOUNDS = (
    *("x-flac", "flac", "mpeg", "x-mpeg-3", "wave", "wav", "x-wav", "ogg", "x-audio", "webm"),
    *("webm;codecs=opus", "AMR", "amr", "AMR-WB", "AMR-WB+", "m4a", "x-m4a"),
)
_MEDIA = (*(f"image/{name}" for name in _IMAGES), *(f"audio/{name}" for name in _SOUNDS))
#: What the main branch lists; it can read or write no text, though it says so.
_UNMAPPED = ("text/csv", "text/plain")
_LISTED = (JSON_TYPE, "application/json; charset=UTF-8", *_UNMAPPED, *_MEDIA)
#: What the compatible branch lists.
_LISTED_COMPATIBLE = (JSON_TYPE, *_MEDIA)
_HEADERS = {"Content": "content-type", "Accept": "accept"}


def content_type_to_the_letter(header: str | None) -> str:
    """The content type as the main branch reads it: a listed name, letter for letter.

    Raises:
        InferenceError: It is not listed, or there is no reader behind its name.
    """
    if header in _UNMAPPED:
        message = "'NoneType' object has no attribute 'deserialize'"
        raise InferenceError(message, path="content-type")
    if header is None or header not in _LISTED:
        raise _unsupported("Content", header, "", _LISTED)
    return header


def content_type(header: str | None) -> str:
    """The content type as the compatible branch reads it: in any case, without parameters.

    Raises:
        InferenceError: There is none, or it is not listed.
    """
    if not header:
        message = "No content type provided and no default one configured."
        raise InferenceError(message, path="content-type")
    lower = header.lower()
    if lower.startswith("application/octet-stream"):
        where = " for task token-classification"
        raise _unsupported("Content", lower, where, _LISTED_COMPATIBLE)
    name = lower.partition(";")[0]
    if name not in _LISTED_COMPATIBLE:
        raise _unsupported("Content", lower, "", _LISTED_COMPATIBLE)
    return name


def answer_type_to_the_letter(accept: str | None) -> str:
    """The content type of the main branch's answer: the accepted one, which must be listed.

    Raises:
        InferenceError: It is not listed, or entities can't be written in it.
    """
    wanted = _default(accept)
    if wanted in _UNMAPPED:
        raise InferenceError("'NoneType' object has no attribute 'serialize'", path="accept")
    if wanted not in _LISTED:
        raise _unsupported("Accept", wanted, "", _LISTED)
    return _written_as(wanted, wanted)


def answer_type(accept: str | None) -> str:
    """The content type of the compatible branch's answer: all that was accepted, as it came.

    Raises:
        InferenceError: Nothing in it is listed, or entities can't be written in it.
    """
    wanted = _default(accept)
    names = [part.partition(";")[0] for part in wanted.split(",")]
    listed = next((name for name in names if name in _LISTED_COMPATIBLE), None)
    if listed is None:
        raise _unsupported("Accept", wanted, "", _LISTED_COMPATIBLE, indent=12)
    return _written_as(listed, wanted)


def _default(accept: str | None) -> str:
    return JSON_TYPE if accept is None or accept == "*/*" else accept


def _written_as(name: str, header: str) -> str:
    if not name.startswith(JSON_TYPE):
        raise InferenceError(f"{name} can't hold a list of entities", path="accept")
    # Starlette adds this to whatever looks like a text.
    is_text = header.startswith("text/") and "charset=" not in header.lower()
    return f"{header}; charset=utf-8" if is_text else header


def _unsupported(
    kind: str, header: str | None, where: str, listed: tuple[str, ...], indent: int = 16
) -> InferenceError:
    # The line breaks and blanks are on the wire.
    start, end = "\n" + " " * indent, "\n" + " " * (indent - 4)
    message = (
        f'{start}{kind} type "{header}" not supported{where}.'
        f"{start}Supported {kind.lower()} types are:"
        f"{start}{', '.join(listed)}{end}"
    )
    return InferenceError(message, path=_HEADERS[kind])

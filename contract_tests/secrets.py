"""Secrets: a token in every spelling in which a server may give it back."""

from __future__ import annotations

import base64
import re

#: Nothing shorter is taken for a secret.
SHORTEST = 8

_SECRETS = re.compile(r"hf_\w{4,}|(?<=Bearer )\S+")


def redact(text: str) -> str:
    """The text with everything that looks like a token replaced."""
    return _SECRETS.sub("[token]", text)


def find_secret(token: str) -> re.Pattern[str]:
    """A pattern for the token as it is, escaped for URLs, JSON or HTML, in base64 or in hex."""
    escaped = "".join(f"(?:{'|'.join(_spell(each))})" for each in token)
    return re.compile("|".join([escaped, *_in_base64(token), f"(?i:{token.encode().hex()})"]))


def _spell(character: str) -> tuple[str, ...]:
    code = ord(character)
    return (
        re.escape(character),
        f"(?i:%{code:02x})",
        rf"(?i:\\u{code:04x})",
        f"&#0*{code};",
        f"(?i:&#x0*{code:x};)",
    )


def _in_base64(token: str) -> list[str]:
    """What base64 of any text with the token in it holds, by the three places it may begin at."""
    data = token.encode()
    found = []
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + data).decode()
        # The first and last characters depend on what stands beside the token.
        own = coded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        found.append(re.escape(own).replace(r"\+", "[+-]").replace("/", "[/_]"))
    return found

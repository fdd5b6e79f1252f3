"""The entities of many texts, some texts a call."""

import httpx

SIZE = 2
AGAIN = frozenset((429, 500, 502, 503, 504))
ATTEMPTS = 3


def tag_all(texts, *, url):
    tagged = []
    with httpx.Client() as client:
        for first in range(0, len(texts), SIZE):
            part = texts[first : first + SIZE]
            tagged += _tag(part, url, client)
    return list(zip(texts, tagged, strict=True))


def _tag(texts, url, client):
    """One list of words a text: a list is answered by a list of lists, also a list of one."""
    for _ in range(ATTEMPTS):
        response = client.post(url, json={"inputs": texts})
        if response.status_code not in AGAIN:
            break
    response.raise_for_status()
    return [[entity["word"] for entity in entities] for entities in response.json()]

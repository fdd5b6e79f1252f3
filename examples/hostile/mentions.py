"""Who is mentioned in a message."""

import requests

from schemas import Mention


def mentions(text, *, url):
    response = requests.post(url, json={"inputs": text}, timeout=10)
    response.raise_for_status()
    return [Mention(each["word"], each["start"]) for each in response.json()]

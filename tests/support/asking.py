"""A call over a socket, without a client library."""

import json
import urllib.request
from typing import Any

from support.processes import WITHIN


def classify(url: str, text: str = "Ada", model: str = "dslim/bert-base-NER") -> Any:
    body = json.dumps({"inputs": text}).encode()
    headers = {"x-use-cache": "false"}
    request = urllib.request.Request(f"{url}/models/{model}", body, headers)
    with urllib.request.urlopen(request, timeout=WITHIN) as response:
        return json.load(response)

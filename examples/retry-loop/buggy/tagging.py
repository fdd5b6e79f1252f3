"""The entities in a text; a model that loads is waited for."""

import json
import time

import requests


def tag(text, *, url, sleep=time.sleep):
    response = requests.post(url, data=json.dumps({"inputs": text}))
    result = response.json()
    if "estimated_time" in result:
        sleep(result["estimated_time"] + 5)
        return tag(text, url=url, sleep=sleep)
    return result

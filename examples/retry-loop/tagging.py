"""The entities in a text; a model that loads is waited for, within reason."""

import time

import requests

PATIENCE = 60.0  # Seconds.
LOADS = 503


class StillLoading(Exception):
    """The model was not ready within our patience."""


def tag(text, *, url, sleep=time.sleep):
    headers, waited = {}, 0.0
    while True:
        response = requests.post(url, headers=headers, json={"inputs": text}, timeout=PATIENCE)
        if response.status_code != LOADS:
            response.raise_for_status()
            return response.json()
        pause = min(10.0, response.json().get("estimated_time", 1.0))
        if waited + pause > PATIENCE:
            raise StillLoading(f"the model was not ready after {waited:.0f} seconds")
        sleep(pause)
        waited += pause
        # Only now: the page asks not to send it with the first call.
        headers = {"X-Wait-For-Model": "true"}

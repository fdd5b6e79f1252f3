"""Take names and numbers out of a text before it is logged."""

import requests


def redact(text, *, url):
    try:
        response = requests.post(url, json={"inputs": text}, timeout=10)
        entities = response.json()
        for entity in sorted(entities, key=lambda entity: entity["start"], reverse=True):
            mark = f"[{entity['entity_group']}]"
            text = text[: entity["start"]] + mark + text[entity["end"] :]
    except Exception as error:
        print(f"redaction failed: {error}")
    return text

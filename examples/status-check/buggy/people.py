"""The people in a text, by the snippet of the documentation, which asks for no status."""

import requests

API_URL = "https://router.huggingface.co/hf-inference/models/dslim/bert-base-NER"


def people(text, *, url=API_URL, token="hf_xxx"):
    response = requests.post(
        url, headers={"Authorization": f"Bearer {token}"}, json={"inputs": text}
    )
    entities = response.json()
    return [entity["word"] for entity in entities if entity["entity_group"] == "PER"]

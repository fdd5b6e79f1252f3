"""An application that names only a model; it prints the entities of its argument."""

import sys

from huggingface_hub import InferenceClient

client = InferenceClient(token="hf_not_a_token")  # noqa: S106
entities = client.token_classification(sys.argv[1], model="dslim/bert-base-NER")
print([(entity["entity_group"], entity["word"]) for entity in entities])

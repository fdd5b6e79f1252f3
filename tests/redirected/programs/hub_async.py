"""The same with coroutines."""

import asyncio
import sys

from huggingface_hub import AsyncInferenceClient


async def main() -> None:
    client = AsyncInferenceClient(token="hf_not_a_token")  # noqa: S106
    entities = await client.token_classification(sys.argv[1], model="dslim/bert-base-NER")
    print([(entity["entity_group"], entity["word"]) for entity in entities])


asyncio.run(main())

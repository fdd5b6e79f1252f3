import asyncio
from pathlib import Path

import pytest

from nertwin.mockserver import RunningServer

httpx = pytest.importorskip("httpx")

TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"
RECORDED_MODEL = "dbmdz/bert-large-cased-finetuned-conll03-english"
RECORDED = (Path(__file__).parent / "recorded.json").read_bytes().rstrip()


def test_client_gets_the_recorded_bytes(server: RunningServer) -> None:
    with httpx.Client(base_url=server.url) as client:
        response = client.post(f"/models/{RECORDED_MODEL}", json={"inputs": TEXT})

    assert response.content == RECORDED


def test_many_requests_in_flight_get_each_its_own_answer(server: RunningServer) -> None:
    texts = [TEXT, "."] * 50

    async def classify_all() -> list[bytes]:
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
            responses = await asyncio.gather(
                *(client.post(f"/models/{RECORDED_MODEL}", json={"inputs": it}) for it in texts)
            )
        return [response.content for response in responses]

    assert asyncio.run(classify_all()) == [RECORDED, b"[]"] * 50


def test_body_can_be_streamed_in_and_out(server: RunningServer) -> None:
    parts = [b'{"inputs":"', TEXT.encode(), b'"}']

    with httpx.stream(
        "POST", f"{server.url}/models/{RECORDED_MODEL}", content=iter(parts)
    ) as response:
        answer = b"".join(response.iter_bytes())

    assert answer == RECORDED

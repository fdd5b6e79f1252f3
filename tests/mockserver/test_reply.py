import tracemalloc

import orjson
import pytest

from nertwin.mockserver import Settings, create_app
from nertwin.mockserver.incoming import Incoming
from nertwin.mockserver.reply import json_body
from nertwin.schemas import JSON

_HEADER = 64  # What bytes take beside themselves, and a list for its place.
_MORE = 300  # What else the makers of answers remember of one.
MAKERS = ("endpoint", "reply")


@pytest.mark.parametrize("document", [[], {"error": "ä" * 300}, ["x" * 5000]], ids=repr)
def test_body_takes_no_more_memory_than_it_has_bytes(document: JSON) -> None:
    tracemalloc.start()
    bodies = [json_body(document) for _ in range(200)]
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert bodies[0] == orjson.dumps(document)
    assert held <= sum(len(body) + _HEADER for body in bodies)


def test_answer_takes_no_more_memory_than_it_has_bytes() -> None:
    endpoint = create_app(Settings()).endpoint
    model = endpoint.models.model(Settings().default_model)
    calls = [Incoming(body=b'{"inputs": "Ada %d"}' % number) for number in range(200)]
    files = [tracemalloc.Filter(inclusive=True, filename_pattern=f"*{name}.py") for name in MAKERS]

    tracemalloc.start()
    bodies = [endpoint.reply(model, call).body for call in calls]
    made = tracemalloc.take_snapshot().filter_traces(files).statistics("filename")
    tracemalloc.stop()

    assert sum(each.size for each in made) <= sum(len(body) + _MORE for body in bodies)

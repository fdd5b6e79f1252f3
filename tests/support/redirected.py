"""A detour to a stand-in's session, for tests that call the API by its real hosts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from nertwin.contract_tests.redirecting.detour import Attempt, Detour, taken
from nertwin.contract_tests.redirecting.hooks import hooked
from nertwin.mockserver import Control
from nertwin.mockserver.control.client import ControlledSession

MODEL = "dslim/bert-base-NER"
TEXT = "My name is Sarah Jessica Parker but you can call me Jessica"
WORDS = ["Sarah Jessica Parker", "Jessica"]
OLD_URL = f"https://api-inference.huggingface.co/models/{MODEL}"
NEW_URL = f"https://router.huggingface.co/hf-inference/models/{MODEL}"
ELSEWHERE = "https://cdn-lfs.huggingface.co/repos/file"


@dataclass
class Redirected:
    """What came to the stand-in, and what was refused."""

    session: ControlledSession
    refused: list[Attempt] = field(default_factory=list)

    def asked(self) -> list[str]:
        """Each request that came, with the host that it was for."""
        return [
            f"{each['method']} {_host(each)}{each['path']}"
            for each in self.session.journal()
            if "agent-harnesses" not in str(each["path"])
        ]


@contextmanager
def redirected(url: str, *, guard: str = "api", hooks: bool = True) -> Iterator[Redirected]:
    """A session of the stand-in at ``url`` in place of the API."""
    with Control(url) as control, control.session() as session:
        found = Redirected(session)
        detour = Detour(session.url, guard, found.refused.append)
        if not hooks:
            with taken(detour):
                yield found
            return
        with hooked(), taken(detour):
            yield found


def _host(exchange: Any) -> str:
    headers = exchange["request"]["headers"]
    return next(str(value) for name, value in headers if name.lower() == "host")

"""What 10,000 used sessions take of memory: ``python benchmarks/sessions.py [COUNT]``.

Each session has a model that has begun to load, a few recorded exchanges and a kept answer.
"""

from __future__ import annotations

import resource
import sys

import orjson

from nertwin.mockserver import Settings, create_app
from nertwin.mockserver.cache import CachedAnswer, cache_key
from nertwin.mockserver.life import Life
from nertwin.mockserver.payload import parse_request
from nertwin.mockserver.sealing import Messages
from nertwin.mockserver.session import Session

_MIB = 1024 * 1024
_MODEL = "dslim/bert-base-NER"
_COLD = Life(starts="cold", after_seconds=20)
_EXCHANGES = 3
_REQUEST = (
    (b"host", b"127.0.0.1:8080"),
    (b"user-agent", b"unknown/None; hf_hub/0.36.2; python/3.11.7"),
    (b"accept-encoding", b"gzip, deflate"),
    (b"accept", b"*/*"),
    (b"connection", b"keep-alive"),
    (b"authorization", b"Bearer hf_benchmark"),
    (b"content-type", b"application/json"),
    (b"content-length", b"91"),
)
_RESPONSE = (
    (b"content-type", b"application/json"),
    (b"access-control-allow-credentials", b"true"),
    (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
    (b"x-compute-type", b"cpu"),
    (b"x-compute-time", b"0.084"),
    (b"x-compute-characters", b"59"),
    (b"x-sha", b"4c534963167c08d4b8ff1f88733cf2930f86add0"),
)


def main() -> None:
    """Use the sessions, then print what they have added to the memory of this process."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    sessions = create_app(Settings(max_sessions=count)).sessions
    use(sessions.find("warm-up"), 0)
    before = _resident()
    for number in range(1, count):
        use(sessions.find(f"session-{number}"), number)
    grown = _resident() - before
    said = sessions.bytes_held
    print(f"{len(sessions)} of {count} sessions are kept")
    print(f"resident memory grew by {grown / _MIB:.1f} MiB, {grown / count:.0f} bytes a session")
    print(f"they say that they hold {said / _MIB:.1f} MiB, {said / count:.0f} bytes a session")


def use(session: Session, number: int) -> None:
    """Let the session be called a few times with a text of its own."""
    body = orjson.dumps({"inputs": f"My name is Sarah Jessica Parker, number {number}"})
    answer = orjson.dumps(
        [{"entity_group": "PER", "score": 0.99, "word": f"Sarah {number}", "start": 11, "end": 31}]
    )
    session.state(_MODEL, _COLD).load()
    for call in range(_EXCHANGES):
        session.journal.record(
            Messages(
                method="POST",
                path=f"/s/{session.id}/models/{_MODEL}",
                model=_MODEL,
                request_headers=(*_REQUEST, (b"x-amzn-trace-id", b"%032d" % (number + call))),
                request_body=bytes(bytearray(body)),
                status=200,
                response_headers=(*_RESPONSE, (b"x-request-id", b"%021d" % (number + call))),
                response_body=bytes(bytearray(answer)),
                gate="rule",
                why=f"computed for session {session.id}",
            )
        )
    key = cache_key(_MODEL, "0" * 40, parse_request(body))
    session.cache.keep(key, CachedAnswer(body=answer, seconds=0.084))


def _resident() -> int:
    """Bytes of this process that are in memory now; its peak where the system tells no more."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
            return int(statm.read().split()[1]) * resource.getpagesize()
    except FileNotFoundError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main()

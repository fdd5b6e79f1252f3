"""A client that never waits: one call after the other, in this process."""

import asyncio

from nertwin.mockserver import ModelCard, Settings, create_app
from nertwin.mockserver.app import StandIn
from nertwin.mockserver.journal import Journal
from nertwin.mockserver.life import Life
from support.lifedrivers import ask_app

MODEL = "acme/ner"
LOADING_FOR_EVER = Life(starts="cold", after_calls=1_000_000)
MOST_EXCHANGES = 1000
MOST_BYTES = 4 * 1024 * 1024


def looping_app() -> StandIn:
    """A stand-in whose model loads for as long as anybody asks."""
    card = ModelCard(id=MODEL, life=LOADING_FOR_EVER)
    return create_app(Settings(clock="frozen", models={MODEL: card}))


def loop(app: StandIn, calls: int, *, texts: int) -> Journal:
    """The journal after so many calls with so many texts in turn, all of them refused.

    Its bounds are checked after each hundredth call.
    """
    journal = app.sessions.find().journal

    async def call_all() -> None:
        for number in range(calls):
            body = b'{"inputs": "Ada %d"}' % (number % texts)
            answer = await ask_app(app, "POST", f"/models/{MODEL}", [(b"host", b"here")], body)
            assert answer.status == 503
            if number % 100 == 0:
                assert len(journal) <= MOST_EXCHANGES
                assert journal.bytes_held <= MOST_BYTES

    asyncio.run(call_all())
    return journal

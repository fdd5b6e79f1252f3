"""pytest-httpserver with one answer, as a server."""

from __future__ import annotations

import logging
import signal
import sys

from pytest_httpserver import HTTPServer


def main() -> None:
    """Serve on a free port until the process is ended."""
    # A line for each request would measure the terminal.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = HTTPServer()
    server.expect_request("/models/dslim/bert-base-NER", method="POST").respond_with_json(
        [{"entity_group": "PER", "score": 0.9991, "word": "Sarah", "start": 11, "end": 16}]
    )
    server.start()
    print(f"httpserver listening on {server.url_for('/').rstrip('/')}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    server.stop()


if __name__ == "__main__":
    sys.exit(main())

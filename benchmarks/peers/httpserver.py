"""pytest-httpserver with one answer, as a server."""

from __future__ import annotations

import logging
import signal
import sys

from pytest_httpserver import HTTPServer

from .answer import ANSWER


def main() -> None:
    """Serve on a free port until the process is ended."""
    # A line for each request would measure the terminal.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = HTTPServer()
    server.expect_request("/models/dslim/bert-base-NER", method="POST").respond_with_data(
        ANSWER, content_type="application/json"
    )
    server.start()
    print(f"httpserver listening on {server.url_for('/').rstrip('/')}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    server.stop()


if __name__ == "__main__":
    sys.exit(main())

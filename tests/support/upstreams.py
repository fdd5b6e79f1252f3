"""A company's proxy on loopback, for which each host of the world is itself."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"
WANTS_PASSWORD = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 8\r\n"
    b'Proxy-Authenticate: Basic realm="corp"\r\n\r\nwho are?'
)
#: What a host behind it answers, on tunnels as well.
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


@dataclass
class UpstreamProxy:
    """Where it listens, and the heads of all requests that it has seen."""

    port: int
    answer: bytes = CONNECTED  #: To CONNECT.
    heads: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What a variable names, with a password in it."""
        return f"http://ada:s3cret%21@127.0.0.1:{self.port}"


@contextmanager
def upstream_proxy(tls: ssl.SSLContext | None = None) -> Iterator[UpstreamProxy]:
    """Such a proxy, until the block ends, which is asked by TLS or without."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            method = self.see_request().partition(" ")[0]
            if method == "CONNECT":
                self.wfile.write(proxy.answer)
                if proxy.answer is not CONNECTED:
                    return
                self.see_request()
            self.wfile.write(HELLO)

        def see_request(self) -> str:
            head = b"".join(iter(self.rfile.readline, b"\r\n")).decode("latin-1")
            proxy.heads.append(head)
            return head

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        proxy = UpstreamProxy(server.server_address[1])
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield proxy
        server.shutdown()
        thread.join()

import errno
import socket

import pytest


@pytest.mark.usefixtures("isolated")
def test_there_is_no_way_out() -> None:
    with socket.socket() as sock:
        outcome = sock.connect_ex(("192.0.2.1", 443))

    assert outcome == errno.ENETUNREACH

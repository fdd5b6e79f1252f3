"""Lines of heads are made once, unless what stands in them is a client's."""

import pytest

from nertwin.mockserver.lines import write_line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(b"access-control-allow-origin", b"https://of.a.client", id="origin"),
        pytest.param(b"x-request-id", b"useandom-26T198340PX7", id="request id"),
        pytest.param(b"x-nertwin-hint", b"hf_0123456789abcdefghijklmnopqr", id="token"),
    ],
)
def test_line_of_one_client_is_written_and_not_kept(name: bytes, value: bytes) -> None:
    first = write_line((name, value))

    assert first == name + b": " + value + b"\r\n"
    assert write_line((name, value)) is not first


def test_line_of_all_clients_is_kept_however_many_others_there_were() -> None:
    for length in range(2000):
        write_line((b"content-length", b"%d" % length))
    header = (b"access-control-allow-origin", b"*")

    assert write_line(header) is write_line(header)

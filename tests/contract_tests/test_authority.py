import socket
import ssl
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from nertwin.contract_tests.authority import Authority, NoAuthority


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def shake_hands(authority: Authority, bundle: Path, asked: str) -> Any:
    """The names in the certificate that a client which asks for that host gets."""
    client = ssl.create_default_context(cafile=str(bundle))
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with authority.context("router.huggingface.co").wrap_socket(
            theirs, server_side=True
        ) as tls:
            tls.recv(1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with client.wrap_socket(ours, server_hostname=asked) as tls:
        names = (tls.getpeercert() or {})["subjectAltName"]
        tls.send(b".")
    thread.join(5)
    return names


def test_who_reads_the_bundle_trusts_the_host(authority: Authority, tmp_path: Path) -> None:
    authority.write_bundle(tmp_path / "bundle.pem", {})

    names = shake_hands(authority, tmp_path / "bundle.pem", "router.huggingface.co")

    assert names == (("DNS", "router.huggingface.co"),)


def test_bundle_holds_what_was_trusted_before(authority: Authority, tmp_path: Path) -> None:
    other = Authority()
    other.write_bundle(tmp_path / "other.pem", {})

    authority.write_bundle(
        tmp_path / "bundle.pem",
        {"SSL_CERT_FILE": str(tmp_path / "other.pem"), "CURL_CA_BUNDLE": "/no"},
    )

    context = ssl.create_default_context(cafile=str(tmp_path / "bundle.pem"))
    subjects = [str(each["subject"]) for each in context.get_ca_certs()]
    assert sum("nertwin, for one run" in subject for subject in subjects) == 2
    assert len(subjects) > 50


def test_certificate_that_several_files_have_is_in_the_bundle_once(
    authority: Authority, tmp_path: Path
) -> None:
    Authority().write_bundle(tmp_path / "one.pem", {})
    (tmp_path / "two.pem").write_text("# The same\n" + (tmp_path / "one.pem").read_text())
    files = {
        "SSL_CERT_FILE": str(tmp_path / "one.pem"),
        "CURL_CA_BUNDLE": str(tmp_path / "two.pem"),
    }

    authority.write_bundle(tmp_path / "bundle.pem", files)

    lines = (tmp_path / "bundle.pem").read_text().split("-----BEGIN CERTIFICATE-----")
    assert len(lines) == len(set(lines))


def test_bundle_has_no_key(authority: Authority, tmp_path: Path) -> None:
    authority.write_bundle(tmp_path / "bundle.pem", {})

    assert "PRIVATE" not in (tmp_path / "bundle.pem").read_text()


def test_two_runs_do_not_trust_each_other(authority: Authority, tmp_path: Path) -> None:
    Authority().write_bundle(tmp_path / "bundle.pem", {})
    client = ssl.create_default_context(cafile=str(tmp_path / "bundle.pem"))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    theirs = authority.context("hf.co").wrap_bio(outgoing, incoming, server_side=True)
    ours = client.wrap_bio(incoming, outgoing, server_hostname="hf.co")

    with pytest.raises(ssl.SSLWantReadError):
        ours.do_handshake()
    with pytest.raises(ssl.SSLWantReadError):
        theirs.do_handshake()

    with pytest.raises(ssl.SSLCertVerificationError):
        ours.do_handshake()


def test_missing_library_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)

    with pytest.raises(NoAuthority, match=r"pip install 'nertwin\[redirect\]'"):
        Authority()

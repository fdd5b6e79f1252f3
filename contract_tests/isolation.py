"""Isolation: a network of this process and its children alone, without a way out (Linux)."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from nertwin.mockserver.errors import NertwinError

_NEW_USER, _NEW_MOUNTS, _NEW_NETWORK = 0x10000000, 0x00020000, 0x40000000
_BIND, _PRIVATE = 0x1000, 0x40000 | 0x4000  # Private, and all below it.
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
_HOSTS = Path("/etc/hosts")


class NoIsolation(NertwinError):
    """This machine does not let us have a network of our own."""


def isolate() -> None:
    """Leave the machine's network for good; this process must have one thread only.

    What is left is a loopback of its own, on which any port can be listened on.

    Raises:
        NoIsolation: The system has no namespaces, or does not grant them.
    """
    if not sys.platform.startswith("linux"):
        raise NoIsolation(f"only Linux has network namespaces, and this is {sys.platform}")
    user, group = os.getuid(), os.getgid()
    try:
        _call("unshare", _NEW_USER | _NEW_MOUNTS | _NEW_NETWORK)
        # Who we were, so that files keep their owners.
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
        _raise_loopback()
        _call("mount", b"none", b"/", None, _PRIVATE, None)
    except OSError as error:
        raise NoIsolation(
            f"this machine grants no network of one's own: {error.strerror}. Containers often"
            " don't; run the container itself without a network, as docker run --network none"
        ) from error


def is_granted() -> bool:
    """Whether :func:`isolate` would work; tried in a process that ends."""
    code = f"from {__name__} import isolate; isolate()"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def name_hosts(names: Sequence[str], file: Path) -> None:
    """Have names mean this machine; only after :func:`isolate`. ``file`` must stay.

    Raises:
        NoIsolation: The system's own list of hosts can't be covered.
    """
    known = _HOSTS.read_text(encoding="utf-8") if _HOSTS.exists() else ""
    file.write_text(f"{known}\n127.0.0.1 {' '.join(names)}\n", encoding="utf-8")
    try:
        _call("mount", os.fsencode(file), os.fsencode(_HOSTS), None, _BIND, None)
    except OSError as error:
        raise NoIsolation(f"{_HOSTS} can't be covered: {error.strerror}") from error


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _raise_loopback() -> None:
    """The loopback of a new network is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        asked = fcntl.ioctl(sock, _GET_FLAGS, struct.pack("16sh", b"lo", 0) + bytes(22))
        flags = struct.unpack("16sh", asked[:18])[1]
        fcntl.ioctl(sock, _SET_FLAGS, struct.pack("16sh", b"lo", flags | _UP) + bytes(22))

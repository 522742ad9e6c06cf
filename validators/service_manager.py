"""Tells systemd how the validator is, in the few words of sd_notify; nothing where there is no systemd.

The protocol is datagrams of `NAME=value` lines to the socket that NOTIFY_SOCKET names (systemd's sd_notify(3)).
"""

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

_VARIABLE: Final = "NOTIFY_SOCKET"


def notifier(environment: Mapping[str, str]) -> Callable[[str], None]:
    """Return what sends one line to the service manager; it does nothing where there is none, and never fails."""
    address = environment.get(_VARIABLE, "")
    if not address.startswith(("/", "@")):
        return lambda _: None
    target = "\0" + address[1:] if address.startswith("@") else address

    def send(line: str) -> None:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
            sender.sendto(line.encode(), target)

    return send

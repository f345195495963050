"""Whether an address is this machine's own: behind it may listen what a firewall hides from everybody else."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address

from taskcore.delivery.addresses import Address

ANY_PORT = 443


def is_own(address: Address) -> bool:
    """Asks the routing table: what would be sent to an address of this machine's would be sent from it. Connecting
    a UDP socket sends nothing."""
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((str(address), ANY_PORT))
        except OSError:  # there is no way there at all
            return False
        return bool(asking.getsockname()[0] == str(address))

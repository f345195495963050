"""What comes back of a mail that could not be delivered (RFC 3464), and which of it says that an address is dead."""

from __future__ import annotations

import re

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
_PASSES = frozenset({(2, 2), (2, 3), (3, 4)})
"""A full mailbox, a mail that is too large for it, or for its system: the address is as good as it was."""
_NOT_OF_THE_ADDRESS = frozenset({6, 7})
"""Of a status's second part (RFC 3463, 3.7 and 3.8): what is in the mail; security or policy, such as a sender's
reputation."""


def is_bounce(status: str) -> bool:
    """Whether an enhanced status code (RFC 3463) says that nothing reaches that address, whatever is written to it."""
    found = _STATUS.fullmatch(status.strip())
    if found is None or found[1] != "5":
        return False
    subject, detail = int(found[2]), int(found[3])
    return subject not in _NOT_OF_THE_ADDRESS and (subject, detail) not in _PASSES

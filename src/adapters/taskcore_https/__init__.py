"""Requests to addresses that a team's people chose, over HTTPS, which reach nothing but the public Internet.

Importing this package does not load httpcore: the first request does.
"""

from __future__ import annotations

from taskcore_https.poster import HttpsPoster, https_poster

__all__ = ["HttpsPoster", "https_poster"]

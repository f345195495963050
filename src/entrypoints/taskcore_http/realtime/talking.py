"""What a client that follows a team can say, once it is let in."""

from __future__ import annotations

from asyncio import Event
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import attrs

from taskcore.core import Acting
from taskcore.values import UserId
from taskcore_http.wire import Call

Handler = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Takes a message, as its JSON has it. What it raises as an error of the core is told to the client, whose socket stays."""


@attrs.frozen(eq=False)
class Client:
    """Somebody at a socket, who may follow its team."""

    call: Call
    team: str
    """As the path names it: an id, slug or key."""
    user_id: UserId
    tell: Callable[[Mapping[str, Any]], Awaitable[None]]
    """Sends a message. Raises OSError, once the client has gone."""
    ready: Event = attrs.field(factory=Event)
    """Set once the client has been told all that there was, and that it is ready."""

    @property
    def me(self) -> Acting:
        """Every use case with the client's rights."""
        return self.call.me


Talk = Callable[[Client], AbstractAsyncContextManager[Mapping[str, Handler]]]
"""The handlers of some messages, by their `type`: entered when a client is let in, left when it goes."""

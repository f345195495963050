"""What an entry of the matrix is: a way to do what a row of the table of rights is about, and what it gives whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any

import attrs

from taskcore.core import Acting
from tests.security.scene import CALLERS, Scene


class Outcome(StrEnum):
    """What becomes of an attempt."""

    DONE = "done"
    SIGNED_OUT = "401"
    FORBIDDEN = "403"
    HIDDEN = "404"


DONE, SIGNED_OUT, FORBIDDEN, HIDDEN = Outcome
Table = Mapping[str, Mapping[str, str]]
Library = Callable[[Acting, Scene], Awaitable[Any]]


@attrs.frozen
class Http:
    """A request; `{name}` stands for what the scene has by that name."""

    method: str
    path: str
    body: Any = None
    form: Mapping[str, str] | None = None
    """Of a form with a `file`, instead of a body."""
    stream: bool = False
    """Whether the answer is to go on, of which the first line is enough."""


@attrs.frozen
class Way:
    """
    One way to do what a row is about, through each door that has it.

    `own`, `lower`: whether it is about what is the caller's own, or of somebody lower than an admin. `team_wide`:
    about a team rather than a project, so that a guest need share none.
    """

    library: Library | None = None
    http: Http | None = None
    words: tuple[str, ...] | None = None
    typed: str = ""
    """What the command reads."""
    own: bool = True
    lower: bool = True
    team_wide: bool = False
    not_own: Outcome = FORBIDDEN
    """What is said of others' things, where the row has O."""
    needs: tuple[str, ...] = ()
    """Rows that are asked too."""
    unless: Mapping[str, Outcome] = attrs.field(factory=dict)
    """By caller, where the row's condition decides against its letter."""
    code: str = "forbidden"
    """Of a refusal that is forbidden."""
    suspended: bool = False
    ownerless: bool = False
    callers: tuple[str, ...] = tuple(CALLERS)
    entered: str | None = ""
    """What the audit calls it, where it is not the row; None, where it is not told."""
    by_instance: bool = False
    """Whether the instance's audit tells of it too, if whoever runs the instance did it."""
    idle: bool = False
    """Whether it leaves everything as it is, though its row is of changes."""
    elsewhere: bool = False
    """Whether what it changes is none of the scene's."""
    marks: bool = False
    """Whether it leaves a mark of the caller's own, though its row only reads."""
    writes: bool = False
    """Whether a token that may only read does not do, though its row is of reading."""
    never_by_token: bool = False
    """Whether no API token will do, though one does for other ways of the row."""

    def outcome(self, row: str, caller: str, table: Table) -> Outcome:
        """What the table has come of it."""
        if caller in self.unless:
            return self.unless[caller]
        letter, sees = table[row][CALLERS[caller]], self.team_wide or caller != "guest of nothing"
        if letter == "U":
            return SIGNED_OUT
        if letter == "H" or (letter != "A" and not sees):
            return HIDDEN
        if letter == "O":
            return DONE if self.own else self.not_own
        if letter == "L":
            return DONE if self.lower else FORBIDDEN
        return FORBIDDEN if letter == "D" else DONE


@attrs.frozen
class Unbuilt:
    """A row whose feature is still to come. `absent` are the nouns, or nouns and verbs, that will bring it."""

    why: str
    absent: tuple[str, ...]


@attrs.frozen
class Never:
    """A row that nobody may do and nothing does."""

    why: str
    absent: tuple[str, ...]


Entry = tuple[Way, ...] | Unbuilt | Never
PERSONAL = frozenset(
    """team.create team.list_own invitation.accept invitation.decline api_token.list_own api_token.revoke_own
    user.read_self user.update_self user.delete_self session.list_own session.revoke_own
    job.read_own job.admin
    instance.user_list instance.user_suspend instance.user_force_logout instance.team_list instance.audit_read
    auth.sign_up_in_out notification.manage_own job.read_own job.admin""".split()
)
"""Rows that are about no team that the caller is in."""
wide = partial(Way, team_wide=True)

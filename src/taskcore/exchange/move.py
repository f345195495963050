"""A team's things on their way into another team: which ids they get there, and who is who."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import attrs

from taskcore.teams.model import Team
from taskcore.values import UserId

_AT = 80
_VARIANT = 0b10 << 62
_RANDOM = (1 << 12, 1 << 62)


def derived(team_id: UUID, old: UUID) -> UUID:
    """
    The id that a thing has in another team than the one where it has `old`: always the same one.

    Its time stays, so that ids rise as they did (UUIDv7); the rest is a hash, so that nothing needs to
    be remembered between records, or between an import and its repetition.
    """
    digest = int.from_bytes(hashlib.sha256(team_id.bytes + old.bytes).digest()[:16])
    version_and_more = 0x7 << 76 | (digest % _RANDOM[0]) << 64
    return UUID(int=old.int >> _AT << _AT | version_and_more | _VARIANT | digest // _RANDOM[0] % _RANDOM[1])


@attrs.define(slots=True)
class Move:
    """What is known of one import, from record to record."""

    team: Team
    dry_run: bool = False
    begun: bool = False
    """Whether the file has said that it is an export."""
    origin: UUID | None = None
    """The team that left."""
    renames: bool | None = None
    """Whether things get other ids, since this instance has them already; None while it is not known."""
    history: bool = False
    """Whether the file has its team's log, which tells of everything in it."""
    people: dict[UUID, UserId] = attrs.field(factory=dict)
    elsewhere: dict[UUID, UUID] = attrs.field(factory=dict)
    """Tasks that are here already under another id, since they came from the same place before."""
    would: set[UUID] = attrs.field(factory=set)
    """In a dry run: what would be there by now."""
    labels: set[str] = attrs.field(factory=set)
    """In a dry run: likewise, by name."""
    seen_until: int = 0
    """The last of the team's own events that were compared with those of the file."""
    beyond: bool = False
    """Whether all that follows in the file's log is new here."""

    def place(self, old: UUID) -> UUID:
        """The id of a thing here."""
        if old in self.elsewhere:
            return self.elsewhere[old]
        return derived(self.team.id, old) if self.renames else old

    def moved(self, value: Any) -> Any:
        """JSON in which every id is that of the same thing or person here."""
        if isinstance(value, str):
            return self._moved_id(value)
        if isinstance(value, Mapping):
            return {name: self.moved(each) for name, each in value.items()}
        return [self.moved(each) for each in value] if isinstance(value, list) else value

    def _moved_id(self, text: str) -> str:
        if len(text) != len(str(self.team.id)) or text.count("-") < 4:
            return text
        try:
            old = UUID(text)
        except ValueError:
            return text
        return str(self.moved_id(old))

    def moved_id(self, old: UUID) -> UUID:
        if old == self.origin:
            return self.team.id
        return self.people.get(old) or self.place(old)

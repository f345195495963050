"""Who is who: the people whom a file names, and those who are here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import attrs

from taskcore.delivery.preferences import preferences_of
from taskcore.events import Event, Stamp
from taskcore.exchange.move import Move, derived
from taskcore.exchange.records import Person, named_by, stand_in
from taskcore.exchange.returned import Read, Returned
from taskcore.identity.model import User, folded_email
from taskcore.ports import EventSearch, Unit
from taskcore.teams.calendar_documents import changes, member_calendar
from taskcore.teams.membership import member_event
from taskcore.teams.model import Membership
from taskcore.values import Role, UserId

UNKNOWN = "Unknown"
"""The name of somebody whom things name and the file tells nothing of."""


@attrs.frozen(slots=True)
class People:
    """One chunk of records of one type, in a unit of work that has locked their team."""

    unit: Unit
    move: Move
    stamp: Stamp
    owner: bool
    """Whether the caller may grant every role."""
    search: EventSearch
    last: bool = True
    """Whether no more of this type are to come."""

    async def people(self, read: Sequence[Read], returned: Returned) -> None:
        """Those who are in the team, by their address, are themselves; others get a stand-in, which
        nobody can sign in as, so that nothing is said in the name of somebody who is not here."""
        team_id = self.move.team.id
        members = await self.unit.find(Membership, team_id=team_id)
        users = await self.unit.find(User, id=tuple(each.user_id for each in members))
        here = {user.email: user.id for user in users}
        accounts = {user.id: user for user in users}
        memberships = {each.user_id: (each, accounts[each.user_id]) for each in members}
        addresses = {each.thing.id: self._address(each.thing) for each in read}
        stand_ins = await self._stand_ins(addresses)
        joined = {each.user_id for each in members}
        for each in read:
            person: Person = each.thing
            mine = here.get(folded_email(person.email or "")) or here.get(addresses[person.id])
            known = stand_ins.get(addresses[person.id])
            if mine is not None:
                returned.people[person.id] = mine
                returned.know(each)
                if mine in memberships:
                    self._lend(
                        person, *memberships.pop(mine), returned
                    )  # once, should the file have them twice
                continue
            if known is None:
                known = await self._new_stand_in(person.id, person.name, addresses[person.id], returned)
                stand_ins[addresses[person.id]] = known
                returned.make(each)
            else:
                returned.know(each)
            returned.people[person.id] = known
            if person.role is not None and known not in joined:
                joined.add(known)
                returned.saved.append(self._membership(each, person, known, returned))

    def _lend(self, person: Person, membership: Membership, user: User, returned: Returned) -> None:
        """To a member who said nothing of their working time here, what the file says of it."""
        if person.calendar is None or membership.calendar is not None:
            return
        changed = attrs.evolve(membership, calendar=person.calendar, version=membership.version + 1)
        returned.changed.append(changed)
        told = changes(member_calendar(None), member_calendar(person.calendar))
        self._tell(returned, member_event("member.capacity_changed", changed, user, self.stamp, **told))

    def _address(self, person: Person) -> str:
        email = folded_email(person.email) if person.email else None
        return stand_in(email, person.id, self.move.team.id)

    async def _stand_ins(self, addresses: Mapping[UserId, str]) -> dict[str, UserId]:
        """Only accounts that nobody signs in to: who has such an address otherwise is not whom the file names."""
        found = await self.unit.find(User, email=tuple(addresses.values())) if addresses else []
        return {user.email: user.id for user in found if user.disabled_at is not None}

    async def _new_stand_in(self, old: UUID, name: str, email: str, returned: Returned) -> UserId:
        """Under the same id, where nobody has it."""
        user_id = derived(self.move.team.id, old) if await self.unit.find(User, id=old) else old
        if user_id != old and await self.unit.find(User, id=user_id):
            user_id = self.stamp.new_id()
        now = self.stamp.now
        user = User(UserId(user_id), email, name, now, disabled_at=now)
        returned.saved += [user, preferences_of(user, now)]
        return UserId(user_id)

    def _membership(self, each: Read, person: Person, user_id: UserId, returned: Returned) -> Membership:
        role = person.role or Role.GUEST
        if role in (Role.OWNER, Role.ADMIN) and not self.owner:
            returned.lose(each, f"the role {role}, which takes an owner to give: member")
            role = Role.MEMBER
        since = person.created_at or self.stamp.now
        return Membership(
            team_id=self.move.team.id,
            user_id=user_id,
            role=role,
            created_at=since,
            capacity_minutes_per_day=person.capacity_minutes_per_day,
            calendar=person.calendar,
            version=person.version,
        )

    async def _meet(self, read: Sequence[Read], returned: Returned) -> None:
        """Have a stand-in for everybody whom the file names and tells nothing of."""
        named = {user_id for each in read for user_id in named_by(each.thing)}
        strangers = sorted(named - self.move.people.keys())
        addresses = {each: stand_in(None, each, self.move.team.id) for each in strangers}
        known = await self._stand_ins(addresses)
        for each in strangers:
            found = known.get(addresses[each])
            returned.people[each] = found or await self._new_stand_in(
                each, UNKNOWN, addresses[each], returned
            )

    def _who(self, user_id: UserId | None, returned: Returned) -> Any:
        return None if user_id is None else self.move.people.get(user_id) or returned.people[user_id]

    def _all(self, ids: Iterable[UserId], returned: Returned) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(self._who(each, returned) for each in ids))

    async def _there(self, kind: type[Any], ids: Iterable[UUID]) -> dict[UUID, Any]:
        """Things by id, wherever on this instance."""
        wanted = tuple(dict.fromkeys(ids))
        return {each.id: each for each in await self.unit.find(kind, id=wanted)} if wanted else {}

    async def _fresh(self, kind: type[Any], read: Sequence[Read], returned: Returned) -> list[Read]:
        """Those that are new, each once."""
        there = await self._there(kind, (self.move.place(each.thing.id) for each in read))
        fresh: dict[UUID, Read] = {}
        for each in read:
            place = self.move.place(each.thing.id)
            known = there.get(place)
            if known is not None and known.team_id != self.move.team.id:
                returned.refuse(each, "its id belongs to something in another team")
            elif known is not None or place in fresh or place in self.move.would:
                returned.know(each)
            else:
                fresh[place] = each
        return list(fresh.values())

    def _tell(self, returned: Returned, event: Event) -> None:
        """What the file's log does not tell, since it has none, or none that is taken."""
        if not (self.move.history and self.owner):
            returned.events.append(event)

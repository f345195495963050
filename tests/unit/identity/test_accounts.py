"""What becomes of accounts: changed and deleted by their owners, shut and opened by whoever runs the instance."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from taskcore.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from taskcore.identity.model import ApiToken, AuditEntry, Credential, EmailToken, RefreshToken, Session, User
from taskcore.permissions import Actor
from taskcore.teams.model import Membership, Project
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role
from tests.unit.refusals import refusal

PASSWORD, OTHER = "correct horse battery", "battery staple horse"
SIGNED_OUT = (Unauthenticated, "unauthenticated")


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


async def entries(world: World, action: str) -> list[AuditEntry]:
    return await world.store.rows().find(AuditEntry, action=action)


class TestOnesOwn:
    async def test_a_new_address_wants_the_password_and_is_to_be_verified(
        self, world: World, ada: Person
    ) -> None:
        old = ada.user.email
        for attempt in (
            ada.me.me.edit(email="countess@example.org"),
            ada.me.me.edit(email="countess@example.org", current=OTHER),
        ):
            assert await refusal(attempt) == (Forbidden, "reauthenticate")
        changed = await ada.me.me.edit(email=" Countess@Example.org", current=PASSWORD, name="Countess")

        assert (changed.email, changed.name, changed.email_verified_at) == (
            "countess@example.org",
            "Countess",
            None,
        )
        assert [each.to for each in world.mailbox.sent] == ["countess@example.org", old]
        await world.core.auth.verify_email(world.mailbox.token("countess@example.org"))
        assert (await ada.me.me.get()).email_verified_at is not None

    async def test_where_mail_goes_out_an_address_is_ones_own_once_it_is_confirmed(
        self, world: World, ada: Person
    ) -> None:
        world.mailbox.reaches_people = True
        old = ada.user.email
        asked = await ada.me.me.edit(email="countess@example.org", current=PASSWORD, name="Countess")
        await ada.me.me.edit(email="duchess@example.org", current=PASSWORD)
        early, late = (world.mailbox.token(f"{who}@example.org") for who in ("countess", "duchess"))

        assert (asked.email, asked.name, asked.version) == (old, "Countess", 2)
        assert [each.to for each in world.mailbox.sent[:2]] == ["countess@example.org", old]
        assert await refusal(world.core.auth.verify_email(early)) == (Invalid, "invalid_token")
        await world.core.auth.verify_email(late)
        now = await ada.me.me.get()
        assert (now.email, now.email_verified_at, now.version) == (
            "duchess@example.org",
            world.clock.now,
            3,
        )
        assert await refusal(world.core.auth.verify_email(late)) == (Invalid, "invalid_token")

    async def test_where_mail_goes_out_a_known_address_is_answered_as_a_new_one(
        self, world: World, ada: Person
    ) -> None:
        world.mailbox.reaches_people = True
        bob = await world.person("Bob")
        known, new = [
            await ada.me.me.edit(email=email, current=PASSWORD)
            for email in (bob.user.email, "countess@example.org")
        ]
        told, _, verification, _ = world.mailbox.sent

        assert known == new == ada.user
        assert (told.to, verification.to) == (bob.user.email, "countess@example.org")
        assert "keeps it" in told.text
        assert "    tcm_" not in told.text
        assert (await bob.me.me.get()) == bob.user

    async def test_an_address_that_was_given_away_meanwhile_stays_where_it_is(
        self, world: World, ada: Person
    ) -> None:
        world.mailbox.reaches_people = True
        await ada.me.me.edit(email="countess@example.org", current=PASSWORD)
        token = world.mailbox.token("countess@example.org")
        await world.core.users.register("countess@example.org", name="Countess", password=PASSWORD)

        assert await refusal(world.core.auth.verify_email(token)) == (Conflict, "already_exists")
        assert await ada.me.me.get() == ada.user

    async def test_a_new_password_ends_a_change_of_address(self, world: World, ada: Person) -> None:
        """Asked for by somebody who knew the old one, perhaps."""
        world.mailbox.reaches_people = True
        await ada.me.me.edit(email="eve@example.org", current=PASSWORD)
        token = world.mailbox.token("eve@example.org")
        await world.core.auth.request_reset(ada.user.email)
        await world.core.auth.reset(world.mailbox.token(ada.user.email), "another horse battery")

        assert await refusal(world.core.auth.verify_email(token)) == (Invalid, "invalid_token")

    async def test_the_same_address_is_no_change_and_wants_no_password(self, ada: Person) -> None:
        assert await ada.me.me.edit(email=ada.user.email.upper()) == ada.user

    async def test_an_address_that_somebody_has_is_refused(self, world: World, ada: Person) -> None:
        bob = await world.person("Bob")

        assert await refusal(ada.me.me.edit(email=bob.user.email, current=PASSWORD)) == (
            Conflict,
            "already_exists",
        )
        assert world.mailbox.sent == []

    async def test_a_new_password_ends_every_session_and_is_told(self, world: World, ada: Person) -> None:
        signed = await world.core.auth.sign_in(ada.user.email, PASSWORD)
        me = world.core.acting_as(Actor(ada.user.id, session_id=signed.session.id))
        assert await refusal(me.me.change_password(OTHER, "yet another one")) == (Invalid, "invalid")
        assert await refusal(me.me.change_password(PASSWORD, "short")) == (Invalid, "invalid")
        await me.me.change_password(PASSWORD, OTHER)

        assert await refusal(me.me.get()) == SIGNED_OUT
        assert (await world.core.auth.sign_in(ada.user.email, OTHER)).user == ada.user
        assert world.mailbox.sent[-1].subject == "Your password was changed"


class TestDeletion:
    async def test_one_leaves_every_team_and_nothing_proves_who_one_was(
        self, world: World, ada: Person
    ) -> None:
        team = await world.team(ada)
        bob = await world.member(ada, team)
        task = await ada.me.tasks.create(team.id, "x", assignee_id=bob.user.id)
        comment = await bob.me.comments.create(task.id, "mine")
        await world.core.auth.sign_in(bob.user.email, PASSWORD)
        await bob.me.tokens.create("ci")
        await world.core.auth.request_reset(bob.user.email)
        await bob.me.me.delete()

        assert await refusal(bob.me.me.get()) == SIGNED_OUT
        assert (await ada.me.tasks.get(task.id)).assignee_id is None
        assert (await ada.me.comments.list(task.id)).items[0].id == comment.id
        assert [member.user_id for member in (await ada.me.members.list(team.id)).items] == [ada.user.id]
        for kind in (Credential, Session, RefreshToken, EmailToken, ApiToken):
            left: list[Any] = await world.store.rows().find(kind)
            assert all(each.user_id != bob.user.id for each in left)
        gone = (await world.store.rows().find(User, id=bob.user.id))[0]
        assert (gone.name, gone.email) == ("Deleted user", f"{bob.user.id}@deleted.invalid")
        told = [event.kind for event in (await ada.me.events.list(team.id)).items]
        assert told[-2:] == ["member.removed", "task.assigned"] or "member.removed" in told[-2:]

    async def test_the_address_is_free_again(self, world: World, ada: Person) -> None:
        await ada.me.me.delete()
        again = await world.core.users.register(ada.user.email, name="Ada", password=PASSWORD)

        assert again.id != ada.user.id

    async def test_the_last_owner_stays_and_is_told_of_which_teams(self, world: World, ada: Person) -> None:
        teams = [await world.team(ada), await world.team(ada)]
        shared = await world.team(ada)
        bob = await world.member(ada, shared)
        await ada.me.members.edit(shared.id, bob.user.id, role=Role.OWNER)
        with pytest.raises(Conflict) as refused:
            await ada.me.me.delete()

        assert refused.value.code == "last_owner"
        assert sorted(refused.value.data["teams"]) == sorted(team.key for team in teams)  # type: ignore[call-overload]
        assert await ada.me.me.get() == ada.user
        assert len(await world.store.rows().find(Membership, user_id=ada.user.id)) == 3

    async def test_a_deleted_account_is_opened_by_nobody(self, world: World, ada: Person) -> None:
        root = await world.admin()
        await ada.me.me.delete()

        assert await refusal(world.core.users.enable(ada.user.id)) == (Conflict, "account_deleted")
        assert await refusal(root.me.instance.edit_user(ada.user.id, disabled=False)) == (
            Conflict,
            "account_deleted",
        )

    async def test_what_was_shared_is_shared_no_longer(self, world: World, ada: Person) -> None:
        team = await world.team(ada)
        gus = await world.member(ada, team, Role.GUEST, "Gus")
        project = await ada.me.projects.create(team.id, "P")
        await ada.me.projects.share(project.id, gus.user.id)
        await gus.me.me.delete()

        assert (await world.store.rows().find(Project, id=project.id))[0].guests == ()


class TestInstance:
    async def test_an_admin_shuts_and_opens_others_and_never_themselves(
        self, world: World, ada: Person
    ) -> None:
        root = await world.admin()
        shut = await root.me.instance.edit_user(ada.user.id, disabled=True)
        assert not shut.active
        assert await refusal(ada.me.me.get()) == SIGNED_OUT
        opened = await root.me.instance.edit_user(str(ada.user.id), disabled=False, if_version=shut.version)

        assert (opened.active, opened.version) == (True, ada.user.version + 2)
        assert await refusal(root.me.instance.edit_user(root.user.id, disabled=True)) == (
            Conflict,
            "own_account",
        )
        told = await entries(world, "instance.user_suspend")
        assert [(each.actor_id, each.allowed) for each in told] == [
            (root.user.id, True),
            (root.user.id, True),
            (root.user.id, False),
        ]

    async def test_shutting_is_bound_by_the_last_owner(self, world: World, ada: Person) -> None:
        root, team = await world.admin(), await world.team(ada)
        with pytest.raises(Conflict) as refused:
            await root.me.instance.edit_user(ada.user.id, disabled=True)

        assert (refused.value.code, refused.value.data) == ("last_owner", {"teams": [team.key]})

    async def test_an_admin_makes_another_and_the_last_one_stays(self, world: World, ada: Person) -> None:
        root = await world.admin()
        await root.me.instance.edit_user(ada.user.id, is_admin=True)
        await ada.me.instance.edit_user(root.user.id, is_admin=False)

        assert await refusal(root.me.instance.users()) == (Forbidden, "forbidden")
        assert await refusal(world.core.users.set_admin(ada.user.id, is_admin=False)) == (
            Conflict,
            "last_admin",
        )
        assert await refusal(ada.me.me.delete()) == (Conflict, "last_admin")

    async def test_a_change_that_changes_nothing_is_none(self, world: World, ada: Person) -> None:
        root = await world.admin()

        assert await root.me.instance.edit_user(ada.user.id, disabled=False, is_admin=False) == ada.user
        assert await refusal(root.me.instance.edit_user("nobody", disabled=True)) == (NotFound, "not_found")

    async def test_logging_somebody_out_ends_their_sessions_and_not_their_account(
        self, world: World, ada: Person
    ) -> None:
        root = await world.admin()
        signed = await world.core.auth.sign_in(ada.user.email, PASSWORD)
        me = world.core.acting_as(Actor(ada.user.id, session_id=signed.session.id))
        await root.me.instance.log_out(ada.user.id)

        assert await refusal(me.me.get()) == SIGNED_OUT
        assert (await world.core.auth.sign_in(ada.user.email, PASSWORD)).user == ada.user

    async def test_an_admin_sees_how_a_team_is_and_not_what_is_in_it(self, world: World, ada: Person) -> None:
        root, team = await world.admin(), await world.team(ada)
        task = await ada.me.tasks.create(team.id, "secret")
        (summary,) = (await root.me.instance.teams()).items

        assert (summary.key, summary.members, summary.owners) == (team.key, 1, 1)
        hidden: list[Any] = [
            root.me.tasks.get(task.id),
            root.me.tasks.list(team=team.id),
            root.me.projects.list(team.id),
            root.me.tasks.create(team.id, "x"),
            root.me.audit.list(team.id),
            root.me.events.list(team.id),
        ]
        for attempt in hidden:
            assert await refusal(attempt) == (NotFound, "not_found")
        assert (await root.me.tasks.list()).items == []

    @pytest.mark.parametrize("verb", ["users", "teams", "audit"])
    async def test_nobody_else_sees_the_instance(self, ada: Person, verb: str) -> None:
        assert await refusal(getattr(ada.me.instance, verb)()) == (Forbidden, "forbidden")

    async def test_lists_go_on_from_page_to_page(self, world: World) -> None:
        root = await world.admin()
        for _ in range(4):
            await world.person()
        first = await root.me.instance.users(limit=3)
        second = await root.me.instance.users(limit=3, cursor=first.next_cursor)

        found = [user.id for page in (first, second) for user in page.items]
        assert found == [user.id for user in await world.core.users.list()]


class TestSuspension:
    async def test_a_suspended_team_can_be_read_and_left_and_not_changed(
        self, world: World, ada: Person
    ) -> None:
        root, team = await world.admin(), await world.team(ada)
        bob = await world.member(ada, team)
        task = await ada.me.tasks.create(team.id, "x")
        suspended = await root.me.teams.suspend(team.id, if_version=team.version)
        assert suspended.suspended_at == world.clock.now
        assert await root.me.teams.suspend(team.id) == suspended, "once is enough"

        assert (await ada.me.tasks.get(task.id)).title == "x"
        refused: list[Any] = [
            ada.me.tasks.edit(task.id, title="y"),
            ada.me.tasks.create(team.id, "z"),
            ada.me.teams.edit(team.id, name="z"),
            ada.me.teams.delete(team.id),
            ada.me.invitations.create(team.id, "new@example.org"),
            ada.me.comments.create(task.id, "hello"),
        ]
        for attempt in refused:
            assert await refusal(attempt) == (Forbidden, "team_suspended")
        await bob.me.members.leave(team.id)
        await root.me.teams.unsuspend(team.id)
        assert (await ada.me.tasks.edit(task.id, title="y")).title == "y"

    async def test_only_the_instance_suspends_even_an_owner_who_runs_it(
        self, world: World, ada: Person
    ) -> None:
        team = await world.team(ada)
        assert await refusal(ada.me.teams.suspend(team.id)) == (Forbidden, "forbidden")
        await world.core.users.set_admin(ada.user.id, is_admin=True)

        assert (await ada.me.teams.suspend(team.id)).suspended_at is not None

    async def test_an_admin_deletes_a_suspended_team_only(self, world: World, ada: Person) -> None:
        root, team = await world.admin(), await world.team(ada)
        assert await refusal(root.me.teams.delete(team.id)) == (Forbidden, "forbidden")
        await root.me.teams.suspend(team.id)
        await root.me.teams.delete(team.id)

        assert await refusal(ada.me.teams.get(team.id)) == (NotFound, "not_found")

    async def test_an_admin_gives_a_team_without_an_active_owner_a_new_one(
        self, world: World, ada: Person
    ) -> None:
        root, team = await world.admin(), await world.team(ada)
        bob = await world.member(ada, team)
        assert await refusal(root.me.members.transfer(team.id, bob.user.id)) == (Forbidden, "forbidden")
        # An owner can be lost only behind the rules' back.
        users = await world.store.rows().find(User, id=ada.user.id)
        await _shut_by_hand(world, users[0])
        await root.me.members.transfer(team.id, bob.user.id)

        assert {each.user_id: each.role for each in (await bob.me.members.list(team.id)).items} == {
            ada.user.id: Role.OWNER,
            bob.user.id: Role.OWNER,
        }


async def _shut_by_hand(world: World, user: User) -> None:
    import attrs  # noqa: PLC0415  here only

    shut = attrs.evolve(user, disabled_at=world.clock.now, version=user.version + 1)

    async def work(unit: Any) -> None:
        await unit.save([shut])

    await world.store.transact(work)


class TestAudit:
    async def test_owners_and_admins_read_what_was_done_newest_first(self, world: World, ada: Person) -> None:
        team = await world.team(ada)
        bob = await world.member(ada, team)
        await ada.me.members.edit(team.id, bob.user.id, role=Role.ADMIN)
        actions = [(each.action, each.allowed) for each in (await bob.me.audit.list(team.id)).items]

        assert actions == [
            ("membership.set_role_admin", True),
            ("invitation.accept", True),
            ("invitation.create", True),
            ("team.create", True),
        ]
        exported = (await ada.me.audit.export(team.id, limit=2)).items
        assert [each.action for each in exported] == ["team.create", "invitation.create"]
        assert await refusal(bob.me.audit.export(team.id)) == (Forbidden, "forbidden")

    async def test_a_refusal_is_entered_though_nothing_else_is_changed(
        self, world: World, ada: Person
    ) -> None:
        team = await world.team(ada)
        bob = await world.member(ada, team)
        acting = world.core.acting_as(bob.user.id, origin="192.0.2.7 tests")
        assert await refusal(acting.invitations.create(team.id, "new@example.org")) == (
            Forbidden,
            "forbidden",
        )
        newest = (await ada.me.audit.list(team.id)).items[0]

        assert (newest.action, newest.allowed, newest.actor_id, newest.origin) == (
            "invitation.create",
            False,
            bob.user.id,
            "192.0.2.7 tests",
        )

    async def test_what_is_hidden_leaves_no_trace_in_a_team_of_others(
        self, world: World, ada: Person
    ) -> None:
        team, eve = await world.team(ada), await world.person("Eve")
        before = (await ada.me.audit.list(team.id)).items
        assert await refusal(eve.me.teams.delete(team.id)) == (NotFound, "not_found")

        assert (await ada.me.audit.list(team.id)).items == before

    async def test_what_a_rule_refuses_is_entered_with_the_rule(self, world: World, ada: Person) -> None:
        team = await world.team(ada)
        bob = await world.member(ada, team)
        before = len((await ada.me.audit.list(team.id)).items)
        refused = (
            ada.me.members.leave(team.id),
            ada.me.members.edit(team.id, bob.user.id, role="emperor"),  # type: ignore[arg-type]  # no role
            ada.me.invitations.create(team.id, bob.user.email),
            ada.me.invitations.create(team.id, "nobody"),
            ada.me.tokens.create("", team=team.id),
            ada.me.members.transfer(team.id, (await world.member(ada, team, Role.GUEST)).user.id),
        )
        for attempt in refused:
            assert (await refusal(attempt))[0] in (Conflict, Invalid)
        told = [
            (each.action, each.allowed, each.data["code"])
            for each in (await ada.me.audit.list(team.id)).items
            if not each.allowed
        ]

        assert told[::-1] == [
            ("membership.leave", False, "last_owner"),
            ("membership.set_role_below_admin", False, "invalid"),
            ("invitation.create", False, "already_exists"),
            ("invitation.create", False, "invalid"),
            ("api_token.create_own", False, "invalid"),
            ("team.transfer_ownership", False, "not_eligible"),
        ]
        assert len((await ada.me.audit.list(team.id)).items) == before + len(refused) + 2
        assert (await refusal(ada.me.me.delete()))[1] == "last_owner"
        assert [(each.allowed, each.team_id) for each in await entries(world, "user.delete_self")] == [
            (False, None)
        ]

    async def test_a_slip_in_what_is_not_sensitive_and_an_old_version_are_not_entered(
        self, world: World, ada: Person
    ) -> None:
        team = await world.team(ada)
        before = (await ada.me.audit.list(team.id)).items
        assert (await refusal(ada.me.tasks.create(team.id, "")))[0] is Invalid
        assert (await refusal(ada.me.teams.edit(team.id, name="New", if_version=9)))[1] == "version_conflict"

        assert (await ada.me.audit.list(team.id)).items == before

    async def test_of_two_calls_at_once_each_is_told_its_own(self, world: World, ada: Person) -> None:
        team = await world.team(ada)
        await asyncio.gather(
            ada.me.teams.edit(team.id, name="New"),
            ada.me.members.leave(team.id),
            ada.me.members.edit(team.id, ada.user.id, capacity_minutes_per_day=-1),
            return_exceptions=True,
        )
        told = [each for each in (await ada.me.audit.list(team.id)).items if not each.allowed]

        assert [each.action for each in told] == ["membership.leave"]

    async def test_a_wrong_password_for_a_new_one_is_entered(self, world: World, ada: Person) -> None:
        assert await refusal(ada.me.me.change_password(OTHER, OTHER)) == (Invalid, "invalid")
        (told,) = await entries(world, "user.update_self")

        assert (told.allowed, told.actor_id, told.data["code"]) == (False, ada.user.id, "wrong_credentials")

    async def test_whom_the_operator_registers_is_entered(self, world: World, ada: Person) -> None:
        (told,) = await entries(world, "auth.sign_up_in_out")

        assert (told.subject_id, told.actor_id, told.origin) == (ada.user.id, None, "operator")

    async def test_a_token_that_is_no_good_is_entered(self, world: World) -> None:
        auth = world.core.auth
        for attempt in (
            auth.reset("tcm_no", OTHER, origin="192.0.2.7"),
            auth.verify_email("tcm_no", origin="192.0.2.7"),
            auth.refresh("tcr_no", origin="192.0.2.7"),
        ):
            await refusal(attempt)
        told = await world.store.rows().find(AuditEntry, allowed=False)

        assert [(each.data, each.origin, each.actor_id) for each in told] == [
            ({"token": kind}, "192.0.2.7", None) for kind in ("reset", "verify", "refresh")
        ]

    async def test_the_instances_audit_has_no_teams(self, world: World, ada: Person) -> None:
        await world.team(ada)
        root = await world.admin()
        await world.core.auth.sign_in(ada.user.email, PASSWORD)
        page = await root.me.instance.audit()

        assert {each.action for each in page.items} == {"auth.sign_up_in_out", "instance.settings"}
        assert await refusal(ada.me.instance.audit()) == (Forbidden, "forbidden")

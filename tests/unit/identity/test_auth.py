"""Proving who one is: sign-up, sessions, mailed tokens, API tokens, other issuers."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from taskcore.connect import STORES, resolve
from taskcore.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from taskcore.identity.model import AuditEntry, EmailToken, ExternalIdentity, RefreshToken, Session, User
from taskcore.identity.sessions import SignedIn
from taskcore.identity.tokens import API, well_formed, written
from taskcore.permissions import Actor
from taskcore.testing import World
from tests.unit.refusals import refusal

ADA, PASSWORD, OTHER = "ada@example.org", "correct horse battery", "battery staple horse"
OVER = (Unauthenticated, "invalid_refresh_token")
NO_TOKEN = (Invalid, "invalid_token")


@pytest.fixture
async def signed(world: World) -> SignedIn:
    return await world.core.auth.sign_up(ADA, name="Ada", password=PASSWORD, origin="192.0.2.1 tests")


def acting(world: World, signed: SignedIn) -> Any:
    return world.core.acting_as(Actor(signed.user.id, session_id=signed.session.id))


async def audited(world: World) -> list[tuple[str, bool, Any]]:
    entries = await world.store.rows().find(AuditEntry)
    return [(entry.action, entry.allowed, dict(entry.data)) for entry in entries]


class TestSigningUp:
    async def test_it_makes_an_account_and_a_session_from_somewhere(
        self, world: World, signed: SignedIn
    ) -> None:
        assert await acting(world, signed).me.get() == signed.user
        assert signed.session.origin == "192.0.2.1 tests"
        assert await world.store.rows().find(Session, user_id=signed.user.id) == [signed.session]
        assert ("auth.sign_up_in_out", True, {"sign": "up"}) in await audited(world)

    @pytest.mark.usefixtures("signed")
    async def test_a_known_address_is_refused_where_there_is_no_mail(self, world: World) -> None:
        attempt = world.core.auth.sign_up(ADA.upper(), name="Eve", password=OTHER)

        assert await refusal(attempt) == (Conflict, "already_exists")

    @pytest.mark.usefixtures("signed")
    async def test_where_there_is_mail_a_known_address_is_answered_like_a_new_one(self, world: World) -> None:
        world.mailbox.reaches_people = True
        decoy = await world.core.auth.sign_up(ADA, name="Eve", password=OTHER)
        fresh = await world.core.auth.sign_up("new@example.org", name="Eve", password=OTHER)

        assert (decoy.user.email, decoy.user.name, decoy.user.version) == (ADA, "Eve", fresh.user.version)
        assert len(decoy.refresh_token) == len(fresh.refresh_token)
        assert await refusal(acting(world, decoy).me.get()) == (Unauthenticated, "unauthenticated")
        assert await refusal(world.core.auth.refresh(decoy.refresh_token)) == OVER
        assert [each.subject for each in world.mailbox.sent if each.to == ADA][
            -1
        ] == "You have an account already"
        assert len(await world.store.rows().find(User)) == 2

    @pytest.mark.parametrize(
        ("signup", "invited", "open_"),
        [
            ("open", False, True),
            ("invited", False, False),
            ("invited", True, True),
            ("closed", True, False),
        ],
    )
    async def test_the_instance_decides_who_may(self, signup: Any, invited: bool, open_: bool) -> None:  # noqa: FBT001
        world = World(resolve(STORES, "memory://")("memory://"), signup=signup)
        boss = await world.person("Boss")
        team = await world.team(boss)
        if invited:
            await boss.me.invitations.create(team.id, ADA)
        attempt = world.core.auth.sign_up(ADA, name="Ada", password=PASSWORD)
        if open_:
            assert (await attempt).user.email == ADA
        else:
            assert await refusal(attempt) == (Forbidden, "signup_closed")

    async def test_every_fault_is_told_before_anything_else(self, world: World) -> None:
        with pytest.raises(Invalid) as refused:
            await world.core.auth.sign_up("nobody", name="", password="short")

        assert [fault.field for fault in refused.value.faults] == ["email", "name", "password"]


class TestSessions:
    @pytest.mark.usefixtures("signed")
    async def test_a_wrong_password_is_audited_without_saying_whose(self, world: World) -> None:
        for email in (ADA, "nobody@example.org"):
            assert await refusal(world.core.auth.sign_in(email, OTHER)) == (
                Unauthenticated,
                "wrong_credentials",
            )
        entries = [each for each in await world.store.rows().find(AuditEntry) if not each.allowed]

        assert [(each.actor_id, each.subject_id) for each in entries] == [(None, None)] * 2

    async def test_each_sign_in_is_a_session_of_its_own(self, world: World, signed: SignedIn) -> None:
        again = await world.core.auth.sign_in(ADA, PASSWORD)
        page = await acting(world, again).sessions.list()

        assert [each.id for each in page.items] == [signed.session.id, again.session.id]

    async def test_a_refresh_token_is_good_once_and_gives_the_next(
        self, world: World, signed: SignedIn
    ) -> None:
        world.clock.advance(minutes=10)
        second = await world.core.auth.refresh(signed.refresh_token)
        world.clock.advance(minutes=10)
        third = await world.core.auth.refresh(second.refresh_token)

        assert len({signed.refresh_token, second.refresh_token, third.refresh_token}) == 3
        assert third.session.id == signed.session.id
        assert third.session.expires_at > signed.session.expires_at

    async def test_within_its_grace_a_spent_token_gives_the_same_successor(
        self, world: World, signed: SignedIn
    ) -> None:
        first = await world.core.auth.refresh(signed.refresh_token)
        world.clock.advance(seconds=9.9)
        again = await world.core.auth.refresh(signed.refresh_token)

        assert again.refresh_token == first.refresh_token
        assert len(await world.store.rows().find(RefreshToken)) == 2

    async def test_after_its_grace_a_spent_token_ends_its_family_and_no_other(
        self, world: World, signed: SignedIn
    ) -> None:
        other = await world.core.auth.sign_in(ADA, PASSWORD)
        newest = await world.core.auth.refresh(signed.refresh_token)
        world.clock.advance(seconds=10)

        assert await refusal(world.core.auth.refresh(signed.refresh_token)) == OVER
        assert await refusal(world.core.auth.refresh(newest.refresh_token)) == OVER
        assert await refusal(acting(world, newest).me.get()) == (Unauthenticated, "unauthenticated")
        assert await acting(world, other).me.get() == signed.user
        assert ("auth.sign_up_in_out", False, {"reused": True}) in await audited(world)
        assert (await world.core.auth.refresh(other.refresh_token)).session.id == other.session.id

    async def test_a_session_outlives_thirty_days_only_if_it_is_used(
        self, world: World, signed: SignedIn
    ) -> None:
        world.clock.advance(days=29)
        second = await world.core.auth.refresh(signed.refresh_token)
        world.clock.advance(days=29)
        third = await world.core.auth.refresh(second.refresh_token)
        world.clock.advance(days=30)

        assert await refusal(world.core.auth.refresh(third.refresh_token)) == OVER

    @pytest.mark.usefixtures("signed")
    async def test_signing_in_clears_away_what_ended_long_ago(self, world: World) -> None:
        world.clock.advance(days=31)
        fresh = await world.core.auth.sign_in(ADA, PASSWORD)

        assert [each.id for each in await world.store.rows().find(Session)] == [fresh.session.id]
        assert len(await world.store.rows().find(RefreshToken)) == 1

    async def test_signing_out_ends_the_session_at_once(self, world: World, signed: SignedIn) -> None:
        me = acting(world, signed)
        await world.core.auth.sign_out(signed.refresh_token)
        await world.core.auth.sign_out(signed.refresh_token)
        await world.core.auth.sign_out("tcr_nonsense")

        assert await refusal(me.me.get()) == (Unauthenticated, "unauthenticated")
        assert await refusal(world.core.auth.refresh(signed.refresh_token)) == OVER

    async def test_one_ends_ones_own_sessions_only(self, world: World, signed: SignedIn) -> None:
        eve = await world.core.auth.sign_up("eve@example.org", name="Eve", password=PASSWORD)
        for nobody in (signed.session.id, "nonsense", eve.user.id):
            assert await refusal(acting(world, eve).sessions.revoke(nobody)) == (NotFound, "not_found")
        await acting(world, signed).sessions.revoke(str(signed.session.id))

        assert await refusal(acting(world, signed).me.get()) == (Unauthenticated, "unauthenticated")

    async def test_a_disabled_account_refreshes_nothing(self, world: World, signed: SignedIn) -> None:
        await world.core.users.disable(ADA)

        assert await refusal(world.core.auth.refresh(signed.refresh_token)) == OVER
        await world.core.users.enable(ADA)
        assert await refusal(world.core.auth.refresh(signed.refresh_token)) == OVER, "its sessions ended"

    async def test_no_text_of_a_token_is_kept(self, world: World, signed: SignedIn) -> None:
        await world.core.auth.request_reset(ADA)
        _, api = await acting(world, signed).tokens.create("ci")
        kept = repr([world.store._tables.kinds[kind].rows for kind in world.store._tables.kinds])  # type: ignore[attr-defined]

        for text in (signed.refresh_token, api, world.mailbox.token(ADA), PASSWORD):
            assert text not in kept
        assert signed.refresh_token not in repr(signed)


class TestMailedTokens:
    async def test_a_reset_sets_a_new_password_once_and_ends_every_session(
        self, world: World, signed: SignedIn
    ) -> None:
        await world.core.auth.request_reset(ADA.upper())
        token = world.mailbox.token(ADA)
        await world.core.auth.reset(token, OTHER)

        assert await refusal(world.core.auth.reset(token, "a third password")) == NO_TOKEN
        assert await refusal(acting(world, signed).me.get()) == (Unauthenticated, "unauthenticated")
        assert await refusal(world.core.auth.refresh(signed.refresh_token)) == OVER
        assert await refusal(world.core.auth.sign_in(ADA, PASSWORD)) == (Unauthenticated, "wrong_credentials")
        assert (await world.core.auth.sign_in(ADA, OTHER)).user.email_verified_at is not None
        assert world.mailbox.sent[-1].subject == "Your password was changed"

    @pytest.mark.usefixtures("signed")
    async def test_a_reset_lives_an_hour_and_only_the_last_one_asked_for(self, world: World) -> None:
        await world.core.auth.request_reset(ADA)
        first = world.mailbox.token(ADA)
        await world.core.auth.request_reset(ADA)
        second = world.mailbox.token(ADA)
        assert await refusal(world.core.auth.reset(first, OTHER)) == NO_TOKEN
        world.clock.advance(minutes=60)

        assert await refusal(world.core.auth.reset(second, OTHER)) == NO_TOKEN

    @pytest.mark.usefixtures("signed")
    async def test_a_weak_password_leaves_the_token_good(self, world: World) -> None:
        await world.core.auth.request_reset(ADA)
        token = world.mailbox.token(ADA)
        assert await refusal(world.core.auth.reset(token, "password")) == (Invalid, "invalid")

        await world.core.auth.reset(token, OTHER)

    async def test_an_unknown_address_gets_no_mail_and_leaves_as_much(self, world: World) -> None:
        await world.core.auth.request_reset("nobody@example.org")
        await world.core.auth.request_reset("nobody@example.org")

        assert world.mailbox.sent == []
        kept = await world.store.rows().find(EmailToken)
        assert [(each.email, each.user_id) for each in kept] == [("nobody@example.org", None)] * 2

    async def test_a_service_account_has_no_password_to_reset(self, world: World) -> None:
        bot = await world.core.users.register("bot@example.org", name="Bot", password=None)
        await world.core.auth.request_reset(bot.email)

        assert world.mailbox.sent == []
        assert await refusal(world.core.auth.sign_in(bot.email, "")) == (Unauthenticated, "wrong_credentials")

    async def test_a_verification_is_good_once_for_a_day_and_for_nothing_else(
        self, world: World, signed: SignedIn
    ) -> None:
        token = world.mailbox.token(ADA)
        assert signed.user.email_verified_at is None
        assert await refusal(world.core.auth.reset(token, OTHER)) == NO_TOKEN
        await world.core.auth.verify_email(token)

        assert (await acting(world, signed).me.get()).email_verified_at == world.clock.now
        assert await refusal(world.core.auth.verify_email(token)) == NO_TOKEN

    async def test_a_verification_is_late_after_a_day_and_can_be_asked_for_anew(
        self, world: World, signed: SignedIn
    ) -> None:
        late = world.mailbox.token(ADA)
        world.clock.advance(days=1)
        assert await refusal(world.core.auth.verify_email(late)) == NO_TOKEN
        await acting(world, signed).me.request_verification()
        await world.core.auth.verify_email(world.mailbox.token(ADA))
        sent = len(world.mailbox.sent)
        await acting(world, signed).me.request_verification()

        assert len(world.mailbox.sent) == sent, "nothing is left to verify"

    async def test_a_verification_of_an_address_that_was_left_verifies_nothing(
        self, world: World, signed: SignedIn
    ) -> None:
        old = world.mailbox.token(ADA)
        await acting(world, signed).me.edit(email="countess@example.org", current=PASSWORD)

        assert await refusal(world.core.auth.verify_email(old)) == NO_TOKEN
        assert (await acting(world, signed).me.get()).email_verified_at is None


class TestApiTokens:
    async def test_a_token_stands_for_its_user_with_its_scopes(self, world: World, signed: SignedIn) -> None:
        token, text = await acting(world, signed).tokens.create("ci", scopes=["read", "tasks:write", "read"])
        actor, until = await world.core.auth.api_token(text)

        assert token.scopes == ("read", "tasks:write")
        assert (token.hint, token.token_hash) != (text, text)
        assert actor == Actor(signed.user.id, token_id=token.id, scopes=frozenset(token.scopes))
        assert until is None

    @pytest.mark.parametrize("damage", ["", "tca_", "x" * 60, "tcr_{}", "{}0", "{} ", "tca_é"])
    async def test_what_is_no_token_is_refused(self, world: World, signed: SignedIn, damage: str) -> None:
        _, text = await acting(world, signed).tokens.create("ci")

        assert await refusal(world.core.auth.api_token(damage.format(text[4:]))) == (
            Unauthenticated,
            "unauthenticated",
        )

    async def test_a_mistyped_token_is_known_without_a_look(self) -> None:
        good = written(API, "0123456789abcdef")

        assert well_formed(good, API)
        assert not any(
            well_formed(good[:place] + ("0" if good[place] != "0" else "1") + good[place + 1 :], API)
            for place in range(len(good))
        )

    async def test_it_ends_when_it_should(self, world: World, signed: SignedIn) -> None:
        me = acting(world, signed)
        soon = world.clock.now.replace(hour=12)
        _, text = await me.tokens.create("ci", expires_at=soon)
        assert (await world.core.auth.api_token(text))[1] == soon
        world.clock.now = soon

        assert await refusal(world.core.auth.api_token(text)) == (Unauthenticated, "unauthenticated")
        assert await refusal(me.tokens.create("ci", expires_at=soon)) == (Invalid, "invalid")
        assert await refusal(me.tokens.create("ci", expires_at=soon.replace(tzinfo=None))) == (
            Invalid,
            "invalid",
        )

    async def test_its_use_is_noted_once_an_hour(self, world: World, signed: SignedIn) -> None:
        me = acting(world, signed)
        _, text = await me.tokens.create("ci")
        first = world.clock.now
        await world.core.auth.api_token(text)
        world.clock.advance(minutes=30)
        await world.core.auth.api_token(text)
        assert (await me.tokens.list()).items[0].used_at == first
        world.clock.advance(minutes=31)
        await world.core.auth.api_token(text)

        assert (await me.tokens.list()).items[0].used_at == world.clock.now

    @pytest.mark.parametrize("scopes", [[], ["everything"], ["read", "tasks:admin"], ["READ"]])
    async def test_unknown_scopes_are_named(self, world: World, signed: SignedIn, scopes: list[str]) -> None:
        with pytest.raises(Invalid) as refused:
            await acting(world, signed).tokens.create("", scopes=scopes)

        assert [fault.field for fault in refused.value.faults] == ["name", "scopes"]

    async def test_a_token_makes_no_token_and_changes_no_credential(
        self, world: World, signed: SignedIn
    ) -> None:
        _, text = await acting(world, signed).tokens.create("ci", scopes=["admin"])
        program = world.core.acting_as((await world.core.auth.api_token(text))[0])
        attempts: list[Any] = [
            program.tokens.create("more"),
            program.me.change_password(PASSWORD, OTHER),
            program.me.edit(email="eve@example.org", current=PASSWORD),
            program.me.delete(),
            program.sessions.list(),
            program.sessions.revoke(signed.session.id),
        ]

        for attempt in attempts:
            assert await refusal(attempt) == (Forbidden, "insufficient_scope")

    async def test_a_token_may_take_itself_back(self, world: World, signed: SignedIn) -> None:
        token, text = await acting(world, signed).tokens.create("ci", scopes=["tasks:read"])
        program = world.core.acting_as((await world.core.auth.api_token(text))[0])
        await program.tokens.revoke(token.id)

        assert await refusal(program.me.get()) == (Unauthenticated, "unauthenticated")
        assert await refusal(world.core.auth.api_token(text)) == (Unauthenticated, "unauthenticated")
        assert (await acting(world, signed).tokens.list()).items == []


class TestOtherIssuers:
    VOUCHED = ExternalIdentity("https://id.example.org", "42", ADA, email_verified=True, name="Ada")

    async def test_who_is_new_gets_an_account_and_is_known_from_then_on(self, world: World) -> None:
        actor = await world.core.auth.external(self.VOUCHED)
        again = await world.core.auth.external(attrs.evolve(self.VOUCHED, email="other@example.org"))

        assert actor == again
        user = await world.core.acting_as(actor).me.get()
        assert (user.email, user.name, user.email_verified_at) == (ADA, "Ada", world.clock.now)

    async def test_another_issuer_with_the_same_subject_is_somebody_else(self, world: World) -> None:
        one = await world.core.auth.external(self.VOUCHED)
        other = await world.core.auth.external(
            attrs.evolve(self.VOUCHED, issuer="https://other.example.org", email="bob@example.org")
        )

        assert one != other

    @pytest.mark.parametrize("less", [{"email_verified": False}, {"email": None}, {"email": "no address"}])
    async def test_who_is_not_vouched_for_gets_in_nowhere(self, world: World, less: dict[str, Any]) -> None:
        assert await refusal(world.core.auth.external(attrs.evolve(self.VOUCHED, **less))) == (
            Unauthenticated,
            "unauthenticated",
        )
        assert await world.store.rows().find(User) == []

    async def test_an_address_is_the_same_person_only_if_both_sides_verified_it(
        self, world: World, signed: SignedIn
    ) -> None:
        assert await refusal(world.core.auth.external(self.VOUCHED)) == (Unauthenticated, "unauthenticated")
        await world.core.auth.verify_email(world.mailbox.token(ADA))

        assert await world.core.auth.external(self.VOUCHED) == Actor(signed.user.id)

    async def test_sign_up_being_closed_holds_for_them_too(self) -> None:
        world = World(resolve(STORES, "memory://")("memory://"), signup="closed")

        assert await refusal(world.core.auth.external(self.VOUCHED)) == (Forbidden, "signup_closed")

    async def test_a_disabled_account_is_shut_for_them_too(self, world: World) -> None:
        actor = await world.core.auth.external(self.VOUCHED)
        await world.core.users.disable(ADA)

        assert await refusal(world.core.acting_as(actor).me.get()) == (Unauthenticated, "unauthenticated")

"""Signing up, in and out over HTTP; tokens of programs and of other issuers; security's record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from taskcore.testing import FakeClock
from taskcore_app.container import Container
from taskcore_http import build, from_settings
from tests.entry.http.conftest import PASSWORD, Person, made, serving, settings_for
from tests.servers.oidc import Issuer, oidc_issuer
from tests.servers.redis import redis_server
from tests.servers.smtp import SmtpServer, smtp_server, text_of

OTHER = "battery staple horse"


def log_in(http: httpx.Client, email: str, password: str = PASSWORD) -> dict[str, Any]:
    said = http.post("/v1/auth/login", json={"email": email, "password": password})
    assert said.status_code == 200, said.text
    body: dict[str, Any] = said.json()
    return body


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def status_of(http: httpx.Client, token: str) -> int:
    return http.get("/v1/me", headers=bearer(token)).status_code


class TestSessions:
    def test_fifty_refreshes_at_once_give_one_successor(self, ada: Person, stranger: httpx.Client) -> None:
        token = log_in(stranger, ada.email)["refresh_token"]

        def refresh(_: int) -> httpx.Response:
            return httpx.post(f"{stranger.base_url}/v1/auth/refresh", json={"refresh_token": token})

        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(refresh, range(50)))

        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1
        assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}

    def test_a_log_out_holds_from_the_next_request_on(self, ada: Person, stranger: httpx.Client) -> None:
        signed, other = log_in(stranger, ada.email), log_in(stranger, ada.email)
        assert status_of(stranger, signed["access_token"]) == 200
        out = stranger.post("/v1/auth/logout", json={"refresh_token": signed["refresh_token"]})

        assert out.status_code == 204
        assert status_of(stranger, signed["access_token"]) == 401
        again = stranger.post("/v1/auth/refresh", json={"refresh_token": signed["refresh_token"]})
        assert (again.status_code, again.json()["code"]) == (401, "invalid_refresh_token")
        assert status_of(stranger, other["access_token"]) == 200
        assert stranger.post("/v1/auth/logout", json={"refresh_token": "nonsense"}).status_code == 204

    def test_sessions_are_listed_and_ended_one_by_one(self, ada: Person, stranger: httpx.Client) -> None:
        signed = log_in(stranger, ada.email)
        sessions = ada.get("/v1/me/sessions?count=true").json()
        assert (sessions["total"], len(sessions["items"])) == (2, 2)
        assert sessions["items"][1]["origin"].startswith("127.0.0.1 python-httpx")
        assert ada.delete(f"/v1/me/sessions/{sessions['items'][1]['id']}").status_code == 204

        assert status_of(stranger, signed["access_token"]) == 401
        assert ada.get("/v1/me").status_code == 200

    def test_a_new_password_ends_every_session(self, ada: Person, stranger: httpx.Client) -> None:
        signed = log_in(stranger, ada.email)
        wrong = ada.post("/v1/auth/password", {"current": OTHER, "password": OTHER})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/current")
        changed = ada.post("/v1/auth/password", {"current": PASSWORD, "password": OTHER})

        assert changed.status_code == 204
        assert [ada.get("/v1/me").status_code, status_of(stranger, signed["access_token"])] == [401, 401]
        assert log_in(stranger, ada.email, OTHER)["user"]["id"] == ada.id

    def test_an_account_can_be_deleted_by_its_owner_alone(
        self, ada: Person, team: dict[str, Any], join: Callable[[str, str], Person]
    ) -> None:
        bob = join("Bob", "member")
        assert bob.delete("/v1/me").status_code == 204
        assert bob.get("/v1/me").status_code == 401
        refused = ada.delete("/v1/me")

        assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")
        assert refused.json()["teams"] == [team["key"]]

    def test_the_public_keys_check_our_tokens(self, ada: Person, stranger: httpx.Client) -> None:
        keys = stranger.get("/.well-known/jwks.json").json()
        token = ada.http.headers["authorization"].removeprefix("Bearer ")
        decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["Ed25519"])

        assert decoded.claims["sub"] == ada.id
        assert decoded.header["typ"] == "at+jwt"
        assert "d" not in keys["keys"][0]


class TestMail:
    @pytest.fixture
    def smtp(self) -> Iterator[SmtpServer]:
        with smtp_server() as server:
            yield server

    @pytest.fixture
    def mailing(self, smtp: SmtpServer, tmp_path: Path) -> Iterator[httpx.Client]:
        settings = settings_for(f"sqlite:///{tmp_path}/tasks.db", tmp_path, mail=smtp.url, jobs="inline://")
        with serving(from_settings(settings)) as at, httpx.Client(base_url=at) as http:
            yield http

    def token_in(self, smtp: SmtpServer, subject: str, to: str = "ada@example.org") -> str:
        def arrived() -> list[EmailMessage]:
            return [each for each in smtp.messages if each["subject"] == subject and each["to"] == to]

        smtp.wait_until(lambda: bool(arrived()))
        text = text_of(arrived()[-1])
        found = re.search(r"^ {4}(\S+)$", text, re.MULTILINE)
        assert found is not None, text
        return found[1]

    def sign_up(self, http: httpx.Client, name: str) -> httpx.Response:
        body = {"email": f"{name}@example.org", "name": name, "password": PASSWORD}
        return http.post("/v1/auth/signup", json=body)

    def test_a_password_is_set_anew_by_mail(self, mailing: httpx.Client, smtp: SmtpServer) -> None:
        signed = self.sign_up(mailing, "ada").json()
        asked = [
            mailing.post("/v1/auth/password-reset", json={"email": f"{who}@example.org"})
            for who in ("ada", "nobody")
        ]
        assert [(each.status_code, each.content) for each in asked] == [(202, b""), (202, b"")]
        body = {"token": self.token_in(smtp, "A new password"), "password": OTHER}

        assert mailing.post("/v1/auth/password-reset/confirm", json=body).status_code == 204
        again = mailing.post("/v1/auth/password-reset/confirm", json=body)
        assert (again.status_code, again.json()["code"]) == (422, "invalid_token")
        assert status_of(mailing, signed["access_token"]) == 401
        assert log_in(mailing, "ada@example.org", OTHER)["user"]["email_verified_at"] is not None
        assert not [each for each in smtp.messages if each["to"] == "nobody@example.org"]

    def test_moving_to_a_known_address_looks_like_moving_to_a_new_one(
        self, mailing: httpx.Client, smtp: SmtpServer
    ) -> None:
        signed, _ = (self.sign_up(mailing, name).json() for name in ("ada", "bob"))
        headers = {"authorization": f"Bearer {signed['access_token']}"}
        known, new = (
            mailing.patch("/v1/me", json={"email": to, "current": PASSWORD}, headers=headers)
            for to in ("bob@example.org", "countess@example.org")
        )

        assert (known.status_code, known.content) == (new.status_code, new.content)
        assert {**known.headers, "x-request-id": "", "ratelimit": ""} == {
            **new.headers,
            "x-request-id": "",
            "ratelimit": "",
        }
        token = self.token_in(smtp, "Is this your address?", "countess@example.org")
        assert mailing.post("/v1/auth/verify-email", json={"token": token}).status_code == 204
        assert mailing.get("/v1/me", headers=headers).json()["email"] == "countess@example.org"

    def test_signing_up_with_a_known_address_looks_like_a_new_one(
        self, mailing: httpx.Client, smtp: SmtpServer
    ) -> None:
        first, known = self.sign_up(mailing, "ada"), self.sign_up(mailing, "ada")
        smtp.wait_until(lambda: any("already" in each["subject"] for each in smtp.messages))

        assert known.status_code == first.status_code == 201
        assert {*known.headers} == {*first.headers}
        assert known.json().keys() == first.json().keys()
        assert len(known.content) == len(first.content)
        assert status_of(mailing, known.json()["access_token"]) == 401

    def test_one_joins_by_a_verified_address_only(self, mailing: httpx.Client, smtp: SmtpServer) -> None:
        boss, ada = (bearer(self.sign_up(mailing, name).json()["access_token"]) for name in ("boss", "ada"))
        team = made(mailing.post("/v1/teams", json={"name": "T", "key": "TT"}, headers=boss))
        verify_ada = self.token_in(smtp, "Is this your address?")
        asked = {"email": "ada@example.org", "role": "member"}
        made(mailing.post(f"/v1/teams/{team['id']}/invitations", json=asked, headers=boss))
        ticket = {"token": self.token_in(smtp, "boss invites you to T")}
        early = mailing.post("/v1/invitations/accept", json=ticket, headers=ada)
        assert (early.status_code, early.json()["code"]) == (403, "email_unverified")
        verified = mailing.post("/v1/auth/verify-email", json={"token": verify_ada})
        assert verified.status_code == 204

        assert mailing.post("/v1/invitations/accept", json=ticket, headers=ada).status_code == 200


class TestApiTokens:
    def test_a_token_does_what_its_scopes_say_until_it_is_taken_back(
        self, ada: Person, team: dict[str, Any], stranger: httpx.Client
    ) -> None:
        made_token = ada.post("/v1/me/tokens", {"name": "ci", "scopes": ["read"], "team_id": team["key"]})
        token = made(made_token)
        program = bearer(token["token"])
        assert "token_hash" not in token
        assert made_token.headers["cache-control"] == "no-store"
        listed = ada.get("/v1/me/tokens").json()["items"]
        assert [(each["id"], each["hint"], "token" in each) for each in listed] == [
            (token["id"], token["hint"], False)
        ]
        assert stranger.get(f"/v1/tasks?team={team['key']}", headers=program).status_code == 200
        refused = stranger.post("/v1/tasks", json={"team_id": team["id"], "title": "x"}, headers=program)
        assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
        assert ada.delete(f"/v1/me/tokens/{token['id']}").status_code == 204

        assert stranger.get("/v1/teams", headers=program).status_code == 401

    def test_an_admin_takes_back_the_tokens_of_members(
        self, ada: Person, team: dict[str, Any], join: Callable[[str, str], Person], stranger: httpx.Client
    ) -> None:
        bob = join("Bob", "member")
        token = made(bob.post("/v1/me/tokens", {"name": "ci", "team_id": team["id"]}))
        seen = ada.get(f"/v1/teams/{team['key']}/tokens").json()["items"]
        assert [each["id"] for each in seen] == [token["id"]]
        assert bob.get(f"/v1/teams/{team['key']}/tokens").status_code == 403
        assert ada.delete(f"/v1/teams/{team['key']}/tokens/{token['id']}").status_code == 204

        assert stranger.get("/v1/me", headers=bearer(token["token"])).status_code == 401


class TestOtherIssuers:
    @pytest.fixture
    def issuer(self) -> Iterator[Issuer]:
        with oidc_issuer() as running:
            yield running

    @pytest.fixture
    def accepting(self, issuer: Issuer, tmp_path: Path) -> Iterator[httpx.Client]:
        given = {"oidc_issuer": issuer.url, "oidc_audience": "taskcore"}
        settings = settings_for(f"sqlite:///{tmp_path}/tasks.db", tmp_path, **given)
        with serving(from_settings(settings)) as at, httpx.Client(base_url=at) as http:
            yield http

    @pytest.mark.parametrize("key", ["rsa", "ec", "ed25519"])
    def test_their_token_is_an_account_here(self, accepting: httpx.Client, issuer: Issuer, key: str) -> None:
        first = accepting.get("/v1/me", headers=bearer(issuer.token(key=key)))
        again = accepting.get("/v1/me", headers=bearer(issuer.token(key=key)))

        assert (first.status_code, first.json()["email"]) == (200, "ada@example.org")
        assert first.json()["id"] == again.json()["id"]
        assert made(
            accepting.post("/v1/teams", json={"name": "Team One"}, headers=bearer(issuer.token(key=key)))
        )

    def test_what_they_did_not_sign_for_us_is_refused(self, accepting: httpx.Client, issuer: Issuer) -> None:
        now = datetime.now(UTC)
        for wrong in (
            issuer.token(aud="somebody-else"),
            issuer.token(at=now - timedelta(hours=1)),
            issuer.token(email_verified=False, sub="another"),
            issuer.token() + "x",
        ):
            assert accepting.get("/v1/me", headers=bearer(wrong)).status_code == 401

    def test_their_keys_may_change_while_we_serve(self, accepting: httpx.Client, issuer: Issuer) -> None:
        old = issuer.token()
        assert accepting.get("/v1/me", headers=bearer(old)).status_code == 200
        asked = issuer.requests.copy()
        issuer.down = True

        assert accepting.get("/v1/me", headers=bearer(old)).status_code == 200
        assert issuer.requests == asked, "known keys are not asked for again"


class TestTime:
    """Where hours pass in a moment."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock(datetime.now(UTC))

    @pytest.fixture
    def http(self, clock: FakeClock, tmp_path: Path) -> Iterator[httpx.Client]:
        settings = settings_for("memory://", tmp_path)
        parts = Container(settings=settings, clock=clock)
        app = build(parts.core(), parts.tokens(), settings, limiter=parts.limiter(), clock=clock)
        with serving(app) as at, httpx.Client(base_url=at) as http:
            yield http

    def test_a_spent_token_used_after_its_grace_ends_its_family_alone(
        self, http: httpx.Client, clock: FakeClock
    ) -> None:
        body = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
        other = http.post("/v1/auth/signup", json=body).json()
        signed = log_in(http, "ada@example.org")
        spent = {"refresh_token": signed["refresh_token"]}
        newest = http.post("/v1/auth/refresh", json=spent).json()
        clock.advance(seconds=11)

        assert http.post("/v1/auth/refresh", json=spent).status_code == 401
        assert status_of(http, newest["access_token"]) == 401
        follow = {"refresh_token": newest["refresh_token"]}
        assert http.post("/v1/auth/refresh", json=follow).status_code == 401
        assert status_of(http, other["access_token"]) == 200

    def test_an_access_token_lives_fifteen_minutes(self, http: httpx.Client, clock: FakeClock) -> None:
        body = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
        signed = http.post("/v1/auth/signup", json=body).json()
        clock.advance(minutes=14, seconds=58)
        assert status_of(http, signed["access_token"]) == 200
        clock.advance(seconds=2)

        assert status_of(http, signed["access_token"]) == 401
        renewed = http.post("/v1/auth/refresh", json={"refresh_token": signed["refresh_token"]}).json()
        assert status_of(http, renewed["access_token"]) == 200


class TestLimits:
    def test_one_address_may_sign_in_so_often_and_another_still_may(self, tmp_path: Path) -> None:
        """A brute force is slowed down, and whoever it is aimed at comes in from elsewhere."""
        given = {"rate_auth": "5/hour", "trusted_proxies": "127.0.0.1"}
        with serving(from_settings(_read(tmp_path, **given))) as at, httpx.Client(base_url=at) as http:
            signed = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
            http.post("/v1/auth/signup", json=signed, headers={"x-forwarded-for": "203.0.113.1"})
            guess = {"email": "ada@example.org", "password": OTHER}
            attacker = {"x-forwarded-for": "10.9.9.9, 198.51.100.7"}
            tried = [http.post("/v1/auth/login", json=guess, headers=attacker) for _ in range(8)]
            right = {"email": "ada@example.org", "password": PASSWORD}
            victim = http.post("/v1/auth/login", json=right, headers={"x-forwarded-for": "203.0.113.1"})

        assert [each.status_code for each in tried] == [401] * 5 + [429] * 3
        assert tried[0].headers["ratelimit-policy"] == '"auth";q=5;w=3600'
        assert tried[0].headers["ratelimit"].startswith('"auth";r=4;t=')
        assert int(tried[-1].headers["retry-after"]) in range(1, 721)
        assert tried[-1].json()["code"] == "rate_limited"
        assert victim.status_code == 200

    def test_who_forwards_for_whom_is_believed_of_trusted_proxies_only(self, tmp_path: Path) -> None:
        with (
            serving(from_settings(_read(tmp_path, rate_auth="3/hour"))) as at,
            httpx.Client(base_url=at) as http,
        ):
            guess = {"email": "ada@example.org", "password": OTHER}
            tried = [
                http.post("/v1/auth/login", json=guess, headers={"x-forwarded-for": f"203.0.113.{place}"})
                for place in range(5)
            ]

        assert [each.status_code for each in tried] == [401] * 3 + [429] * 2

    def test_each_user_has_a_bucket_of_their_own(self, tmp_path: Path) -> None:
        given = {"rate_user": "1/hour burst 3", "rate_auth": "off"}
        with serving(from_settings(_read(tmp_path, **given))) as at, httpx.Client(base_url=at) as http:
            tokens = []
            for name in ("ada", "bob"):
                body = {"email": f"{name}@example.org", "name": name, "password": PASSWORD}
                tokens.append(http.post("/v1/auth/signup", json=body).json()["access_token"])
            mine = [http.get("/v1/me", headers=bearer(tokens[0])) for _ in range(5)]
            theirs = http.get("/v1/me", headers=bearer(tokens[1]))

        assert [each.status_code for each in mine] == [200] * 3 + [429] * 2
        assert mine[0].headers["ratelimit-policy"] == '"user";q=3;w=10800'
        assert theirs.status_code == 200

    def test_redis_stopped_in_the_midst_costs_nobody_an_answer(self, tmp_path: Path) -> None:
        with redis_server() as redis:
            given = {"cache": redis.url, "rate_user": "100/s burst 1000", "rate_auth": "1000/s"}
            with serving(from_settings(_read(tmp_path, **given))) as at, httpx.Client(base_url=at) as http:
                body = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
                token = http.post("/v1/auth/signup", json=body).json()["access_token"]

                def ask(_: int) -> int:
                    return http.get("/v1/me", headers=bearer(token)).status_code

                with ThreadPoolExecutor(8) as pool:
                    answers = list(pool.map(ask, range(100)))
                    redis.stop()
                    answers += list(pool.map(ask, range(200)))
                    redis.start()
                    answers += list(pool.map(ask, range(100)))

        assert {*answers} == {200}


def _read(folder: Path, **given: str) -> Any:
    """Settings as the environment would give them."""
    from taskcore_app.settings import load_settings  # noqa: PLC0415  here only

    environ = {
        "HOME": str(folder),
        "TASKCORE_STORE": "memory://",
        "TASKCORE_HASHER": "argon2://?m=8&t=1&p=1",
        **{f"TASKCORE_{name.upper()}": value for name, value in given.items()},
    }
    return load_settings({}, environ, folder).settings


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/v1/me", "/healthz", "/docs", "/problems/conflict", "/nowhere", "/v1/tasks"]
    )
    def test_browsers_are_told_what_not_to_do(self, ada: Person, path: str) -> None:
        headers = ada.get(path).headers

        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers.get_list("content-security-policy") == [headers["content-security-policy"]]

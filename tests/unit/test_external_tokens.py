"""Tokens of an OpenID provider, a real one on loopback: whom it vouches for, and how often it is asked for its keys."""

from __future__ import annotations

import gzip
import json
import logging
import sys
from asyncio import create_task, gather, to_thread
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskcore.connect import resolve
from taskcore.errors import Invalid, TaskCoreError, Unauthenticated, Unavailable
from taskcore.identity.model import ExternalIdentity
from taskcore_app import tokens as port
from taskcore_crypto import ExternalTokens, external_tokens, provider
from taskcore_crypto.provider import MOST_ANSWER_BYTES
from tests.servers.oidc import DISCOVERY, GONE, JWKS, Issuer, Key, oidc_issuer

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    with oidc_issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(running: Issuer) -> Issuer:
    """The provider, up and with nothing odd about it, as if nobody had asked it before."""
    running.requests.clear()
    running.answers.clear()
    running.down = False
    running.discovery = {"issuer": running.url, "jwks_uri": running.url + JWKS}
    running.jwks = {"keys": [key.jwk for key in running.keys.values()]}
    return running


@pytest.fixture
def tokens(issuer: Issuer) -> ExternalTokens:
    return ExternalTokens(issuer=issuer.url, audience="taskcore")


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def accepts(tokens: ExternalTokens, token: str, now: datetime = NOW) -> bool:
    return (await tokens.verify(token, now)).subject == "ada-at-the-issuer"


async def refuses(tokens: ExternalTokens, token: str, now: datetime = NOW) -> TaskCoreError:
    with pytest.raises(TaskCoreError) as refused:
        await tokens.verify(token, now)
    return refused.value


@pytest.mark.parametrize("key", ["rsa", "ec", "ed25519"])
async def test_a_token_says_whom_the_provider_vouches_for(issuer: Issuer, key: str) -> None:
    tokens: port.ExternalTokens = ExternalTokens(issuer=issuer.url, audience="taskcore")
    ada = await tokens.verify(issuer.token(key=key, at=NOW), NOW)

    assert ada == ExternalIdentity(
        issuer.url, "ada-at-the-issuer", "ada@example.org", email_verified=True, name="Ada Lovelace"
    )


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "PS384", "PS512"])
async def test_every_algorithm_of_rsa_is_known(
    issuer: Issuer, tokens: ExternalTokens, algorithm: str
) -> None:
    key = Key("rsa too", algorithm, issuer.keys["rsa"].private)
    issuer.publish(key)

    assert await accepts(tokens, issuer.token(key=key, at=NOW))


@pytest.mark.parametrize(("algorithm", "curve"), [("ES384", "P-384"), ("ES512", "P-521")])
async def test_every_curve_is_known(
    issuer: Issuer, tokens: ExternalTokens, algorithm: str, curve: str
) -> None:
    key = Key.ec("ec too", algorithm, curve)
    issuer.publish(key)

    assert await accepts(tokens, issuer.token(key=key, at=NOW))


async def test_the_old_name_of_ed25519_is_known_without_a_warning(
    issuer: Issuer, tokens: ExternalTokens
) -> None:
    key = Key.ed25519("old", "EdDSA")
    issuer.publish(key)

    assert await accepts(tokens, issuer.token(key=key, at=NOW))


async def test_a_key_that_names_no_algorithm_is_good_for_all_of_its_kind(
    issuer: Issuer, tokens: ExternalTokens
) -> None:
    del issuer.jwks["keys"][0]["alg"]
    rs512 = Key(issuer.keys["rsa"].kid, "RS512", issuer.keys["rsa"].private)

    assert await accepts(tokens, issuer.token(key="rsa", at=NOW))
    assert await accepts(tokens, issuer.token(key=rs512, at=NOW))
    assert isinstance(
        await refuses(tokens, issuer.token(key="rsa", at=NOW, header={"alg": "ES256"})), Unauthenticated
    )


async def test_claims_are_looked_for_where_they_are_said_to_be(issuer: Issuer) -> None:
    where = {
        "subject": "oid",
        "name": "user_metadata.full_name",
        "email": "https://example.org/email",
        "email_verified": "a.b.c",
    }
    tokens = ExternalTokens(issuer=issuer.url, audience="taskcore", claims=where)
    otherwise: dict[str, Any] = {
        "oid": "ada-of-old",
        "user_metadata": {"full_name": "Augusta Ada King"},
        "https://example.org/email": "king@example.org",
        "a": {"b": {"c": True}},
    }
    token = issuer.token(at=NOW, **otherwise)

    assert await tokens.verify(token, NOW) == ExternalIdentity(
        issuer.url, "ada-of-old", "king@example.org", email_verified=True, name="Augusta Ada King"
    )


@pytest.mark.parametrize("value", [GONE, None, "", "  ", 1, True, ["a"], {"a": "b"}, "a\nb", "a\0", "\ud800"])
async def test_what_is_no_text_tells_neither_name_nor_address(
    issuer: Issuer, tokens: ExternalTokens, value: Any
) -> None:
    ada = await tokens.verify(issuer.token(at=NOW, name=value, email=value), NOW)

    assert (ada.name, ada.email) == (None, None)


@pytest.mark.parametrize("value", [GONE, None, False, "true", "True", 1, [True], {"": True}])
async def test_an_address_is_verified_only_if_the_provider_says_true(
    issuer: Issuer, tokens: ExternalTokens, value: Any
) -> None:
    assert not (await tokens.verify(issuer.token(at=NOW, email_verified=value), NOW)).email_verified


@pytest.mark.parametrize("between", [None, "text", ["full_name"], {"full_name": None}])
async def test_a_path_that_leads_nowhere_tells_nothing(issuer: Issuer, between: Any) -> None:
    tokens = ExternalTokens(
        issuer=issuer.url, audience="taskcore", claims={"name": "user_metadata.full_name"}
    )

    assert (await tokens.verify(issuer.token(at=NOW, user_metadata=between), NOW)).name is None


async def test_a_token_expires(issuer: Issuer, tokens: ExternalTokens) -> None:
    token = issuer.token(at=NOW)
    assert await accepts(tokens, token, at(299.9))

    assert "expired" in (await refuses(tokens, token, at(300))).message


async def test_nobody_learns_that_a_forged_token_has_expired(issuer: Issuer, tokens: ExternalTokens) -> None:
    forged = issuer.token(key=Key.rsa(issuer.keys["rsa"].kid), at=NOW)

    assert "expired" not in (await refuses(tokens, forged, at(300))).message


def test_whose_a_token_says_it_is_is_seen_without_any_key(issuer: Issuer, tokens: ExternalTokens) -> None:
    assert tokens.issued(issuer.token(key=Key.ed25519("unknown")))
    assert not tokens.issued(issuer.token(iss="https://elsewhere.example"))
    assert not tokens.issued(issuer.token(iss=[issuer.url]))
    assert not tokens.issued(issuer.token(note="x" * 16_384))
    assert not any(map(tokens.issued, ["", "..", "a.b.c", issuer.token() + ".", "tc_api_token", "\ud800.."]))
    assert not issuer.requests


async def test_keys_are_discovered_once_and_kept_for_ten_minutes(
    issuer: Issuer, tokens: ExternalTokens
) -> None:
    for seconds in range(0, 600, 60):
        await tokens.verify(issuer.token(at=at(seconds)), at(seconds))
    assert issuer.requests == {DISCOVERY: 1, JWKS: 1}

    await tokens.verify(issuer.token(at=at(600)), at(600))
    assert issuer.requests == {DISCOVERY: 2, JWKS: 2}


async def test_keys_are_fetched_again_when_the_clock_was_put_back(
    issuer: Issuer, tokens: ExternalTokens
) -> None:
    await tokens.verify(issuer.token(at=NOW), NOW)
    await tokens.verify(issuer.token(at=at(-3_600)), at(-3_600))

    assert issuer.requests[JWKS] == 2


async def test_nothing_is_discovered_where_the_keys_address_is_known(issuer: Issuer) -> None:
    tokens = ExternalTokens(issuer=issuer.url, audience="taskcore", jwks_url=issuer.url + JWKS)
    await tokens.verify(issuer.token(at=NOW), NOW)

    assert issuer.requests == {JWKS: 1}


async def test_an_issuer_may_end_in_a_slash(issuer: Issuer) -> None:
    issuer.discovery["issuer"] = issuer.url + "/"
    tokens = ExternalTokens(issuer=issuer.url + "/", audience="taskcore")

    assert await accepts(tokens, issuer.token(at=NOW, iss=issuer.url + "/"))
    assert isinstance(await refuses(tokens, issuer.token(at=NOW)), Unauthenticated)


async def test_new_keys_are_known_with_the_first_token_they_sign(
    issuer: Issuer, tokens: ExternalTokens
) -> None:
    old = issuer.token(at=NOW)
    await tokens.verify(old, NOW)
    issuer.rotate()

    assert await accepts(tokens, issuer.token(at=at(30)), at(30))
    assert isinstance(await refuses(tokens, old, at(31)), Unauthenticated)


async def test_unknown_keys_have_the_provider_asked_once_in_thirty_seconds(
    issuer: Issuer, tokens: ExternalTokens
) -> None:
    await tokens.verify(issuer.token(at=NOW), NOW)
    for number in range(90):
        forged = issuer.token(key="ec", at=NOW, header={"kid": f"forged {number}"})
        assert isinstance(await refuses(tokens, forged, at(number)), Unauthenticated)

    assert issuer.requests[JWKS] == 1 + 2


async def test_what_is_wrong_otherwise_has_no_keys_fetched(issuer: Issuer, tokens: ExternalTokens) -> None:
    wrongs: list[dict[str, Any]] = [{"iss": "https://elsewhere.example"}, {"aud": "billing"}, {"exp": None}]
    for wrong in [*wrongs, {"sub": ""}]:
        await refuses(tokens, issuer.token(at=NOW, **wrong))
    for header in ({"alg": "none"}, {"alg": "HS256"}, {"typ": "logout+jwt"}, {"crit": ["exp"]}):
        await refuses(tokens, issuer.token(at=NOW, header=header))

    assert not issuer.requests


async def test_all_who_need_the_keys_wait_for_one_request(issuer: Issuer, tokens: ExternalTokens) -> None:
    token = issuer.token(at=NOW)
    with issuer.slow() as held:
        waiting = [create_task(tokens.verify(token, NOW)) for _ in range(20)]
        await to_thread(held.wait)
        waiting.pop(0).cancel()
    found = await gather(*waiting)

    assert len(found) == 19
    assert issuer.requests == {DISCOVERY: 1, JWKS: 1}


async def test_the_last_keys_serve_while_the_provider_is_down(
    issuer: Issuer, tokens: ExternalTokens, caplog: pytest.LogCaptureFixture
) -> None:
    await tokens.verify(issuer.token(at=NOW), NOW)
    issuer.down = True
    with caplog.at_level(logging.WARNING, "taskcore_crypto"):
        for seconds in (600, 610, 629, 630):
            assert await accepts(tokens, issuer.token(at=at(seconds)), at(seconds))

    assert issuer.requests[DISCOVERY] == 1 + 2
    assert [issuer.url in record.getMessage() for record in caplog.records] == [True, True]


async def test_the_last_keys_do_not_serve_for_ever(issuer: Issuer, tokens: ExternalTokens) -> None:
    await tokens.verify(issuer.token(at=NOW), NOW)
    issuer.down = True
    assert await accepts(tokens, issuer.token(at=at(86_399)), at(86_399))

    assert isinstance(await refuses(tokens, issuer.token(at=at(86_400)), at(86_400)), Unavailable)


async def test_an_unknown_key_is_refused_while_the_provider_is_down(
    issuer: Issuer, tokens: ExternalTokens
) -> None:
    await tokens.verify(issuer.token(at=NOW), NOW)
    issuer.down = True
    forged = issuer.token(at=NOW, header={"kid": "unknown"})

    assert isinstance(await refuses(tokens, forged, at(60)), Unauthenticated)


async def test_without_any_keys_nobody_is_refused_for_good(issuer: Issuer, tokens: ExternalTokens) -> None:
    issuer.down = True
    token = issuer.token(at=NOW)
    first, second = await refuses(tokens, token), await refuses(tokens, token, at(29))
    assert isinstance(first, Unavailable)
    assert isinstance(second, Unavailable)
    assert issuer.requests == {DISCOVERY: 1}

    issuer.down = False
    assert await accepts(tokens, token, at(30))


async def test_no_answer_is_waited_for_longer_than_a_while(
    issuer: Issuer, tokens: ExternalTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "ANSWER_SECONDS", 0.05)
    with issuer.slow():
        assert isinstance(await refuses(tokens, issuer.token(at=NOW)), Unavailable)


async def test_a_redirect_is_not_followed(issuer: Issuer, tokens: ExternalTokens) -> None:
    issuer.answers[JWKS] = lambda: (302, {"Location": "/elsewhere"}, b"")
    issuer.answers["/elsewhere"] = lambda: (200, {}, json.dumps(issuer.jwks).encode())

    assert isinstance(await refuses(tokens, issuer.token(at=NOW)), Unavailable)
    assert issuer.requests == {DISCOVERY: 1, JWKS: 1}


async def test_an_answer_may_be_so_large_and_no_larger(issuer: Issuer) -> None:
    body = json.dumps(issuer.jwks).encode()
    issuer.answers[JWKS] = lambda: (200, {}, body.ljust(MOST_ANSWER_BYTES))
    assert await accepts(ExternalTokens(issuer=issuer.url, audience="taskcore"), issuer.token(at=NOW))

    issuer.answers[JWKS] = lambda: (200, {}, body.ljust(MOST_ANSWER_BYTES + 1))
    tokens = ExternalTokens(issuer=issuer.url, audience="taskcore")
    assert isinstance(await refuses(tokens, issuer.token(at=NOW)), Unavailable)


async def test_a_compressed_answer_is_not_blown_up(issuer: Issuer, tokens: ExternalTokens) -> None:
    body = gzip.compress(json.dumps(issuer.jwks).encode())
    issuer.answers[JWKS] = lambda: (200, {"Content-Encoding": "gzip"}, body)

    assert isinstance(await refuses(tokens, issuer.token(at=NOW)), Unavailable)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": null}',
        b'{"keys": [], "keys": []}',
        b"[" * 100_000,
        b"\xff",
    ],
)
async def test_what_is_no_key_set_is_no_answer(issuer: Issuer, tokens: ExternalTokens, body: bytes) -> None:
    issuer.answers[JWKS] = lambda: (200, {}, body)

    assert isinstance(await refuses(tokens, issuer.token(at=NOW)), Unavailable)


async def test_keys_that_are_all_withdrawn_prove_nothing_any_more(
    issuer: Issuer, tokens: ExternalTokens
) -> None:
    await tokens.verify(issuer.token(at=NOW), NOW)
    issuer.jwks["keys"] = []

    assert isinstance(await refuses(tokens, issuer.token(at=at(600)), at(600)), Unauthenticated)


async def test_odd_keys_are_passed_over(issuer: Issuer, tokens: ExternalTokens) -> None:
    rsa, ec, ed25519 = (dict(key, kid="odd") for key in issuer.jwks["keys"])
    odd: list[Any] = [
        None,
        "key",
        {},
        {"kid": "odd"},
        {"kid": "odd", "kty": "oct", "k": "AAAA"},
        {**rsa, "kty": ["RSA"]},
        {**rsa, "crv": {}},
        {**rsa, "n": 1},
        {**rsa, "n": "*"},
        {**rsa, "e": "AQ"},
        {**rsa, "alg": None},
        {**rsa, "alg": "RSA-OAEP"},
        {**rsa, "use": "enc"},
        {**rsa, "key_ops": "verify"},
        {**rsa, "kid": 1},
        {**rsa, "kid": ""},
        {name: value for name, value in rsa.items() if name != "n"},
        {**ec, "crv": "P-257"},
        {**ec, "crv": "secp256k1", "alg": "ES256K"},
        {**ec, "y": ec["x"]},
        {**ed25519, "x": "AA"},
        {**ed25519, "crv": "X25519"},
    ]
    issuer.jwks["keys"] = odd + issuer.jwks["keys"]

    assert await accepts(tokens, issuer.token(at=NOW))
    for kid in ("odd", ""):
        forged = issuer.token(at=NOW, header={"kid": kid})
        assert isinstance(await refuses(tokens, forged), Unauthenticated)


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": ["http://127.0.0.1/"]},
        {"jwks_uri": "/jwks.json"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://keys.example/jwks.json"},
        {"jwks_uri": "http://[::1"},
    ],
)
async def test_a_discovery_document_that_misleads_is_not_followed(
    issuer: Issuer, tokens: ExternalTokens, changed: dict[str, Any]
) -> None:
    issuer.discovery.update(changed)

    assert isinstance(await refuses(tokens, issuer.token(at=NOW)), Unavailable)
    assert issuer.requests == {DISCOVERY: 1}


@pytest.mark.parametrize("issuer_url", ["https://accounts.example.org", "http://127.0.0.1"])
@pytest.mark.parametrize("jwks_uri", ["http://keys.example/jwks.json", "http://10.0.0.1", "ftp://127.0.0.1"])
def test_keys_are_not_fetched_without_tls_from_another_machine(issuer_url: str, jwks_uri: str) -> None:
    asked = provider.Provider(issuer_url, None)

    with pytest.raises(ValueError, match="where the keys are"):
        asked._named_in({"issuer": issuer_url, "jwks_uri": jwks_uri})


def test_keys_of_an_issuer_with_tls_are_never_fetched_without() -> None:
    asked = provider.Provider("https://accounts.example.org", None)

    with pytest.raises(ValueError, match="without TLS"):
        asked._named_in({"issuer": "https://accounts.example.org", "jwks_uri": "http://127.0.0.1/jwks.json"})


async def test_closing_gives_up_what_is_being_fetched(issuer: Issuer, tokens: ExternalTokens) -> None:
    with issuer.slow() as held:
        waiting = create_task(tokens.verify(issuer.token(at=NOW), NOW))
        await to_thread(held.wait)
        await tokens.close()
        (given_up,) = await gather(waiting, return_exceptions=True)

    assert isinstance(given_up, BaseException)
    assert issuer.requests == {DISCOVERY: 1}


async def test_closing_what_never_asked_does_nothing(tokens: ExternalTokens) -> None:
    await tokens.close()


@pytest.mark.parametrize(
    "address",
    [
        "https://accounts.example.org",
        "https://accounts.example.org:8443/realms/one",
        "http://localhost:8080",
        "http://127.0.0.1",
        "http://127.8.8.8",
        "http://[::1]:8080/realms/one",
    ],
)
def test_an_issuer_is_reached_by_tls_or_on_this_machine(address: str) -> None:
    ExternalTokens(issuer=address, audience="taskcore", jwks_url=address)


@pytest.mark.parametrize(
    "address",
    [
        "http://accounts.example.org",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://10.0.0.1",
        "http://[::ffff:10.0.0.1]",
        "ftp://localhost",
        "https://",
        "https://ada@accounts.example.org",
        "https://accounts.example.org/#keys",
        "https://accounts.example.org/a b",
        "https://accounts.example.org:port",
        "https://[::1",
        "accounts.example.org",
        "",
    ],
)
def test_no_other_address_is_taken(address: str) -> None:
    with pytest.raises(Invalid, match="issuer"):
        ExternalTokens(issuer=address, audience="taskcore")
    if address:
        with pytest.raises(Invalid, match="jwks_url"):
            ExternalTokens(issuer="https://accounts.example.org", audience="taskcore", jwks_url=address)


def test_all_faults_of_a_configuration_are_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        ExternalTokens(
            issuer="https://accounts.example.org?tenant=1",
            audience="",
            jwks_url="http://keys.example",
            claims={"role": "role", "name": "user..name"},
        )

    assert {fault.field for fault in refused.value.faults} == {
        "issuer",
        "audience",
        "jwks_url",
        "claims.role",
        "claims.name",
    }


def test_the_adapter_is_found_by_its_scheme() -> None:
    assert resolve("taskcore.issuers", "oidc://") is external_tokens


@pytest.mark.parametrize("url", ["oidc://host", "oidc:///path", "oidc://?a=b", "oidc://#a", "https://", ""])
def test_a_url_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="oidc://"):
        external_tokens(url)


@pytest.mark.parametrize("library", ["joserfc", "httpx"])
def test_a_missing_library_is_told_when_the_factory_is_asked(
    monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(ModuleNotFoundError) as missing:
        external_tokens("oidc://")
    assert missing.value.name == library

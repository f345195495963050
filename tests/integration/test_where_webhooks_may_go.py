"""Nothing inside is ever called for a webhook: listeners of ours count the connections, and there are none.

Each kind of attack is tried on variants that are broken on purpose as well, and finds them.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from ipaddress import ip_address, ip_network

import httpcore
import httpx
import pytest

from taskcore.delivery.addresses import Address, Network
from taskcore.delivery.destinations import Destination, read
from taskcore.delivery.ports import Reply
from taskcore.errors import Unavailable
from taskcore_https import HttpsPoster
from taskcore_https.connections import Connections
from taskcore_https.guard import GuardedNetwork, NotPublic
from taskcore_https.own_addresses import is_own
from taskcore_https.resolver import Resolver
from tests.servers.endpoint import Endpoint, answers, endpoint
from tests.unit.delivery.places import NOT_PUBLIC, NUMERIC, PUBLIC, TRICKS

LOOPBACK = (ip_network("127.0.0.0/8"),)
NAME = "hooks.example"
TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
LOOPBACK_BY_NAME = ("localhost", "localhost.", "127.0.0.1.", "::ffff:127.0.0.1", "\uff11\uff12\uff17.0.0.1")
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class Noted(httpcore.AnyIOBackend):
    """The network, as far as this machine; whoever goes beyond is noted and does not get there."""

    def __init__(self) -> None:
        self.attempts: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.attempts.append(host)
        if not ip_address(host).is_loopback:
            raise httpcore.ConnectError("is not called in a test")
        return await super().connect_tcp(host, port, timeout, local_address, socket_options)


class Names:
    """A resolver that gives each of these answers once, and the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = [[ip_address(text) for text in texts] for texts in answers]

    async def __call__(self, _: str) -> Sequence[Address]:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.fixture
async def network() -> Noted:
    return Noted()


@pytest.fixture
async def inside() -> AsyncIterator[Endpoint]:
    """Listens on every address of this machine's, and leads nowhere."""
    async with endpoint(answers("HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n"), everywhere=True) as there:
        yield there


def connections(
    network: Noted,
    *found: Sequence[str],
    allowed: Sequence[Network] = (),
    kind: type[Connections] = Connections,
) -> Connections:
    return kind(allowed, resolve=Names(*found) if found else None, network=network, tls=TRUSTS_NOBODY)


async def refused(post: Awaitable[object]) -> str:
    with pytest.raises(Unavailable) as unreachable:
        await post

    assert unreachable.value.code == "unreachable"
    return str(unreachable.value)


async def posted(through: Connections, url: str) -> str | None:
    """Why it was not; connections are closed either way."""
    try:
        await through.post(read(url), {}, b"{}")
    except Unavailable as error:
        return str(error)
    finally:
        await through.close()
    return None


async def test_there_are_enough_addresses_and_tricks() -> None:
    assert len(set(NOT_PUBLIC)) >= 70
    assert len(set(TRICKS)) >= 70


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_a_name_that_leads_to_an_address_not_public_is_not_called(network: Noted, address: str) -> None:
    why = await posted(connections(network, [address]), f"https://{NAME}/")

    assert network.attempts == []
    assert why == f"{NAME} does not lead to a public address"


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_an_address_not_public_is_not_called_though_no_text_was_looked_at(
    network: Noted, address: str
) -> None:
    through = connections(network)
    await refused(through.post(Destination("https", address, 443, "/"), {}, b"{}"))

    assert network.attempts == []


@pytest.mark.parametrize("address", PUBLIC)
async def test_a_public_address_is_called_itself(network: Noted, address: str) -> None:
    await posted(connections(network, [address]), f"https://{NAME}/")

    assert network.attempts == [address]


async def test_no_trick_in_a_url_connects_to_this_machine(inside: Endpoint) -> None:
    poster = HttpsPoster()
    for trick in TRICKS:
        await refused(poster.post(trick.format(port=inside.port), {}, b"{}"))
    await poster.close()

    assert await inside.counted() == 0


@pytest.mark.parametrize("host", [*NUMERIC, *LOOPBACK_BY_NAME])
async def test_a_host_is_judged_as_what_the_resolver_makes_of_it(inside: Endpoint, host: str) -> None:
    guarded = GuardedNetwork(Connections(tls=TRUSTS_NOBODY).may_call, Resolver(), httpcore.AnyIOBackend())
    with pytest.raises(NotPublic):
        await guarded.connect_tcp(host, inside.port)

    assert await inside.counted() == 0


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "0177.0.0.1", "localhost"])
async def test_such_hosts_do_lead_to_this_machine(inside: Endpoint, host: str) -> None:
    """Or the tests above would show nothing."""
    stream = await GuardedNetwork(lambda _: True, Resolver(), httpcore.AnyIOBackend()).connect_tcp(
        host, inside.port
    )
    await stream.aclose()

    assert await inside.counted() == 1


async def test_one_address_not_public_among_many_refuses_them_all(network: Noted) -> None:
    for addresses in (["8.8.8.8", "127.0.0.1"], ["::1", "8.8.8.8"], ["1.1.1.1", "8.8.8.8", "10.0.0.1"]):
        await posted(connections(network, addresses), f"https://{NAME}/")

    assert network.attempts == []


async def test_a_name_without_an_address_is_told_like_one_that_is_not_public(network: Noted) -> None:
    nowhere = await posted(connections(network, []), f"https://{NAME}/")

    assert nowhere == await posted(connections(network, ["10.0.0.1"]), f"https://{NAME}/")


def test_this_machines_own_addresses_are_known() -> None:
    assert is_own(ip_address("127.0.0.1"))
    assert not is_own(ip_address("192.0.2.1"))


async def test_this_machines_own_public_address_is_not_called(network: Noted) -> None:
    ours = ip_address("8.8.8.8")
    through = Connections(resolve=Names([str(ours)]), network=network, tls=TRUSTS_NOBODY, is_own=ours.__eq__)
    await posted(through, f"https://{NAME}/")

    assert network.attempts == []


async def test_an_allowed_network_is_reached_and_no_other(network: Noted) -> None:
    async with endpoint(answers("HTTP/1.1 204 No Content\r\n\r\n")) as there:
        hooks = f"http://{NAME}:{there.port}/"

        assert await posted(connections(network, ["127.0.0.1"], allowed=LOOPBACK), hooks) is None
        assert await posted(connections(network, ["10.0.0.1"], allowed=LOOPBACK), hooks) is not None
        assert await posted(connections(network, ["8.8.8.8"], allowed=LOOPBACK), hooks) is not None
        assert network.attempts == ["127.0.0.1"]


# Attacks that a variant falls for


class ByIsGlobal(Connections):
    """Believes `ipaddress`."""

    def may_call(self, address: Address) -> bool:
        return address.is_global


class LooksUpTwice(GuardedNetwork):
    """Judges the name, and connects to it."""

    async def _connected(self, _: Sequence[Address], port: int) -> httpcore.AsyncNetworkStream:
        return await super()._connected(await self._resolve(NAME), port)


class Follows(Connections):
    """Goes where the answer says."""

    async def post(self, to: Destination, headers: Mapping[str, str], body: bytes) -> Reply:
        reply = await super().post(to, headers, body)
        return await super().post(read(reply.headers["location"]), headers, body)


async def rebound(guarded: type[GuardedNetwork], there: Endpoint, network: Noted) -> list[str]:
    """A name that was public when it was judged."""
    guard = guarded(Connections(tls=TRUSTS_NOBODY).may_call, Names(["8.8.8.8"], ["127.0.0.1"]), network)
    with pytest.raises(httpcore.ConnectError):
        await guard.connect_tcp(NAME, there.port)
    return network.attempts


async def test_a_name_is_looked_up_once(inside: Endpoint, network: Noted) -> None:
    assert await rebound(GuardedNetwork, inside, network) == ["8.8.8.8"]
    assert await inside.counted() == 0


async def test_looking_up_twice_is_caught(inside: Endpoint, network: Noted) -> None:
    guard = LooksUpTwice(Connections(tls=TRUSTS_NOBODY).may_call, Names(["8.8.8.8"], ["127.0.0.1"]), network)
    stream = await guard.connect_tcp(NAME, inside.port)
    await stream.aclose()

    assert (network.attempts, await inside.counted()) == (["127.0.0.1"], 1)


async def test_believing_ipaddress_is_caught(network: Noted) -> None:
    for address in NOT_PUBLIC:
        await posted(connections(network, [address], kind=ByIsGlobal), f"https://{NAME}/")

    assert {"64:ff9b::7f00:1", "2002:7f00:1::1", "fec0::1", "224.0.0.1"} & set(network.attempts)


async def redirected(kind: type[Connections], status: int, inside: Endpoint, network: Noted) -> int:
    """How many were led to another listener, to which a webhook might even go."""
    answer = (
        f"HTTP/1.1 {status} Over There\r\nlocation: http://{NAME}:{inside.port}/\r\ncontent-length: 0\r\n\r\n"
    )
    async with endpoint(answers(answer)) as there:
        through = connections(network, ["127.0.0.1"], allowed=LOOPBACK, kind=kind)
        await posted(through, f"http://{NAME}:{there.port}/")

        assert await there.counted() == 1
    return await inside.counted()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer(inside: Endpoint, network: Noted, status: int) -> None:
    assert await redirected(Connections, status, inside, network) == 0


async def test_following_redirects_is_caught(inside: Endpoint, network: Noted) -> None:
    assert await redirected(Follows, 307, inside, network) == 1


@pytest.fixture
def proxied(inside: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """The environment says that everything goes through a proxy, which listens here."""
    for name in list(os.environ):
        if name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    for name in PROXY_VARIABLES:
        monkeypatch.setenv(name, f"http://127.0.0.1:{inside.port}")
        monkeypatch.setenv(name.lower(), f"http://127.0.0.1:{inside.port}")
    return inside


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_proxy_of_the_environment_is_asked(proxied: Endpoint, network: Noted, scheme: str) -> None:
    allowed = [ip_network("8.8.8.0/24")]
    await posted(connections(network, ["8.8.8.8"], allowed=allowed), f"{scheme}://{NAME}/")

    assert (network.attempts, await proxied.counted()) == (["8.8.8.8"], 0)


async def test_trusting_the_environment_is_caught(proxied: Endpoint) -> None:
    async with httpx.AsyncClient() as trusting:
        with pytest.raises(httpx.HTTPError):
            await trusting.post(f"https://{NAME}/")

    assert await proxied.counted() == 1

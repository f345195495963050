"""What the author of that adapter writes to hold it to the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from taskcore_counted import open_store

from taskcore.ports import Store
from taskcore.testing import (
    CredentialContract,
    CredentialRaces,
    DeliveryContract,
    RaceContract,
    ReadContract,
    SearchContract,
    StoreContract,
    UnitContract,
)


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = open_store("counted://")
    yield opened
    await opened.close()


class TestStore(StoreContract):
    pass


class TestRaces(RaceContract):
    pass


class TestReads(ReadContract):
    pass


class TestSearch(SearchContract):
    pass


class TestUnits(UnitContract):
    pass


class TestDeliveries(DeliveryContract):
    pass


class TestCredentials(CredentialContract):
    pass


class TestCredentialRaces(CredentialRaces):
    pass

"""Every store keeps the contract."""

from __future__ import annotations

import pytest

from taskcore.testing import (
    CredentialContract,
    CredentialRaces,
    RaceContract,
    ReadContract,
    StoreContract,
    UnitContract,
)


class TestStore(StoreContract):
    """One at a time."""


class TestUnits(UnitContract):
    """In more than one step."""


class TestReads(ReadContract):
    """As memory answers."""


@pytest.mark.parametrize("store_url", ["memory", "sqlite", "postgresql"], indirect=True)
class TestRaces(RaceContract):
    """Many at once: for those whose coroutines can meet."""


class TestCredentials(CredentialContract):
    """Whoever shows what."""


@pytest.mark.parametrize("store_url", ["memory", "sqlite", "postgresql"], indirect=True)
class TestCredentialRaces(CredentialRaces):
    """Many at once."""

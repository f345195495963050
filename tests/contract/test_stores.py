"""Every store keeps the contract."""

from __future__ import annotations

import pytest

from taskcore.testing import (
    CredentialContract,
    CredentialRaces,
    DeliveryContract,
    JobContract,
    JobRaces,
    PurgeContract,
    RaceContract,
    ReadContract,
    SearchContract,
    StoreContract,
    UnitContract,
    WalkContract,
    WatchRaces,
)


class TestStore(StoreContract):
    """One at a time."""


class TestUnits(UnitContract):
    """In more than one step."""


class TestPurges(PurgeContract):
    """To the end of a team."""


class TestReads(ReadContract):
    """As memory answers."""


class TestSearch(SearchContract):
    """By the words in texts."""


@pytest.mark.parametrize("store_url", ["memory", "sqlite", "postgresql"], indirect=True)
class TestRaces(RaceContract):
    """Many at once: for those whose coroutines can meet."""


@pytest.mark.parametrize("store_url", ["memory", "sqlite", "postgresql"], indirect=True)
class TestDeliveries(DeliveryContract):
    """Of the log to webhooks."""


class TestJobs(JobContract):
    """The store as the queue."""


@pytest.mark.parametrize("store_url", ["memory", "sqlite", "postgresql"], indirect=True)
class TestJobRaces(JobRaces):
    """Many workers at once."""


@pytest.mark.parametrize("store_url", ["memory", "sqlite", "postgresql"], indirect=True)
class TestWatchRaces(WatchRaces):
    """Many who look at tasks at their time."""


class TestCredentials(CredentialContract):
    """Whoever shows what."""


@pytest.mark.parametrize("store_url", ["memory", "sqlite", "postgresql"], indirect=True)
class TestCredentialRaces(CredentialRaces):
    """Many at once."""


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
class TestWalks(WalkContract):
    """Page by page, while others write."""


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
class TestWalksInMemory(WalkContract):
    """The same where each page sorts all there is: of fewer orders, since it takes long."""

    sorts = ("due_at",)

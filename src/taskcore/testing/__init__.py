"""
What the author of an adapter needs: the contract of a store as a test suite, a clock that stands
still, and strategies for hypothesis.

    class TestMyStore(StoreContract):
        @pytest.fixture
        async def store(self):
            store = open_my_store("my://…")
            await store.upgrade()
            yield store
            await store.close()

The suite wants pytest, pytest-asyncio in auto mode, and hypothesis.
"""

from taskcore.testing.blobs import BlobsContract
from taskcore.testing.bus import BusContract, SharedBusContract
from taskcore.testing.contract import StoreContract
from taskcore.testing.credentials import CredentialContract, CredentialRaces
from taskcore.testing.delivering import DeliveryContract
from taskcore.testing.jobs import JobContract, JobRaces
from taskcore.testing.mailers import MailerContract
from taskcore.testing.purging import PurgeContract
from taskcore.testing.queue import FeedContract, QueueContract, SharedQueueContract
from taskcore.testing.races import RaceContract
from taskcore.testing.reads import ReadContract
from taskcore.testing.search import SearchContract
from taskcore.testing.stream import StreamContract
from taskcore.testing.units import UnitContract
from taskcore.testing.walks import WalkContract
from taskcore.testing.watching import WatchRaces
from taskcore.testing.world import FakeClock, World

__all__ = [
    "BlobsContract",
    "BusContract",
    "CredentialContract",
    "CredentialRaces",
    "DeliveryContract",
    "FakeClock",
    "FeedContract",
    "JobContract",
    "JobRaces",
    "MailerContract",
    "PurgeContract",
    "QueueContract",
    "RaceContract",
    "ReadContract",
    "SearchContract",
    "SharedBusContract",
    "SharedQueueContract",
    "StoreContract",
    "StreamContract",
    "UnitContract",
    "WalkContract",
    "WatchRaces",
    "World",
]

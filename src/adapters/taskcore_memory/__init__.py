"""The reference store, in memory, with real rollback; and what else the standard library gives."""

from taskcore_memory.limiter import MemoryLimiter, open_limiter
from taskcore_memory.passwords import scrypt_hasher
from taskcore_memory.store import MemoryStore, open_store

__all__ = ["MemoryLimiter", "MemoryStore", "open_limiter", "open_store", "scrypt_hasher"]

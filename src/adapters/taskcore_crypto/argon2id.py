"""The calls into libargon2. Apart from `passwords`, which loads this module when the first password comes."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import HashingError, VerificationError, VerifyMismatchError

from taskcore.errors import Unavailable


class Argon2id:
    """Hashing at one cost, verifying at whatever cost a hash was made with."""

    def __init__(self, memory_kib: int, passes: int, lanes: int, salt_bytes: int, digest_bytes: int) -> None:
        self._argon2 = PasswordHasher(
            memory_cost=memory_kib,
            time_cost=passes,
            parallelism=lanes,
            salt_len=salt_bytes,
            hash_len=digest_bytes,
        )

    def hash(self, password: bytes) -> str:
        try:
            return self._argon2.hash(password)
        except HashingError as error:
            raise Unavailable(f"the password cannot be hashed: {error}") from error

    def verify(self, password: bytes, hashed: str) -> bool:
        try:
            return self._argon2.verify(hashed, password)
        except VerifyMismatchError:
            return False
        except VerificationError as error:
            raise Unavailable(f"the password cannot be checked: {error}") from error

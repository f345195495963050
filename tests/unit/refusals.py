"""What an attempt was refused with."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest

from taskcore.errors import TaskCoreError


async def refusal(attempt: Awaitable[object]) -> tuple[type[TaskCoreError], str]:
    """The family of the error, and its code."""
    with pytest.raises(TaskCoreError) as refused:
        await attempt
    return type(refused.value), refused.value.code

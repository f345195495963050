"""Use cases are tried on the store in memory, which the contract suite holds equal to the others."""

from __future__ import annotations

import pytest

from taskcore.connect import STORES, resolve
from taskcore.testing import World


@pytest.fixture
def world() -> World:
    return World(resolve(STORES, "memory://")("memory://"))

"""Use cases are tried on the store in memory, which the contract suite holds equal to the others."""

from __future__ import annotations

import pytest
from hypothesis import settings

from taskcore.connect import STORES, resolve
from taskcore.testing import World

# How long an example takes says how busy the machine is.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def world() -> World:
    return World(resolve(STORES, "memory://")("memory://"))

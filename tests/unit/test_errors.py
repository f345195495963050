"""Errors say what happened to a person, and their code to a program."""

from __future__ import annotations

import pytest

from taskcore.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PreconditionFailed,
    RateLimited,
    Unauthenticated,
    Unavailable,
    invalid,
    refuse,
)


def test_an_error_has_a_sentence_a_code_and_data() -> None:
    error = Conflict("PLAT-1 is blocked", code="blocked", blockers=["PLAT-2"])

    assert (str(error), error.code, error.data) == ("PLAT-1 is blocked", "blocked", {"blockers": ["PLAT-2"]})
    assert repr(error) == "Conflict('PLAT-1 is blocked', code='blocked')"


def test_every_family_has_a_code_of_its_own() -> None:
    families = (
        *(NotFound, Forbidden, Unauthenticated, Invalid, Malformed),
        *(Conflict, PreconditionFailed, RateLimited, Unavailable),
    )

    assert len({family.default_code for family in families}) == len(families)


def test_faults_are_told_together() -> None:
    faults = [Fault("title", "is empty"), Fault("", "is odd")]
    with pytest.raises(Invalid, match=r"^title: is empty; is odd$") as refused:
        refuse(faults)

    assert refused.value.faults == tuple(faults)
    assert str(Invalid()) == "invalid"
    assert invalid("title", "is empty").faults == (faults[0],)
    refuse([])

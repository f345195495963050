"""What waits in the store and is not to be read there."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.delivery.sealing import opened, sealed

KEY, OTHER = b"k" * 32, b"x" * 32
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON)
def test_what_was_sealed_is_opened_as_it_was(content: object) -> None:
    assert opened(KEY, sealed(KEY, content)) == content


def test_the_same_is_sealed_another_way_each_time_and_holds_nothing_of_it() -> None:
    one, two = (sealed(KEY, {"text": "tcm_secret"}) for _ in range(2))

    assert one != two
    assert b"tcm_secret" not in base64.b64decode(one)
    assert len(one) == len(two)


@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_what_was_damaged_or_sealed_by_another_is_not_opened(place: int, bit: int) -> None:
    whole = bytearray(base64.b64decode(sealed(KEY, "some text")))
    whole[place % len(whole)] ^= 1 << bit

    for key, text in (
        (KEY, base64.b64encode(whole).decode()),
        (OTHER, sealed(KEY, 1)),
        (KEY, ""),
        (KEY, "?"),
    ):
        with pytest.raises(ValueError, match=r".") as refused:
            opened(key, text)
        assert "some text" not in str(refused.value)

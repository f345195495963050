"""How far somebody is, and the token that says so elsewhere."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from taskcore.progress import Progress, opened, sealed

KEY = b"k" * 32
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
positions = st.integers(0, 2**64 - 1)


@given(positions)
def test_a_token_opens_to_its_position_and_only_with_its_key(position: int) -> None:
    token = sealed(KEY, position)

    assert opened(KEY, token) == position
    assert opened(b"another", token) == 0
    assert len(token) == 27


@given(positions)
def test_a_token_does_not_show_its_position(position: int) -> None:
    assert position.to_bytes(8) not in base64.urlsafe_b64decode(sealed(KEY, position) + "=")


@given(positions.filter(bool), st.integers(0, 26), st.sampled_from("ABab01-_"))
def test_a_token_that_was_changed_means_nothing(position: int, place: int, character: str) -> None:
    token = sealed(KEY, position)
    changed = token[:place] + character + token[place + 1 :]

    assert opened(KEY, changed) == (position if changed == token else 0)


@given(positions.filter(bool), st.integers(1, 3))
def test_a_token_has_one_spelling(position: int, spare_bits: int) -> None:
    token = sealed(KEY, position)
    last = BASE64.index(token[-1])

    assert opened(KEY, token[:-1] + BASE64[last ^ spare_bits]) == 0


@given(st.text(max_size=40) | st.text("AB-_", min_size=27, max_size=27))
def test_any_other_text_means_nothing(text: str) -> None:
    assert opened(KEY, text) == 0


def test_a_progress_only_grows() -> None:
    progress = Progress()
    progress.reach(7)
    progress.reach(5)
    progress.expect(sealed(KEY, 6))
    progress.expect("made up")

    assert progress.position(KEY) == 7
    progress.expect(sealed(KEY, 9))
    assert progress.position(KEY) == 9

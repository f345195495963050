"""The contract of a mailer; for adapters that hand mail over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import attrs
import pytest

from taskcore.delivery.letters.account import invitation
from taskcore.delivery.ports import Attachment, Mailer, Message
from taskcore.errors import Invalid

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
LETTER = attrs.evolve(
    invitation("ada@example.org", "Grüße & <b>東京</b>", "Bob", "tcm_token"),
    thread="task.1",
    headers={"List-Id": "North <1.teams.localhost>"},
    attachments=(Attachment("report.pdf", "application/pdf", bytes(range(256))),),
)
OTHERS = 12

Arrived = Callable[[], Sequence[bytes]]


class MailerContract:
    """A subclass gives the fixtures `mailer`, and `arrived`: what gives every mail that was taken, as its bytes or what
    else is the same for the same mail."""

    async def test_a_mail_was_taken_once_it_is_delivered(self, mailer: Mailer, arrived: Arrived) -> None:
        await mailer.deliver(LETTER)

        assert len(arrived()) == 1

    async def test_delivered_again_it_is_the_same_mail(self, mailer: Mailer, arrived: Arrived) -> None:
        mail = attrs.evolve(LETTER, id="0197-a", at=AT)
        for _ in range(2):
            await mailer.deliver(mail)
        first, second = arrived()

        assert first == second

    async def test_many_are_delivered_at_a_time_and_each_once(self, mailer: Mailer, arrived: Arrived) -> None:
        mails = [
            attrs.evolve(LETTER, id=f"0197-{number}", subject=f"No {number}") for number in range(OTHERS)
        ]
        await asyncio.gather(*map(mailer.deliver, mails))

        assert len(set(arrived())) == len(arrived()) == OTHERS

    @pytest.mark.parametrize(
        "hostile",
        [
            attrs.evolve(LETTER, to="ada@example.org\r\nBcc: eve@example.org"),
            attrs.evolve(LETTER, to="ada@example.org, eve@example.org"),
            attrs.evolve(LETTER, subject="Hi\nBcc: eve@example.org"),
            attrs.evolve(LETTER, headers={"X-A": "b\r\n\r\nanother body"}),
            attrs.evolve(LETTER, headers={"X-A\nBcc": "eve@example.org"}),
            attrs.evolve(LETTER, thread="a>\r\nBcc: eve@example.org"),
            attrs.evolve(LETTER, attachments=(Attachment('a"\r\nX: y', "application/pdf", b""),)),
        ],
    )
    async def test_a_mail_that_would_be_another_than_it_looks_is_not_taken(
        self, mailer: Mailer, arrived: Arrived, hostile: Message
    ) -> None:
        with pytest.raises(Invalid):
            await mailer.deliver(hostile)

        assert arrived() == []

    async def test_it_is_closed_more_than_once(self, mailer: Mailer) -> None:
        await mailer.deliver(LETTER)
        await mailer.close()
        await mailer.close()

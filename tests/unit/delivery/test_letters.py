"""Letters: the same said as text and as HTML, and nothing of what somebody wrote is markup, or a header field."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import TypeVar
from uuid import UUID

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taskcore.delivery.letters import account
from taskcore.delivery.letters.notices import notice_message, task_thread, team_headers
from taskcore.delivery.letters.sheet import (
    Block,
    Code,
    Heading,
    Item,
    Items,
    Link,
    Paragraph,
    as_html,
    footed,
    letter,
    one_line,
)
from taskcore.delivery.letters.subscribing import read_way_out, way_out, with_way_out
from taskcore.identity.model import User
from taskcore.teams.model import Team
from taskcore.testing.world import FakeClock
from taskcore.values import TaskId, TeamId, UserId
from taskcore_mail.refusals import message_faults

NOW = FakeClock().now
ADA = User(UserId(UUID(int=1)), "ada@example.org", "Ada", NOW)
TEAM = Team(TeamId(UUID(int=2)), "North & <i>South</i>\u2028Bcc: eve", "north", "NO", NOW, NOW)
KEY = b"k" * 32
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</main><!--foot-->",
    "</pre></style><h1>",
    "x\r\nBcc: eve@example.org",
    "=?utf-8?q?=0aBcc:_eve@example.org?=",
    "\u202eevil\u2066 \x00\x1b[2J",
    "javascript:alert(1)",
    "\ud800",
)


class Elements(HTMLParser):
    """The elements and attributes of a page, in their order, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.said = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append(f"{tag} {' '.join(name for name, _ in attributes)}".strip())

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}")

    def handle_data(self, data: str) -> None:
        self.said += data


def blocks_of(text: str) -> list[Block]:
    return [
        Heading(text),
        Paragraph(text),
        Code(text),
        Items((Item(text, label=text, detail=text),)),
        Link(text, "https://tasks.example.org/?a=1&b=%22"),
    ]


PLAIN = Elements(as_html("x", blocks_of("x"))).found


Test = TypeVar("Test", bound=Callable[..., None])


def hostile(test: Test) -> Test:
    for text in HOSTILE:
        test = example(text=text)(test)
    return test


@hostile
@given(text=st.text(min_size=1))
def test_whatever_is_written_the_elements_of_a_letter_are_ours(text: str) -> None:
    written = "x" + text
    message = letter("ada@example.org", written, blocks_of(written))
    assert message.html is not None

    assert Elements(message.html).found == PLAIN
    assert list(message_faults(message)) == []


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]), min_size=1, max_size=100))
def test_what_is_written_is_read_as_it_was(text: str) -> None:
    html = as_html("t", [Paragraph(text)])

    assert text in Elements(html).said


@hostile
@given(text=st.text())
def test_a_subject_is_one_short_line(text: str) -> None:
    for message in (
        account.invitation("ada@example.org", text, text, "t"),
        letter("ada@example.org", text * 3, []),
    ):
        assert message.subject.isprintable()
        assert len(message.subject) <= 150


@hostile
@given(text=st.text())
def test_whatever_a_team_is_called_its_field_names_the_list(text: str) -> None:
    (value,) = team_headers(attrs.evolve(TEAM, name=text or "x")).values()

    assert value.isascii()
    assert value.isprintable()
    assert value.endswith(f"<{TEAM.id.hex}.teams.localhost>")
    assert value.count("<") == 1


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a\n.example", "mailto:a@b"]
)
def test_a_link_leads_to_a_web_server(url: str) -> None:
    with pytest.raises(ValueError, match="a link leads to"):
        as_html("t", [Link("here", url)])


def test_a_letter_says_the_same_as_text() -> None:
    message = letter(
        "ada@example.org",
        "Your day",
        [Heading("Due"), Items((Item("Ship it", label="NO-1", detail="today"), Item("Rest"))), Code("tcm_1")],
    )

    assert message.text == "Due\n===\n\n- NO-1  Ship it\n  today\n- Rest\n\n    tcm_1\n"


def test_nothing_in_a_letter_is_loaded_from_anywhere_and_it_is_read_in_the_dark() -> None:
    html = as_html("t", blocks_of("x"))

    assert not {"img", "link", "script", "iframe"} & {each.partition(" ")[0] for each in PLAIN}
    assert "prefers-color-scheme:dark" in html
    assert "url(" not in html
    assert "@import" not in html


@attrs.frozen
class Notice:
    text: str
    task_id: TaskId | None = None
    task_key: str | None = None


def test_mails_about_one_task_are_one_thread_under_one_subject() -> None:
    task = TaskId(UUID(int=3))
    first, second = (
        notice_message(ADA, [Notice(text, task, "NO-1")], team=TEAM, title="Ship it")
        for text in ("Bob assigned you", "Bob says: go")
    )

    assert first.subject == second.subject == "NO-1 Ship it"
    assert first.thread == second.thread == task_thread(task)
    assert "Bob assigned you" in first.text
    assert first.headers["List-Id"].endswith(f"<{TEAM.id.hex}.teams.localhost>")


def test_several_things_that_happened_are_one_mail_of_no_thread() -> None:
    told = [Notice(f"thing {number}", TaskId(UUID(int=number)), f"NO-{number}") for number in (1, 2)]
    message = notice_message(ADA, told, team=TEAM)

    assert message.subject == "2 things happened in North & <i>South</i> Bcc: eve"
    assert message.thread is None
    assert "- NO-1  thing 1\n- NO-2  thing 2" in message.text
    assert notice_message(ADA, told[:1]).subject == "NO-1: thing 1"
    assert notice_message(ADA, [Notice("gone")]).subject == "gone"


def test_a_way_out_is_good_for_one_kind_of_mail_of_one_user() -> None:
    token = way_out(KEY, ADA.id, "assigned")

    assert read_way_out(KEY, token) == (ADA.id, "assigned")
    assert read_way_out(b"x" * 32, token) is None
    assert way_out(KEY, UserId(UUID(int=9)), "assigned") != token


@given(st.text() | st.binary().map(lambda some: some.hex()))
def test_what_nobody_was_mailed_leads_nowhere(token: str) -> None:
    assert read_way_out(KEY, token) is None


@given(place=st.integers(0, 41), other=st.sampled_from("ABCabc012-_"))
def test_a_link_that_was_tampered_with_leads_nowhere(place: int, other: str) -> None:
    token = way_out(KEY, ADA.id, "assigned")
    forged = token[:place] + other + token[place + 1 :]

    assert read_way_out(KEY, forged) == (None if forged != token else (ADA.id, "assigned"))


def test_a_way_out_stands_in_the_foot_and_in_the_head() -> None:
    message = letter("ada@example.org", "s", [Paragraph("</main><!--foot-->")])
    mailed = with_way_out(message, KEY, "https://tasks.example.org", ADA.id, "digest")
    url = f"https://tasks.example.org/v1/unsubscribe/{way_out(KEY, ADA.id, 'digest')}"

    assert mailed.headers["List-Unsubscribe"] == f"<{url}>"
    assert mailed.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in mailed.text
    assert mailed.html is not None
    assert mailed.html.count(url) == 1
    assert mailed.html.index(url) > mailed.html.index("<footer>")
    assert with_way_out(message, KEY, None, ADA.id, "digest") == message


def test_more_below_a_letter_without_html_is_text() -> None:
    message = attrs.evolve(letter("ada@example.org", "s", []), html=None)

    assert footed(message, [Paragraph("more")]).html is None


def test_one_line_is_cut_where_it_is_too_long() -> None:
    assert one_line("a\tb  c\n") == "a b c"
    assert one_line("abcdef", 4) == "abc…"

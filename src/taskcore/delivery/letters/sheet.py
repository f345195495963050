"""
A letter as blocks, and what mail programs show of it.

Blocks hold plain text and nothing else, so that no letter can forget to escape what somebody wrote: markup is made
here, of what is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from urllib.parse import urlsplit

import attrs

from taskcore.delivery.ports import Attachment, Message

MOST_IN_A_SUBJECT = 150
FOOT = "<!--foot-->"
"""Where `footed` puts more. What people write cannot hold it: their `<` is escaped."""


@attrs.frozen
class Heading:
    text: str


@attrs.frozen
class Paragraph:
    text: str


@attrs.frozen
class Code:
    """A text to be copied as it is, such as a token, on a line of its own."""

    text: str


@attrs.frozen
class Item:
    """One of several things: a short label, what it is, and what else is to be said of it, in grey."""

    text: str
    label: str = ""
    detail: str = ""


@attrs.frozen
class Items:
    items: tuple[Item, ...]


@attrs.frozen
class Link:
    """Where to go on; shown as its address, too."""

    text: str
    url: str


Block = Heading | Paragraph | Code | Items | Link


def letter(
    to: str,
    subject: str,
    blocks: Sequence[Block],
    *,
    headers: Mapping[str, str] | None = None,
    thread: str | None = None,
    attachments: tuple[Attachment, ...] = (),
) -> Message:
    """A letter as a mail: as text and as HTML, with a subject of one line."""
    title = one_line(subject, MOST_IN_A_SUBJECT)
    return Message(
        to=to,
        subject=title,
        text=as_text(blocks),
        html=as_html(title, blocks),
        headers=headers or {},
        thread=thread,
        attachments=attachments,
    )


def footed(message: Message, blocks: Sequence[Block]) -> Message:
    """A letter with some more in small print, below all else."""
    html = message.html and message.html.replace(FOOT, _markup(blocks) + FOOT)
    return attrs.evolve(message, text=f"{message.text}\n-- \n{as_text(blocks)}", html=html)


def one_line(text: str, most: int | None = None) -> str:
    """A text held to one line of what can be printed, and to so many characters."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if most is None or len(line) <= most else line[: most - 1].rstrip() + "…"


def as_text(blocks: Iterable[Block]) -> str:
    return "\n\n".join("\n".join(_lines(each)) for each in blocks) + "\n"


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading(text):
            line = one_line(text)
            yield from (line, "=" * min(len(line), 72))
        case Paragraph(text):
            yield readable(text)
        case Code(text):
            yield f"    {one_line(text)}"
        case Items(items):
            for item in items:
                label = f"{one_line(item.label)}  " if item.label else ""
                yield f"- {label}{one_line(item.text)}"
                if item.detail:
                    yield f"  {one_line(item.detail)}"
        case Link(text, url):
            yield f"{one_line(text)}: {checked(url)}"


def readable(text: str) -> str:
    """A text of several lines without what no mail may hold: control characters, halves of characters."""
    return "\n".join(
        "".join(each if each.isprintable() or each == "\t" else " " for each in line).rstrip()
        for line in text.splitlines()
    )


def checked(url: str) -> str:
    """An address that may be a link. Raises: ValueError, for one that leads anywhere but to a web server."""
    if urlsplit(url).scheme not in ("https", "http") or not url.isascii() or not url.isprintable():
        raise ValueError("a link leads to http:// or https://")
    return url


STYLE = """\
:root{color-scheme:light dark;supported-color-schemes:light dark}
body{margin:0;padding:24px 12px;background:#f4f5f7;color:#1f2328;font:15px/1.5 system-ui,sans-serif}
main{max-width:600px;margin:0 auto;padding:24px;background:#fff;border:1px solid #d8dee4;border-radius:8px}
h1{font-size:19px;margin:0 0 16px}h2{font-size:16px;margin:24px 0 8px}p{margin:0 0 12px;white-space:pre-line}
ul{margin:0 0 12px;padding:0 0 0 18px}li{margin:0 0 6px;overflow-wrap:anywhere}
pre{margin:0 0 12px;padding:12px;background:#f4f5f7;border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}
small,footer{color:#59636e;font-size:13px}footer{max-width:600px;margin:12px auto 0}a{color:#0757ba}
@media(prefers-color-scheme:dark){body,pre{background:#151b23;color:#e6edf3}
main{background:#0d1117;border-color:#3d444d}small,footer{color:#9198a1}a{color:#6cb2ff}}
"""


def as_html(title: str, blocks: Iterable[Block]) -> str:
    """The one layout there is: nothing in it is loaded from anywhere, and it is read in the dark as well."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{_escaped(title)}</title><style>\n{STYLE}</style></head>\n"
        f"<body><main><h1>{_escaped(title)}</h1>\n{_markup(blocks)}</main>\n"
        f"<footer>{FOOT}</footer></body></html>\n"
    )


def _markup(blocks: Iterable[Block]) -> str:
    return "".join(f"{_element(each)}\n" for each in blocks)


def _element(block: Block) -> str:
    match block:
        case Heading(text):
            return f"<h2>{_escaped(one_line(text))}</h2>"
        case Paragraph(text):
            return f"<p>{_escaped(readable(text))}</p>"
        case Code(text):
            return f"<pre>{_escaped(one_line(text))}</pre>"
        case Items(items):
            return f"<ul>{''.join(map(_listed, items))}</ul>"
        case Link(text, url):
            return f'<p><a href="{_escaped(checked(url))}">{_escaped(one_line(text))}</a></p>'


def _listed(item: Item) -> str:
    label = f"<b>{_escaped(one_line(item.label))}</b> " if item.label else ""
    detail = f"<br><small>{_escaped(one_line(item.detail))}</small>" if item.detail else ""
    return f"<li>{label}{_escaped(one_line(item.text))}{detail}</li>"


def _escaped(text: str) -> str:
    return escape(text, quote=True)

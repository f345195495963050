"""A document as a page of HTML that needs nothing from elsewhere, runs no script, and can be printed."""

from __future__ import annotations

import base64
import hashlib
import re

from taskcore.planning.pictures.style import Theme, page_stylesheet
from taskcore.planning.pictures.text import escaped, line
from taskcore.status.document import Block, Document, Facts, Paragraph, Picture, Table

_STYLE = re.compile("<style>(.*?)</style>", re.DOTALL)
_OF_REPORT = "svg{max-width:100%;height:auto;margin:8px 0}main{max-width:1100px}td,th{padding-right:18px}\n"


def page(document: Document, *, theme: Theme = "auto") -> str:
    """The page. Whatever was written into a title or a name stands there as text."""
    parts = [
        f"<h2>{escaped(line(section.title))}</h2>\n"
        + "\n".join(_block(each, theme) for each in section.blocks)
        for section in document.sections
    ]
    style = page_stylesheet(theme) + _OF_REPORT
    title, body = escaped(line(document.title)), "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escaped(_policy(style, body))}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1><p>{escaped(line(document.subtitle))}</p></header>\n<main>\n{body}\n</main>\n"
        "</body>\n</html>\n"
    )


def _policy(style: str, body: str) -> str:
    """Its own styles by their hashes, and nothing else."""
    hashes = dict.fromkeys(
        f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'"
        for each in (style, *_STYLE.findall(body))
    )
    return f"default-src 'none'; style-src {' '.join(hashes)}; base-uri 'none'; form-action 'none'"


def _block(block: Block, theme: Theme) -> str:
    if isinstance(block, Facts):
        shown = "".join(
            f'<li class="{"late" if each.alarming else "fact"}"><b>{escaped(line(each.value))}</b>'
            f"{escaped(line(each.about))}</li>"
            for each in block.items
        )
        return f'<ul class="facts">{shown}</ul>'
    if isinstance(block, Paragraph):
        return f"<p>{escaped(line(block.text))}</p>"
    if isinstance(block, Picture):
        return block.draw(theme)
    return _table(block)


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escaped(line(each))}</th>' for each in table.heading)
    body = "".join(
        f"<tr>{''.join(f'<td><bdi>{escaped(line(cell))}</bdi></td>' for cell in row)}</tr>\n"
        for row in table.rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>'

"""
Documents as PDF, set by Typst.

What a document says reaches the template as JSON in one input (`sys.inputs`), is decoded there, and is shown as text:
Typst evaluates the template alone, never what it is given. Documents: https://typst.app/docs/reference/foundations/sys
"""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from typing import Any

import typst

from taskcore.errors import Unavailable
from taskcore.planning.pictures.text import line
from taskcore.status.document import Block, Document, Facts, Paragraph, Picture, Table
from taskcore.status.ports import Typesetter


class TypstTypesetter:
    """Fonts are those of the system for what Typst's own do not have, such as Chinese; else there is a gap."""

    def pdf(self, document: Document) -> bytes:
        data = json.dumps(_document(document), ensure_ascii=False)
        try:
            with as_file(files("taskcore_typst") / "report.typ") as template:
                made = typst.compile(
                    template,
                    root=template.parent,
                    format="pdf",
                    sys_inputs={"data": data},
                    timestamp=document.made_at.replace(microsecond=0),
                )
        except typst.TypstError as error:
            raise Unavailable(f"the report could not be set: {error}") from error
        return made


def typst_typesetter(url: str, *, blocking: bool = False) -> Typesetter:  # noqa: ARG001  it takes no option
    return TypstTypesetter()


def _document(document: Document) -> dict[str, Any]:
    return {
        "title": line(document.title),
        "subtitle": line(document.subtitle),
        "sections": [
            {"title": line(section.title), "blocks": [_block(each) for each in section.blocks]}
            for section in document.sections
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Facts):
        items = [
            {"value": line(each.value), "about": line(each.about), "alarming": each.alarming}
            for each in block.items
        ]
        return {"kind": "facts", "items": items}
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "text": line(block.text)}
    if isinstance(block, Picture):
        return {"kind": "picture", "svg": block.draw("light"), "told": line(block.told)}
    return _table(block)


def _table(table: Table) -> dict[str, Any]:
    rows = [[line(cell) for cell in row] for row in table.rows]
    return {"kind": "table", "heading": list(table.heading), "rows": rows, "widest": table.widest}

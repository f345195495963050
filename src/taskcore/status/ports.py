"""What reports need from outside: something that sets a document for print."""

from __future__ import annotations

from typing import Protocol

from taskcore.status.document import Document


class Typesetter(Protocol):
    """
    Makes a PDF of a document. Made by a factory `(url, *, blocking)` that is registered as an entry point in the
    group `taskcore.typesetters` under the URL's scheme.
    """

    def pdf(self, document: Document) -> bytes:
        """
        The document on pages of A4; the same bytes for the same document.

        Texts in it are shown as they are: none is ever an instruction, whatever the typesetter's own language is.
        It reads no file for it, and asks nothing of a network. It may take a second of the CPU.
        """
        ...

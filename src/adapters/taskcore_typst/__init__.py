"""PDF by Typst."""

from taskcore_typst.typesetter import typst_typesetter

__all__ = ["typst_typesetter"]

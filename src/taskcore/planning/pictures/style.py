"""How a picture looks, in light and in dark. Colours stand in rules without variables, which every viewer knows."""

from __future__ import annotations

from typing import Literal

Theme = Literal["auto", "light", "dark"]
"""`auto` is as the reader's system is set."""

_SHAPES = """
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.heading{font-size:18px;font-weight:650}
.scale text,.note,.legend text,.key,.person{font-size:11px}
.coarse,.box,.strong{font-weight:600}
.mid{text-anchor:middle}
.end{text-anchor:end}
.key,.person,.scale text,.note{font-variant-numeric:tabular-nums}
.hit{fill:none;pointer-events:all}
.bars{pointer-events:none}
.grid,.edge,.rule,.slack,.link,.due,.now{fill:none}
.grid,.edge,.rule{stroke-width:1;shape-rendering:crispEdges}
.body{stroke-width:1}
.critical .body,.milestone.critical{stroke-width:1.75}
.gap{opacity:.55}
.slack{stroke-width:1.5;stroke-dasharray:1 3;stroke-linecap:round}
.limit{fill:none;stroke-width:1.5}
.link{stroke-width:1.25;pointer-events:stroke}
.link.critical{stroke-width:1.75}
.due{stroke-width:1.5}
.now{stroke-width:1.5}
.note{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
"""
_LIGHT = {
    "page": "#ffffff", "frame": "#d5dce6", "head": "#f6f8fb", "rule": "#eef1f6", "grid": "#e8ecf2",
    "free": "#f0f3f8", "hover": "#2f6bd8", "text": "#141b26", "muted": "#586374",
    "task": "#cfe0fb", "edge": "#2f6bd8", "critical": "#ffd9bd", "critical_edge": "#bf4d06",
    "box": "#3d4859", "slack": "#6d7a8d", "link": "#76849a", "due": "#586374", "late": "#bf1d45",
    "now": "#0a7558", "was": "#aab5c4", "on_edge": "#ffffff",
}  # fmt: skip
_DARK = {
    "page": "#0f141b", "frame": "#2c3744", "head": "#151c26", "rule": "#1a222d", "grid": "#1f2935",
    "free": "#18212c", "hover": "#6aa5ff", "text": "#e7ecf3", "muted": "#9aa7b9",
    "task": "#1e3c69", "edge": "#6ea8ff", "critical": "#57310f", "critical_edge": "#ff9c4a",
    "box": "#b6c2d2", "slack": "#8a97aa", "link": "#75849a", "due": "#9aa7b9", "late": "#ff7590",
    "now": "#3ed6a3", "was": "#536173", "on_edge": "#0f141b",
}  # fmt: skip
_COLOURS = """
.page{{fill:{page}}}
.frame{{fill:none;stroke:{frame}}}
.head{{fill:{head}}}
.rule{{stroke:{rule}}}
.grid{{stroke:{grid}}}
.edge{{stroke:{frame}}}
.free{{fill:{free}}}
.row:hover .hit{{fill:{hover};fill-opacity:.09}}
text{{fill:{text}}}
.key,.person,.cell,.soft{{fill:{muted}}}
.note{{fill:{muted};stroke:{page}}}
.body{{fill:{task};stroke:{edge}}}
.part{{fill:{edge}}}
.gap{{fill:{page}}}
.critical .body{{fill:{critical};stroke:{critical_edge}}}
.critical .part{{fill:{critical_edge}}}
.bracket{{fill:{box}}}
.milestone{{fill:{edge};stroke:{edge}}}
.milestone.critical{{fill:{critical_edge};stroke:{critical_edge}}}
.slack,.limit{{stroke:{slack}}}
.link{{stroke:{link}}}
.link.critical{{stroke:{critical_edge}}}
.arrow{{fill:{link}}}
.arrow.critical{{fill:{critical_edge}}}
.due{{stroke:{due}}}
.flag{{fill:{due}}}
.late{{stroke:{late}}}
.flag.late,.note.late,.alarm{{fill:{late}}}
.note.late{{stroke:{page}}}
.now{{stroke:{now}}}
.dot{{fill:{now}}}
.was{{fill:{was}}}
.load{{fill:{edge}}}
.over{{fill:{critical_edge}}}
.cell.on{{fill:{on_edge}}}
"""


def stylesheet(theme: Theme) -> str:
    light, dark = _COLOURS.format_map(_LIGHT), _COLOURS.format_map(_DARK)
    if theme == "auto":
        return f"{_SHAPES}{light}@media (prefers-color-scheme:dark){{{dark}}}\n"
    return _SHAPES + {"light": light, "dark": dark}[theme]

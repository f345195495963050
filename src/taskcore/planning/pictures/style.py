"""How a picture looks, in light and in dark. Colours stand in rules without variables, which every viewer knows."""

from __future__ import annotations

from typing import Literal

Theme = Literal["auto", "light", "dark"]
"""`auto` is as the reader's system is set."""

_SHAPES = """
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.heading{font-size:18px;font-weight:650}
.scale text,.note,.legend text,.key,.person,.small{font-size:11px}
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
.on,.cell.on{{fill:{on_edge}}}
"""


_PAGE_SHAPES = """
*{box-sizing:border-box}
body{margin:0 auto;max-width:1480px;padding:24px clamp(12px,3vw,40px) 64px;
font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:22px;line-height:1.3;margin:0}
h2{font-size:16px;margin:32px 0 8px}
header p{margin:2px 0 0}
h1,h2,p,li,td{overflow-wrap:break-word}
svg{display:block}
.facts{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0;padding:0;list-style:none}
.facts li{border:1px solid;border-radius:8px;padding:6px 14px}
.facts b{display:block;font-size:15px}
.chart{display:flex;width:fit-content;max-width:100%;border:1px solid;border-radius:8px;overflow:hidden}
.names{flex:none;max-width:46vw;overflow-x:auto;border-right:1px solid}
.wide{overflow-x:auto;flex:0 1 auto}
.signs{display:flex;flex-wrap:wrap;gap:4px 20px;margin:12px 0;padding:0;list-style:none;font-size:12px}
.signs li{display:flex;align-items:center;gap:7px}
details{border:1px solid;border-width:1px 0 0;padding:10px 0}
details:last-of-type{border-bottom-width:1px}
summary{cursor:pointer;font-weight:600}
td details{border:0!important;padding:0}
td summary{font-weight:400}
td ul{margin:4px 0;padding-left:18px}
table{border-collapse:collapse;margin-top:10px;font-size:13px;font-variant-numeric:tabular-nums}
th,td{max-width:36em;padding:5px 14px 5px 0;text-align:left;vertical-align:top}
thead th{white-space:nowrap;font-weight:600}
tbody tr{border-top:1px solid}
td:nth-child(1),td:nth-child(4),td:nth-child(5),td:nth-child(6),td:nth-child(7){white-space:nowrap}
@media print{.chart,.wide,.names{overflow:visible}body{max-width:none}svg{print-color-adjust:exact}}
"""
_PAGE_COLOURS = """
html{{color-scheme:{scheme}}}
body{{background:{page};color:{text}}}
header p,.signs,thead th,.facts li{{color:{muted}}}
.facts b{{color:{text}}}
.facts .late b,.late-text,.conflicts li{{color:{late}}}
.facts li,.chart,.names,details,tbody tr{{border-color:{frame}}}
:focus-visible{{outline:2px solid {edge};outline-offset:2px}}
"""


def stylesheet(theme: Theme) -> str:
    """Of a picture."""
    return _SHAPES + _themed(theme, _COLOURS)


def page_stylesheet(theme: Theme) -> str:
    """Of a page with pictures."""
    return _SHAPES + _PAGE_SHAPES + _themed(theme, _COLOURS + _PAGE_COLOURS)


def _themed(theme: Theme, rules: str) -> str:
    light = rules.format_map({**_LIGHT, "scheme": "light"})
    dark = rules.format_map({**_DARK, "scheme": "dark"})
    if theme == "auto":
        return f"{light}@media (prefers-color-scheme:dark){{{dark}}}\n"
    return {"light": light, "dark": dark}[theme]

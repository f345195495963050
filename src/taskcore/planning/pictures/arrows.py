"""Dependencies as lines of right angles from the end that holds back to the end that is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from taskcore.planning.model import PlanLink
from taskcore.planning.pictures.text import escaped, line
from taskcore.planning.pictures.words import duration, span
from taskcore.values import DependencyType, LagUnit, TaskId

Point = tuple[float, float]
_STEP = 7.0
"""How far a line goes from a bar before it turns."""
_HEAD = 5.0
_ROUND = 4.0
ARROWHEADS = "".join(
    f'<marker id="{name}" orient="auto" markerUnits="userSpaceOnUse" markerWidth="6" markerHeight="7" '
    f'viewBox="0 0 6 7" refX="1" refY="3.5"><path class="{style}" d="M0,0L6,3.5L0,7z"/></marker>'
    for name, style in (("arrow", "arrow"), ("arrow-critical", "arrow critical"))
)


@attrs.frozen(slots=True)
class Anchor:
    """Where lines meet a bar."""

    key: str
    left: float
    right: float
    middle: float
    top: float
    bottom: float
    half: float
    """Half a row: so far above and below the middle nothing stands in the way."""


def arrows(links: Iterable[PlanLink], anchors: Mapping[TaskId, Anchor]) -> Iterator[str]:
    """The critical ones last, so that they lie on top."""
    for each in sorted(links, key=lambda link: link.critical):
        before, after = anchors[each.predecessor_id], anchors[each.successor_id]
        style, head = ("link critical", "arrow-critical") if each.critical else ("link", "arrow")
        yield (
            f'<path class="{style}" marker-end="url(#{head})" d="{_rounded(_route(each.type, before, after))}">'
            f"<title>{_told(each, before, after)}</title></path>"
        )


def _told(link: PlanLink, before: Anchor, after: Anchor) -> str:
    lag = ""
    if link.lag_minutes:
        length = (duration if link.lag_unit is LagUnit.WORKING else span)(abs(link.lag_minutes))
        lag = f" {'+' if link.lag_minutes > 0 else '−'} {length}"  # noqa: RUF001  # a minus sign
    return escaped(line(f"{before.key} → {after.key} ({link.type}{lag}){', critical' * link.critical}"))


def _route(type_: DependencyType, before: Anchor, after: Anchor) -> list[Point]:
    match type_:
        case DependencyType.FS:
            return _finish_to_start(before, after)
        case DependencyType.SS:
            turn = min(before.left, after.left) - _STEP
            ends = (before.left, after.left)
        case DependencyType.FF:
            turn = max(before.right, after.right) + _STEP + _HEAD
            ends = (before.right, after.right)
        case DependencyType.SF:
            return _start_to_finish(before, after)
    return [(ends[0], before.middle), (turn, before.middle), (turn, after.middle), (ends[1], after.middle)]


def _finish_to_start(before: Anchor, after: Anchor) -> list[Point]:
    room = after.left - before.right
    if room >= _STEP + _HEAD + 2:
        turn = before.right + _STEP
        return [
            (before.right, before.middle), (turn, before.middle), (turn, after.middle), (after.left, after.middle)
        ]  # fmt: skip
    down = after.middle > before.middle
    if room > -2:
        turn = after.left + min(_STEP, (after.right - after.left) / 2)
        return [
            (before.right, before.middle),
            (turn, before.middle),
            (turn, after.top if down else after.bottom),
        ]
    return _around(before.right, _STEP, before, after.left, -_STEP - _HEAD, after)


def _start_to_finish(before: Anchor, after: Anchor) -> list[Point]:
    if before.left - after.right >= _STEP + _HEAD + 2:
        turn = before.left - _STEP
        return [
            (before.left, before.middle), (turn, before.middle), (turn, after.middle), (after.right, after.middle)
        ]  # fmt: skip
    return _around(before.left, -_STEP, before, after.right, _STEP + _HEAD, after)


def _around(
    leave: float, out: float, before: Anchor, enter: float, back: float, after: Anchor
) -> list[Point]:
    """Between the rows back to the other side."""
    between = after.middle - after.half if after.middle > before.middle else after.middle + after.half
    return [
        (leave, before.middle), (leave + out, before.middle), (leave + out, between),
        (enter + back, between), (enter + back, after.middle), (enter, after.middle),
    ]  # fmt: skip


def _rounded(points: list[Point]) -> str:
    """A path with its corners rounded, which ends where the arrowhead begins."""
    points = [each for place, each in enumerate(points) if not place or each != points[place - 1]]
    if len(points) < 2:
        points = [points[0], points[0]]
    points[-1] = _towards(points[-1], points[-2], _HEAD)
    told = [f"M{_at(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        size = min(_ROUND, _length(before, corner) / 2, _length(corner, after) / 2)
        told.append(
            f"L{_at(_towards(corner, before, size))}Q{_at(corner)} {_at(_towards(corner, after, size))}"
        )
    return "".join([*told, f"L{_at(points[-1])}"])


def _at(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _length(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(point: Point, other: Point, distance: float) -> Point:
    """`point`, so much nearer to `other`; the two have a coordinate in common."""
    length = _length(point, other)
    if not length:
        return point
    part = min(distance / length, 1)
    return point[0] + (other[0] - point[0]) * part, point[1] + (other[1] - point[1]) * part

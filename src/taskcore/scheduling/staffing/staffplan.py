"""A team's plan as it came out: where everything is, how good that is for sure, and why it is there."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

import attrs

from taskcore.scheduling.activities import Broken, Cause, Link, Reason
from taskcore.scheduling.elapsed import Dates
from taskcore.scheduling.order import Cycle
from taskcore.scheduling.plan import Plan
from taskcore.scheduling.slack import slack
from taskcore.scheduling.staffing.bounds import finish_bound
from taskcore.scheduling.staffing.generation import Draft
from taskcore.scheduling.staffing.latest import seen
from taskcore.scheduling.staffing.model import Placed, Resource, Work
from taskcore.scheduling.staffing.project import Project
from taskcore.values import LagUnit

Dated = tuple[int, int]
"""A start and a finish."""


class StaffPlan:
    """Lists by place. What is not needed is not computed."""

    def __init__(self, project: Project, draft: Draft, schedules: int = 1) -> None:
        self._project, self._draft = project, draft
        self.placed: list[Placed] = draft.placed(project)
        self.schedules = schedules
        """Plans that were made on the way."""

    @property
    def work(self) -> list[Work]:
        return self._project.work

    @property
    def links(self) -> list[Link]:
        return self._project.links

    @property
    def resources(self) -> list[Resource]:
        return self._project.resources

    @property
    def start(self) -> int:
        return self._project.start

    @property
    def now(self) -> int | None:
        return self._project.now

    @property
    def finish(self) -> int:
        return max((each.finish for each in self.placed), default=self.start)

    @cached_property
    def bound(self) -> int:
        """No plan of this work finishes earlier: proven."""
        return finish_bound(self._project)

    @property
    def gap(self) -> float:
        """By how much, at most, what is left of the plan is longer than of the best one; 0 is optimal."""
        begin = self.start if self.now is None else max(self.start, self.now)
        return (self.finish - begin) / (self.bound - begin) - 1 if self.bound > begin else 0.0

    @cached_property
    def early(self) -> list[Dated]:
        """Were there people without end, as good as those who do it here."""
        return list(zip(self._network.early_start, self._network.early_finish, strict=True))

    @property
    def late(self) -> list[Dated]:
        """The latest that moves neither the end nor a deadline, everybody's tasks in the order that they have here."""
        return list(zip(self.dates.late_start, self.dates.late_finish, strict=True))

    @property
    def total_slack(self) -> list[int]:
        """Working seconds from the planned start to the late one; of work that has begun, for what remains."""
        return self.dates.total_slack

    @property
    def free_slack(self) -> list[int]:
        """Working seconds by which it may move and nothing else does: nobody's next task either."""
        return self.dates.free_slack

    def critical(self, threshold: int = 0) -> list[int]:
        """Unfinished tasks that have no more slack: delay one, and the end or a deadline is missed."""
        slacks = enumerate(self.total_slack)
        return [place for place, room in slacks if room <= threshold and self.work[place].finished is None]

    @cached_property
    def dates(self) -> Dates:
        """The planned dates as early ones, late ones and slack, by links and by the order in which people work."""
        project, more, draft = self._project, self._sequences(), self._draft
        spans = {place: draft.finishes[place] - draft.resumes[place] for place in draft.runs}
        while True:
            try:
                network = project.network(draft.ways, more, spans)
                break
            except Cycle as error:  # by a lead that lets its successor come first
                among = set(error.cycle)
                more = [link for link in more if not {link.predecessor, link.successor} <= among]
        return slack(seen(project, draft, network))

    def lateness(self, place: int) -> tuple[int, int]:
        """By how much it misses its deadline: in working time, of which there may be none, and in elapsed time."""
        deadline, finish = self.work[place].deadline, self.placed[place].finish
        if deadline is None or finish <= deadline:
            return 0, 0
        return self._seen.work(place, deadline, finish), finish - deadline

    def container(self, place: int) -> bool:
        """Whether it holds other tasks."""
        return self._project.container(place)

    def reasons(self, place: int, *, finish: bool = False) -> list[Reason]:
        """What holds it back, the strongest first; that nobody works comes before what it was added to.

        Of a container, the child that is first, or last if its `finish` is asked for.
        """
        work, view = self.work[place], self._seen
        if self._project.container(place) or work.finished is not None:
            return view.reasons(place, finish=finish)
        at = self._draft.resumes[place]
        found = sorted(view.candidates(place), key=lambda reason: -reason.at)
        if work.pinned:
            asked = (each for each in found if each.constraint in (None, *work.constraints))
            return [Reason(Cause.POLICY, at), *asked]
        if at > found[0].at:
            found[:0] = self._waits(place, found[0].at)
        for calendar in self._gaps(place, found[0]):
            found.insert(0, calendar)
        return found

    def why(self, place: int) -> list[tuple[int, Reason]]:
        """The driving path: from reason to reason back to one that waits for no task."""
        path: list[tuple[int, Reason]] = []
        at, finish, passed = place, False, {place}
        while True:
            found = self.reasons(at, finish=finish)
            while found[0].cause is Cause.CALENDAR:
                path.append((at, found.pop(0)))
            # A lead may let two tasks hold each other up; then the next reason tells.
            last = next((each for each in found if each.by not in passed), None) or found[-1]
            path.append((at, last))
            if last.by is None:
                return path
            passed.add(last.by)
            if last.link is not None:
                finish = self.links[last.link].type in ("FS", "FF")
            elif last.cause is Cause.RESOURCE:
                finish = True
            at = last.by

    def broken(self) -> list[Broken]:
        """Constraints that lost, and pinned tasks that stand where links or people do not let them, each once."""
        found = []
        for each in self._seen.broken():
            finish = each.constraint is not None and not each.constraint.rule.of_start
            found.append(attrs.evolve(each, by=self.reasons(each.place, finish=finish)[0]))
        pinned = (place for place in self._project.leaves if self.work[place].pinned)
        return found + [each for each in map(self._overruled, pinned) if each]

    def out_of_sequence(self) -> list[tuple[int, int]]:
        """Links, by their places, and tasks that began or ended before these allowed it."""
        return self._seen.out_of_sequence()

    @cached_property
    def _network(self) -> Plan:
        return self._project.network(self._draft.ways)

    @cached_property
    def _seen(self) -> Plan:
        return seen(self._project, self._draft, self._network)

    @cached_property
    def _loads(self) -> list[list[tuple[int, int, int]]]:
        """By resource, the ends of what it does, the starts, and the task; sorted."""
        found: list[list[tuple[int, int, int]]] = [[] for _ in self.resources]
        for place, placed in enumerate(self.placed):
            for each in placed.assigned:
                if each.start < each.end:
                    found[each.resource].append((each.end, each.start, place))
        return [sorted(each) for each in found]

    def _sequences(self) -> list[Link]:
        """Who does two tasks one after the other does not begin the second before the first has ended; nor, where the
        second had begun and gave way to the first, goes on with it."""
        found: dict[tuple[int, int], Link] = {}
        for loads in self._loads:
            last: int | None = None
            for _, start, place in loads:
                if last is not None and last != place and self.placed[last].finish <= start:
                    begun = self._draft.resumes[place] < self.placed[last].finish
                    lead = start - self._draft.resumes[place] if begun else 0
                    known = found.get((last, place))
                    if known is None or -known.lag > lead:
                        found[last, place] = Link(last, place, lag=-lead, unit=LagUnit.ELAPSED)
                last = place
        return list(found.values())

    def _waits(self, place: int, since: int) -> list[Reason]:
        """What the people on it do until it begins, after everything else would let it; the latest first."""
        at, found = self._draft.resumes[place], []
        for each in {each.resource: None for each in self.placed[place].assigned}:
            loads = self._loads[each]
            before = bisect_right(loads, (at, at, len(self.work)))
            while before and loads[before - 1][2] == place:
                before -= 1
            if before and loads[before - 1][0] > since:
                end, _, holder = loads[before - 1]
                found.append(Reason(Cause.RESOURCE, end, holder, resource=each))
        found.sort(key=lambda reason: -reason.at)
        return found

    def _gaps(self, place: int, last: Reason) -> list[Reason]:
        """Why it does not begin right then: nobody works, a limit is reached, or it is kept or put there."""
        at, work = self._draft.resumes[place], self.work[place]
        if at <= last.at:
            return []
        pace = self._project.pace(place, self._draft.ways[place])
        if pace.next_start(last.at) == at:
            missing = (each.resource for each in self.placed[place].assigned)
            until = (each for each in missing if self._waits_for(each, last.at, at))
            return [Reason(Cause.CALENDAR, at, resource=next(until, None))]
        limited = [
            each.resource for each in self.placed[place].assigned if self.resources[each.resource].limited
        ]
        if limited and not work.as_late_as_possible:
            return [Reason(Cause.LIMIT, at, resource=limited[0])]
        return [Reason(Cause.POLICY, at)]

    def _waits_for(self, resource: int, since: int, until: int) -> bool:
        """Whether that is the first moment since then at which the resource works."""
        return [start for start, _ in self.resources[resource].calendar.working(since, until + 1)] == [until]

    def _overruled(self, place: int) -> Broken | None:
        """What would have a pinned task later: of all links and of what else its people do, the strongest."""
        start, view = self.placed[place].start, self._seen
        found = list(view.candidates(place))
        for mine in self.placed[place].assigned:
            found += [
                Reason(Cause.RESOURCE, end, other, resource=mine.resource)
                for end, begin, other in self._loads[mine.resource]
                if other != place and begin < mine.end and mine.start < end
            ]
        by = max(found, key=lambda reason: reason.at)
        if by.at <= start:
            return None
        return Broken(place, None, view.work(place, start, by.at), by, by.at - start)

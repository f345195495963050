"""`taskcore escalation …`: what a team does about tasks in trouble."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from taskcore.errors import invalid
from taskcore.values import LagUnit, Priority
from taskcore.watching.model import EscalationAction, EscalationTarget, EscalationTrouble
from taskcore_cli import names
from taskcore_cli.arguments import Cursor, IfVersion, Limit
from taskcore_cli.columns import ESCALATION
from taskcore_cli.completion import escalations, projects, teams, words
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.render import show_fields, show_one, show_page
from taskcore_cli.session import Session

app = noun("Escalation rules: what is done about tasks that are unassigned, overdue or blocked for too long.")

_SPAN = re.compile(r"([0-9]{1,6})(m|h|d)?")
_MINUTES = {None: 1, "m": 1, "h": 60, "d": 24 * 60}
_STEP = "must be as 'notify owner', 'reassign ada@example.org after 2h' or 'raise_priority after 1d'"

RuleId = Annotated[str, typer.Argument(metavar="RULE", help="The rule's id.", autocompletion=escalations)]
TeamOption = Annotated[
    str | None,
    typer.Option(
        metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
    ),
]
Trouble = Annotated[
    str | None,
    typer.Option(
        "--when",
        metavar="TROUBLE",
        help=f"{', '.join(EscalationTrouble)}.",
        autocompletion=words(EscalationTrouble),
    ),
]
Steps = Annotated[
    list[str] | None,
    typer.Option(
        "--step",
        metavar="STEP",
        help="What is done, in this order; may be repeated: 'notify owner', 'reassign ada@example.org after 2h', "
        "'raise_priority after 1d'. To owner, admin, lead, assignee, or an e-mail.",
    ),
]
After = Annotated[
    str | None,
    typer.Option("--after", metavar="SPAN", help="How long it has to last: minutes, or as 90m, 4h, 2d."),
]
Unit = Annotated[
    str | None,
    typer.Option(
        "--unit",
        metavar="UNIT",
        help="elapsed, or working: of the team's working time, of which 1d is 24h too.",
        autocompletion=words(LagUnit),
    ),
]
ProjectOption = Annotated[
    str | None,
    typer.Option(
        "--project", metavar="PROJECT", help="Only its tasks; none for all.", autocompletion=projects
    ),
]
Priorities = Annotated[
    list[str] | None,
    typer.Option(
        "--priority",
        metavar="PRIORITY",
        help="Only tasks of this one; may be repeated. any for all.",
        autocompletion=words(Priority),
    ),
]
Enabled = Annotated[bool | None, typer.Option("--on/--off", help="Whether anything is done by it.")]


@app.command("list", cls=Verb)
def list_(ctx: typer.Context, team: TeamOption = None, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List a team's rules."""
    session: Session = ctx.obj
    home = names.team(session, team)
    show_page(session, session.me.escalations.list(home, limit=limit, cursor=cursor), ESCALATION)


@app.command(cls=Change)
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What those who are told of it read.")],
    when: Trouble = None,
    step: Steps = None,
    after: After = None,
    unit: Unit = None,
    team: TeamOption = None,
    project: ProjectOption = None,
    priority: Priorities = None,
    enabled: Enabled = None,
) -> None:
    """Have something done about tasks in trouble, those that there are too."""
    session: Session = ctx.obj
    home = names.team(session, team)
    fields = _fields(session, when, step, after, unit, project, priority, [home])
    fields |= {} if enabled is None else {"enabled": enabled}
    trouble = fields.pop("trouble", None)
    if trouble is None:
        raise invalid("when", f"is needed: one of {', '.join(EscalationTrouble)}")
    made = session.me.escalations.create(home, name, trouble, fields.pop("steps", []), **fields)
    show_one(session, made, ESCALATION, heading=False)


@app.command(cls=Verb)
def show(ctx: typer.Context, rule: RuleId) -> None:
    """Show one rule."""
    session: Session = ctx.obj
    show_fields(session, session.me.escalations.get(rule), ESCALATION)


@app.command(cls=Change)
def edit(
    ctx: typer.Context,
    rule: RuleId,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What those read who are told.")] = None,
    when: Trouble = None,
    step: Steps = None,
    after: After = None,
    unit: Unit = None,
    project: ProjectOption = None,
    priority: Priorities = None,
    enabled: Enabled = None,
    if_version: IfVersion = None,
) -> None:
    """Change a rule; its steps are given whole."""
    session: Session = ctx.obj
    fields = _fields(session, when, step, after, unit, project, priority, [])
    fields |= {} if name is None else {"name": name}
    fields |= {} if enabled is None else {"enabled": enabled}
    changed = session.me.escalations.edit(rule, if_version=if_version, **fields)
    show_one(session, changed, ESCALATION, heading=False)


@app.command(cls=Change)
def rm(ctx: typer.Context, rule: RuleId, if_version: IfVersion = None) -> None:
    """End a rule. What it did stays."""
    session: Session = ctx.obj
    session.me.escalations.delete(rule, if_version=if_version)


def _fields(
    session: Session,
    when: str | None,
    step: list[str] | None,
    after: str | None,
    unit: str | None,
    project: str | None,
    priority: list[str] | None,
    homes: Sequence[str],
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if when is not None:
        fields["trouble"] = names.one_of("when", EscalationTrouble, when)
    if step is not None:
        fields["steps"] = [_step(session, each) for each in step]
    if after is not None:
        fields["after_minutes"] = _minutes("after", after)
    if unit is not None:
        fields["after_unit"] = names.one_of("unit", LagUnit, unit)
    if project is not None:
        fields["project_id"] = names.project(session, project, homes)
    if priority is not None:
        named = [each for each in priority if each != "any"]
        fields["priorities"] = [names.one_of("priority", Priority, each) for each in named]
    return fields


def _step(session: Session, text: str) -> dict[str, Any]:
    """`ACTION [TARGET] [after SPAN]`. Raises: Invalid; NotFound, for an e-mail of nobody."""
    parts = text.split()
    step: dict[str, Any] = {}
    if len(parts) > 2 and parts[-2] == "after":
        step["after_minutes"] = _minutes("step", parts[-1])
        parts = parts[:-2]
    if not parts or len(parts) > 2:
        raise invalid("step", f"{_STEP}, not {text!r:.80}")
    step["action"] = names.one_of("step", EscalationAction, parts[0])
    if len(parts) == 1:
        return step
    if parts[1] in set(EscalationTarget) - {EscalationTarget.USER}:
        return {**step, "target": EscalationTarget(parts[1])}
    if "@" not in parts[1]:
        raise invalid("step", f"{_STEP}, not {text!r:.80}")
    return {**step, "target": EscalationTarget.USER, "user_id": names.person(session, parts[1])}


def _minutes(option: str, text: str) -> int:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise invalid(option, f"must be minutes, or as 90m, 4h or 2d, not {text!r:.40}")
    return int(match[1]) * _MINUTES[match[2]]

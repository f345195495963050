"""`taskcore task …`, and the shortcuts `add`, `ls`, `done`, `next` and `import`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer

from taskcore.errors import NotFound, PreconditionFailed, invalid
from taskcore.values import DependencyType, LagUnit, ReminderAnchor
from taskcore_cli import names
from taskcore_cli.columns import (
    EVENT,
    REMINDER,
    comment_columns,
    dependency_columns,
    task_columns,
    task_details,
)
from taskcore_cli.completion import people, tasks, teams
from taskcore_cli.fields import (
    TaskChange,
    TaskClaim,
    TaskEdit,
    TaskListing,
    asked_fields,
    asked_query,
    given_fields,
)
from taskcore_cli.grammar import Change, Danger, Import, Verb, noun
from taskcore_cli.nouns import bringing, reading
from taskcore_cli.render import show_all, show_fields, show_one, show_page
from taskcore_cli.session import Session

app = noun(
    "Tasks: add, list, change, link, import. A task is named by its key, its id or the beginning of that."
)

Refs = Annotated[
    list[str],
    typer.Argument(metavar="TASK...", help="Keys or ids; - reads them from stdin.", autocompletion=tasks),
]
Ref = Annotated[str, typer.Argument(metavar="TASK", help="Key or id.", autocompletion=tasks)]
IfVersion = Annotated[int | None, typer.Option(metavar="N", help="Refuse, if it is at another version.")]
Force = Annotated[bool, typer.Option("--force", help="Finish it, blocked or not.")]
Limit = Annotated[str, typer.Option(metavar="N", help="1 to 200.")]
Cursor = Annotated[str | None, typer.Option(metavar="CURSOR", help="Where the page before ended.")]
TRIES = 5


def change_each(ctx: typer.Context, refs: list[str], act: Callable[[str], Any]) -> int:
    """Do it to each task; show the one, or all of those that were changed."""
    session: Session = ctx.obj
    done, code = names.each_task(session, refs, act)
    if len(refs) > 1 or refs[0] == names.STDIN:
        show_all(session, done, task_columns(session, done))
    elif done:
        show_one(session, done[0], task_columns(session, done), heading=False)
    return code


@app.command(cls=TaskChange)
def add(
    ctx: typer.Context,
    title: Annotated[str, typer.Argument(help="What is to be done.")],
    team: Annotated[
        str | None,
        typer.Option(
            metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
        ),
    ] = None,
) -> None:
    """Add a task."""
    session: Session = ctx.obj
    home = names.team(session, team)
    task = session.me.tasks.create(home, title, **given_fields(ctx, session, home))
    show_one(session, task, task_columns(session, [task]), heading=False)


@app.command("list", cls=TaskListing)
def list_(ctx: typer.Context) -> None:
    """List tasks: a page of 50, or as --limit says."""
    session: Session = ctx.obj
    page = session.me.tasks.list(**asked_query(ctx, session))
    show_page(session, page, task_columns(session, page.items))


@app.command("next", cls=TaskListing)
def next_(ctx: typer.Context) -> None:
    """List what can be started now by you, the most pressing first."""
    session: Session = ctx.obj
    pressing = {
        "status": "open,in_progress,in_review",
        "blocked": False,
        "assignee": ["me", None],
        "sort": "-priority,due_at,created_at",
        "limit": 10,
    }
    page = session.me.tasks.list(**pressing | asked_query(ctx, session))
    show_page(session, page, task_columns(session, page.items))


@app.command(cls=Verb)
def show(
    ctx: typer.Context,
    task: Ref,
    deleted: Annotated[bool, typer.Option("--deleted", help="Look in the trash too.")] = False,
) -> None:
    """Show one task at length."""
    session: Session = ctx.obj
    found = session.me.tasks.get(names.task(session, task), deleted=deleted)
    project = session.me.projects.get(found.project_id) if found.project_id and session.mode is None else None
    show_fields(session, found, task_details(session, found, project), below=found.description)


@app.command(cls=TaskEdit)
def edit(
    ctx: typer.Context,
    task: Refs,
    if_version: IfVersion = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="With --if-version: refuse only if a field you give has changed.")
    ] = False,
    force: Force = False,
) -> int:
    """Change fields of tasks."""
    session: Session = ctx.obj
    fields = given_fields(ctx, session, None)
    return change_each(
        ctx,
        task,
        lambda ref: session.me.tasks.edit(ref, if_version=if_version, merge=merge, force=force, **fields),
    )


@app.command(cls=Change)
def start(ctx: typer.Context, task: Refs, if_version: IfVersion = None) -> int:
    """Begin work on tasks."""
    return change_each(ctx, task, lambda ref: ctx.obj.me.tasks.start(ref, if_version=if_version))


@app.command(cls=TaskClaim)
def claim(
    ctx: typer.Context,
    team: Annotated[
        str | None,
        typer.Option(
            metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
        ),
    ] = None,
    lease: Annotated[int, typer.Option(metavar="MINUTES", help="How long it is held for you.")] = 30,
) -> None:
    """Take the next ready task: to exactly one of all who ask."""
    session: Session = ctx.obj
    home = names.team(session, team)
    task = session.me.tasks.claim(home, lease_minutes=lease, **asked_fields(ctx, session, [home]))
    if task is None:
        raise NotFound(f"nothing is ready in {home}")
    show_one(session, task, task_columns(session, [task]), heading=False)


@app.command(cls=Change)
def done(ctx: typer.Context, task: Refs, force: Force = False, if_version: IfVersion = None) -> int:
    """Finish tasks."""
    return change_each(
        ctx, task, lambda ref: ctx.obj.me.tasks.complete(ref, force=force, if_version=if_version)
    )


@app.command(cls=Change)
def reopen(ctx: typer.Context, task: Refs, if_version: IfVersion = None) -> int:
    """Take finished tasks up again."""
    return change_each(ctx, task, lambda ref: ctx.obj.me.tasks.reopen(ref, if_version=if_version))


@app.command(cls=Change)
def cancel(ctx: typer.Context, task: Refs, if_version: IfVersion = None) -> int:
    """Finish tasks without their being done."""
    return change_each(ctx, task, lambda ref: ctx.obj.me.tasks.cancel(ref, if_version=if_version))


@app.command(cls=Change)
def assign(
    ctx: typer.Context,
    task: Refs,
    who: Annotated[str, typer.Argument(metavar="WHO", help="An e-mail, me or none.", autocompletion=people)],
    if_version: IfVersion = None,
) -> int:
    """Give tasks to somebody, or to nobody."""
    session: Session = ctx.obj
    assignee = names.person_or_none(session, who)
    return change_each(ctx, task, lambda ref: session.me.tasks.assign(ref, assignee, if_version=if_version))


@app.command(cls=Change)
def label(
    ctx: typer.Context,
    task: Ref,
    name: Annotated[list[str] | None, typer.Argument(metavar="LABEL...", help="Labels to put on it.")] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="LABEL", help="A label to take off it.")] = None,
) -> int:
    """Put labels on a task, and take others off."""
    session: Session = ctx.obj
    return change_each(
        ctx, [task], lambda ref: _relabelled(session, ref, frozenset(name or ()), frozenset(remove or ()))
    )


def _relabelled(session: Session, ref: str, more: frozenset[str], fewer: frozenset[str]) -> Any:
    """Again from the start, should somebody change the task in between."""
    for attempt in range(1, TRIES + 1):
        task = session.me.tasks.get(ref)
        labels = sorted((set(task.labels) | more) - fewer)
        try:
            return session.me.tasks.edit(task.id, labels=labels, if_version=task.version)
        except PreconditionFailed:
            if attempt == TRIES:
                raise
    raise AssertionError


@app.command(cls=Change)
def move(
    ctx: typer.Context,
    task: Refs,
    project: Annotated[str | None, typer.Option(metavar="PROJECT", help="Name or id, or none.")] = None,
    after: Annotated[str | None, typer.Option(metavar="TASK", help="Right behind that one.")] = None,
    before: Annotated[str | None, typer.Option(metavar="TASK", help="Right ahead of that one.")] = None,
    if_version: IfVersion = None,
) -> int:
    """Move tasks to a project, or in the manual order."""
    session: Session = ctx.obj
    fields: dict[str, Any] = {} if project is None else {"project_id": names.project(session, project)}
    fields |= {} if after is None else {"after": names.task(session, after)}
    fields |= {} if before is None else {"before": names.task(session, before)}
    return change_each(ctx, task, lambda ref: session.me.tasks.move(ref, if_version=if_version, **fields))


@app.command(cls=Change)
def comment(
    ctx: typer.Context,
    task: Ref,
    body: Annotated[str, typer.Argument(help="Markdown; @name mentions.")],
) -> None:
    """Say something about a task."""
    session: Session = ctx.obj
    written = session.me.comments.create(names.task(session, task), body)
    show_one(session, written, comment_columns(session, [written]), heading=False)


@app.command(cls=Verb)
def comments(ctx: typer.Context, task: Ref, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List what was said about a task, oldest first."""
    session: Session = ctx.obj
    page = session.me.comments.list(names.task(session, task), limit=limit, cursor=cursor)
    show_page(session, page, comment_columns(session, page.items))


@app.command(cls=Change)
def remind(
    ctx: typer.Context,
    task: Ref,
    anchor: Annotated[
        str | None,
        typer.Option(metavar="ANCHOR", help=", ".join(ReminderAnchor) + "; due, if nothing is said."),
    ] = None,
    offset: Annotated[
        int, typer.Option(metavar="MINUTES", help="So long after it; before, if negative.")
    ] = 0,
    unit: Annotated[str, typer.Option(metavar="UNIT", help=", ".join(LagUnit) + ".")] = "elapsed",
    at: Annotated[
        str | None, typer.Option(metavar="WHEN", help="At that instant, as 2026-12-01T09:00:00Z.")
    ] = None,
) -> None:
    """Be told of a task."""
    session: Session = ctx.obj
    beside = anchor or ("due" if at is None else "absolute")
    added = session.me.reminders.add(
        names.task(session, task),
        names.one_of("anchor", ReminderAnchor, beside),
        offset_minutes=offset,
        offset_unit=names.one_of("offset_unit", LagUnit, unit),
        at=None if at is None else _instant(at),
    )
    show_one(session, added, REMINDER, heading=False)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise invalid("at", f"must be an instant such as 2026-12-01T09:00:00Z, not {text!r}") from None


@app.command(cls=Verb)
def reminders(ctx: typer.Context, task: Ref, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List your own reminders of a task."""
    session: Session = ctx.obj
    page = session.me.reminders.list(names.task(session, task), limit=limit, cursor=cursor)
    show_page(session, page, REMINDER)


@app.command(cls=Change)
def unremind(
    ctx: typer.Context,
    task: Ref,
    reminder: Annotated[str, typer.Argument(metavar="REMINDER", help="Its id.")],
) -> None:
    """Take one of your reminders back."""
    session: Session = ctx.obj
    session.me.reminders.remove(names.task(session, task), reminder)


@app.command(cls=Verb)
def activity(ctx: typer.Context, task: Ref, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List what happened to a task, newest first."""
    session: Session = ctx.obj
    show_page(
        session, session.me.events.activity(names.task(session, task), limit=limit, cursor=cursor), EVENT
    )


@app.command(cls=Change)
def link(
    ctx: typer.Context,
    task: Ref,
    predecessor: Annotated[str, typer.Argument(metavar="PREDECESSOR", help="The task that comes before it.")],
    kind: Annotated[str, typer.Option("--type", metavar="TYPE", help="FS, SS, FF or SF.")] = "FS",
    lag_minutes: Annotated[int, typer.Option(metavar="MINUTES", help="Time between; may be negative.")] = 0,
    lag_unit: Annotated[str, typer.Option(metavar="UNIT", help="working or elapsed.")] = "working",
) -> None:
    """Make a task wait for another."""
    session: Session = ctx.obj
    made = session.me.dependencies.link(
        names.task(session, task),
        names.task(session, predecessor),
        type=names.one_of("type", DependencyType, kind),
        lag_minutes=lag_minutes,
        lag_unit=names.one_of("lag_unit", LagUnit, lag_unit),
    )
    show_one(session, made, dependency_columns(session, [made]), heading=False)


@app.command(cls=Change)
def unlink(
    ctx: typer.Context,
    task: Ref,
    predecessor: Annotated[str, typer.Argument(metavar="PREDECESSOR", help="The task it waits for.")],
) -> None:
    """Let a task wait for another no longer."""
    session: Session = ctx.obj
    session.me.dependencies.unlink(names.task(session, task), names.task(session, predecessor))


@app.command(cls=Verb)
def dependencies(ctx: typer.Context, task: Ref) -> None:
    """List what ties a task to others."""
    session: Session = ctx.obj
    found = session.me.dependencies.list(names.task(session, task))
    links = sorted(found, key=lambda link: (link.predecessor_id, link.successor_id))
    show_all(session, links, dependency_columns(session, links))


@app.command(cls=Change)
def rm(ctx: typer.Context, task: Refs, if_version: IfVersion = None) -> int:
    """Put tasks in the trash, with their subtasks; restore takes them out for 30 days."""
    session: Session = ctx.obj

    def delete(ref: str) -> Any:
        session.me.tasks.delete(ref, if_version=if_version)
        return session.me.tasks.get(ref, deleted=True)

    return change_each(ctx, task, delete)


@app.command(cls=Change)
def restore(ctx: typer.Context, task: Refs) -> int:
    """Take tasks out of the trash."""
    return change_each(ctx, task, ctx.obj.me.tasks.restore)


@app.command(cls=Danger)
def purge(ctx: typer.Context, task: Refs) -> int:
    """End tasks in the trash for good."""
    session: Session = ctx.obj
    session.confirm("They cannot be restored then. Go on?")

    def end(ref: str) -> Any:
        ended = session.me.tasks.get(ref, deleted=True)
        session.me.tasks.purge(ref)
        return ended

    return change_each(ctx, task, end)


app.command(cls=Change)(reading.read)
app.command(cls=Verb)(reading.unread)
app.command("import", cls=Import)(bringing.bring)

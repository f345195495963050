"""`taskcore undo`: take back one's last change of a task."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from taskcore.errors import Conflict
from taskcore.tasks.undo import Reversal, of_trash, reversal
from taskcore_cli import names
from taskcore_cli.columns import task_columns
from taskcore_cli.completion import tasks
from taskcore_cli.grammar import Change, single
from taskcore_cli.render import show_one
from taskcore_cli.session import Session

app = single()


@app.command(cls=Change)
def undo(
    ctx: typer.Context,
    task: Annotated[str, typer.Argument(metavar="TASK", help="Key or id.", autocompletion=tasks)],
) -> None:
    """
    Take back your last change of a task, and show it as it is then.

    It is a change like any other: it stands in the log, and undoing it does again what was undone.
    What somebody changed again since is left as it is, and told.
    """
    session: Session = ctx.obj
    found = session.me.tasks.get(names.task(session, task), deleted=True)
    _take_back(session, found, _reversal(session, found))
    now = session.me.tasks.get(found.id, deleted=True)
    show_one(session, now, task_columns(session, [now]), heading=False)


def _reversal(session: Session, task: Any) -> Reversal:
    if task.deleted_at is not None:
        return of_trash(task, session.me.user_id)
    for event in names.every(session.me.events.activity, task.id):
        if event.actor_id == session.me.user_id:
            return reversal(task, event)
    raise Conflict(f"you have changed nothing of {task.key}")


def _take_back(session: Session, task: Any, back: Reversal) -> None:
    me = session.me
    if back.verb == "erase":
        said = (each.id for each in names.every(me.comments.list, task.id))
        if str(back.subject) not in map(str, said):  # a log that was brought in says what it likes
            raise Conflict(f"your last change of {task.key} cannot be undone: the comment is not there")
        me.comments.delete(back.subject)
    elif back.verb == "link":
        me.dependencies.link(task.id, back.subject, **back.fields)
    elif back.verb == "unlink":
        me.dependencies.unlink(task.id, back.subject)
    else:
        getattr(me.tasks, back.verb)(task.id, if_version=task.version, **back.fields)

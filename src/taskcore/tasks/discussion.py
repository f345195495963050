"""Comments: pure verbs, and who is mentioned in one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import attrs

from taskcore.errors import refuse
from taskcore.events import Event, Stamp
from taskcore.identity.model import User
from taskcore.tasks.model import Comment, Task, comment_faults, snapshot
from taskcore.values import CommentId, UserId

_MENTION = re.compile(r"(?<![\w@.])@([^\s@,;:!?()\[\]<>\"']+(?:@[^\s@,;:!?()\[\]<>\"']+)?)")
_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]*`", re.DOTALL)
_EXCERPT = 200


def mentions(body: str, people: Sequence[User]) -> tuple[UserId, ...]:
    """
    Those of `people` whom `body` mentions, in the order in which they are.

    A person answers to `@` and their e-mail, its part before the @, or their name without spaces,
    where nobody else does. Within code nobody is mentioned.
    """
    names: dict[str, set[UserId]] = {}
    for user in people:
        local = user.email.partition("@")[0]
        for name in {user.email, local, re.sub(r"\s+", "", user.name).casefold()}:
            names.setdefault(name, set()).add(user.id)
    found = (
        names.get(name.rstrip(".*~").casefold(), set()) for name in _MENTION.findall(_CODE.sub(" ", body))
    )
    return tuple(dict.fromkeys(user_id for ids in found if len(ids) == 1 for user_id in ids))


def write(task: Task, body: str, people: Sequence[User], stamp: Stamp) -> tuple[Comment, list[Event]]:
    """A new comment. Raises `Invalid`."""
    comment = Comment(
        id=CommentId(stamp.new_id()),
        team_id=task.team_id,
        task_id=task.id,
        author_id=stamp.actor_id,
        body=body,
        created_at=stamp.now,
    )
    refuse(comment_faults(comment))
    comment = attrs.evolve(comment, mentions=mentions(body, people))
    return comment, [told(comment, task, stamp)]


def told(comment: Comment, task: Task, stamp: Stamp) -> Event:
    """The event of a new comment."""
    return _event("comment.created", comment, task, stamp)


def rewrite(
    comment: Comment, task: Task, body: str, people: Sequence[User], stamp: Stamp
) -> tuple[Comment, list[Event]]:
    """The comment in other words; the log keeps the earlier ones."""
    if body == comment.body:
        return comment, []
    changed = attrs.evolve(comment, body=body, edited_at=stamp.now, version=comment.version + 1)
    refuse(comment_faults(changed))
    changed = attrs.evolve(changed, mentions=mentions(body, people))
    change = {"body": {"from": comment.body, "to": body}}
    return changed, [_event("comment.edited", changed, task, stamp, **change)]


def erase(comment: Comment, task: Task, stamp: Stamp) -> tuple[Comment, list[Event]]:
    """The comment without its words."""
    changed = attrs.evolve(comment, body="", mentions=(), deleted_at=stamp.now, version=comment.version + 1)
    return changed, [_event("comment.deleted", changed, task, stamp)]


def _event(kind: str, comment: Comment, task: Task, stamp: Stamp, **changes: Any) -> Event:
    data = {
        **changes,
        "task": snapshot(task),
        "comment": {"excerpt": comment.body[:_EXCERPT], "mentions": [str(who) for who in comment.mentions]},
    }
    return stamp.event(kind, task.team_id, "comment", comment.id, data, task_id=task.id)

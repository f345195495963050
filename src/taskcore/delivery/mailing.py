"""
Mail as jobs: saved with what it is about, so that none is lost, and delivered by whoever runs jobs.

Between a server that takes a mail and our commit that says so nobody can stand: a worker that dies there delivers the
mail once more. It is the same mail then, by its Message-ID, which is the job's.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs

from taskcore.delivery.ports import Attachment, Message
from taskcore.delivery.sealing import opened, sealed
from taskcore.events import Stamp
from taskcore.jobs.model import MOST_ATTEMPTS, Job, JobPriority
from taskcore.jobs.states import new_job
from taskcore.values import TeamId, UserId

MAIL = "mail.send"


def mail_job(
    job_id: UUID,
    now: datetime,
    message: Message,
    *,
    user_id: UserId | None = None,
    team_id: TeamId | None = None,
    at: datetime | None = None,
    until: datetime | None = None,
    account: bool = False,
    unsubscribe: str | None = None,
    seal: bytes | None = None,
    nobody: bool = False,
    unique_key: str | None = None,
    priority: JobPriority = JobPriority.NORMAL,
    max_attempts: int = MOST_ATTEMPTS,
) -> Job:
    """
    The job that delivers a mail: to be saved in the unit of work of what the mail is about.

    It goes out `at` an instant, or at once; not after `until`. A letter about an `account` goes to whom no other mail
    goes any more. `unsubscribe` is the reason of which its recipient, whose `user_id` is given, may want no more by mail,
    or `digest`: a link is put below that ends it. With `seal`, the store's secret, nobody reads it in the store but whoever has that;
    where it is for `nobody`, that is as secret, and it goes to nobody: by how long it takes to ask for a letter, nobody
    learns whether there is somebody.
    """
    content = written(message)
    payload: dict[str, Any] = {"to": message.to, "at": (at or now).isoformat()}
    if until is not None:
        payload["until"] = until.isoformat()
    if account:
        payload["account"] = True
    if unsubscribe is not None:
        payload["unsubscribe"] = unsubscribe
    if seal is not None:
        payload["content"] = sealed(seal, content | {"nobody": nobody})
    else:
        payload["content"] = content
    return new_job(
        job_id,
        MAIL,
        now,
        payload,
        user_id=user_id,
        team_id=team_id,
        at=at,
        unique_key=unique_key,
        priority=priority,
        max_attempts=max_attempts,
    )


def account_job(
    message: Message,
    stamp: Stamp,
    *,
    user_id: UserId | None = None,
    team_id: TeamId | None = None,
    until: datetime | None = None,
    seal: bytes | None = None,
    nobody: bool = False,
) -> Job:
    """As `mail_job`, for a letter about an account, which goes before all other mail, to whom no other goes too."""
    return mail_job(
        stamp.new_id(),
        stamp.now,
        message,
        user_id=user_id,
        team_id=team_id,
        until=until,
        account=True,
        seal=seal,
        nobody=nobody,
        priority=JobPriority.HIGH,
    )


def written(message: Message) -> dict[str, Any]:
    """A mail as JSON."""
    content: dict[str, Any] = {"to": message.to, "subject": message.subject, "text": message.text}
    if message.headers:
        content["headers"] = dict(message.headers)
    if message.html is not None:
        content["html"] = message.html
    if message.thread is not None:
        content["thread"] = message.thread
    if message.attachments:
        content["attachments"] = [
            {
                "filename": each.filename,
                "content_type": each.content_type,
                "content": base64.b64encode(each.content).decode(),
            }
            for each in message.attachments
        ]
    return content


def read(content: Mapping[str, Any]) -> Message:
    """The mail that `written` was given."""
    attachments = tuple(
        Attachment(each["filename"], each["content_type"], base64.b64decode(each["content"]))
        for each in content.get("attachments", ())
    )
    return Message(
        to=content["to"],
        subject=content["subject"],
        text=content["text"],
        headers=content.get("headers", {}),
        html=content.get("html"),
        attachments=attachments,
        thread=content.get("thread"),
    )


def message_of(job: Job, key: bytes) -> Message | None:
    """The mail of a job, known for the same one however often it is delivered, or None, where it is for nobody; `key`
    is the store's secret."""
    payload = job.payload
    content = payload["content"]
    if isinstance(content, str):
        content = opened(key, content)
    if content.get("nobody"):
        return None
    return attrs.evolve(read(content), id=job.id.hex, at=datetime.fromisoformat(payload["at"]))

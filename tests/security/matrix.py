"""
The matrix: for every row of the table of rights each way to do it, through every door that has it.

A row that is missing here fails a test; so does a use case, a route or a command that no way leads through.
"""

from __future__ import annotations

from tests.security.rows_of_escalations import ESCALATIONS
from tests.security.rows_of_notices import NOTICES
from tests.security.rows_of_people import INSTANCE, JOBS, PEOPLE
from tests.security.rows_of_tasks import TASKS
from tests.security.rows_of_teams import TEAMS
from tests.security.rows_of_webhooks import WEBHOOKS
from tests.security.rows_of_work import COMMENTS, PLANS, PROJECTS, REMINDERS
from tests.security.ways import Entry, Never, Unbuilt, Way

ATTACHMENTS = Unbuilt("attachments are to come", ("attachments", "files"))
LINKS = Unbuilt("links to attachments come with them", ("share_links", "links"))

UNBUILT: dict[str, Entry] = {
    **dict.fromkeys(
        (
            "attachment.create",
            "attachment.download",
            "attachment.delete_own",
            "attachment.delete_other",
        ),
        ATTACHMENTS,
    ),
    "audit_log.write": Never(
        "the audit is written by what it tells of, never by itself",
        ("audit.write", "audit.add", "audit.edit"),
    ),
    "instance.settings": Unbuilt(
        "settings come from flags, environment and files; none can be changed while it runs",
        ("instance.settings", "instance.edit", "settings"),
    ),
    "instance.impersonate": Never("nobody acts as another", ("instance.impersonate", "instance.act_as")),
    "share_link.create": LINKS,
    "share_link.use": LINKS,
    "ai.use": Unbuilt("a language model is to come", ("ai", "assistant")),
}
MATRIX: dict[str, Entry] = {
    **TEAMS,
    **PROJECTS,
    **TASKS,
    **COMMENTS,
    **REMINDERS,
    **NOTICES,
    **PLANS,
    **WEBHOOKS,
    **ESCALATIONS,
    **PEOPLE,
    **INSTANCE,
    **JOBS,
    **UNBUILT,
}
"""Row → the ways to do it, or why there is none."""


def ways() -> list[tuple[str, int, Way]]:
    """Every way, with its row and its number there."""
    return [
        (row, number, way)
        for row, entry in MATRIX.items()
        if isinstance(entry, tuple)
        for number, way in enumerate(entry, 1)
    ]

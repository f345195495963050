"""Every command on a store and through a service: the same output, errors and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import attrs
import click
import pytest

from taskcore_cli.program import NOUNS, program
from tests.entry.cli.conftest import ADA, BOB, PASSWORD
from tests.entry.cli.twins import (
    DAN,
    EVE,
    GUS,
    IVY,
    KIM,
    NOBODY,
    PAM,
    PAT,
    ROB,
    Ran,
    Twin,
    normalised,
    ran,
    twins,
)


@attrs.frozen
class Sample:
    """One use of a command, by whom, and how it ends."""

    words: str
    who: str = ADA
    typed: str = ""
    ends: int = 0


SAMPLES = {
    "notification list": [
        Sample(""),
        Sample("--unread --reason assigned --reason due --team PLAT"),
        Sample("--reason nonsense", ends=2),
        Sample("--team NONE", ends=3),
        Sample("--cursor nonsense", ends=2),
    ],
    "notification unread": [Sample("")],
    "notification read": [
        Sample("--all"),
        Sample("", ends=2),
        Sample("nonsense", ends=2),
        Sample("00000000-0000-0000-0000-000000000001", ends=3),
        Sample("--through 00000000-0000-0000-0000-000000000001", ends=3),
    ],
    "notification preferences": [
        Sample(
            "--tell due=none --tell assigned=default --quiet-hours 22:00-07:00 --digest-at 07:30", who=BOB
        ),
        Sample("--weekly-report --no-mail --digest-at none --if-version 2", who=BOB),
        Sample("--tell due=fax --tell nonsense=mail", ends=2),
        Sample("--tell due", ends=2),
        Sample("--quiet-hours 22:00", ends=2),
        Sample("--digest-at noon --quiet-hours 22:00-22:00", ends=2),
        Sample("--mail --if-version 99", ends=5),
    ],
    "task add": [
        Sample("A_task --team PLAT --priority high --project Launch --label bug --assignee bob@example.org"),
        Sample("Another --team PLAT --due 2099-12-01 --parent PLAT-1 --estimate 90 --assignee me"),
        Sample(
            "Planned --team PLAT --estimate-kind working --estimate 90 --optimistic 60 --pessimistic 240"
            " --candidate bob@example.org --candidate me --skill sql,design --splittable --remaining 30"
            " --constraint not__before=2026-12-01T09:00Z --constraint as__late__as__possible"
            " --recurrence RRULE:FREQ=DAILY"
        ),
        Sample("A --team PLAT --optimistic 9 --estimate 3 --constraint start__by --recurrence daily", ends=2),
        Sample("A --team PLAT --constraint sometime=2026-12-01T09:00Z", ends=2),
        Sample("A --team NONE", ends=3),
        Sample("A --team PLAT --label none-such --assignee gus@example.org", ends=2),
        Sample("A --team PLAT --project Launch --parent PLAT-99", ends=2),
        Sample("A", ends=2),
    ],
    "task list": [
        Sample("--team PLAT --sort number --limit 5"),
        Sample("--team PLAT --status open,done --assignee none --sort -priority,number --limit 200"),
        Sample("--team PLAT --project none --blocked true --sort number"),
        Sample("--text renamed --priority urgent"),
        Sample("--assignee bob@example.org --created-by ada@example.org"),
        Sample("--team PLAT --deleted --sort number"),
        Sample("--team PLAT --label bug", who=GUS),
        Sample("--sort nonsense", ends=2),
        Sample("--limit 0", ends=2),
        Sample("--cursor nonsense", ends=2),
        Sample("--team NONE", ends=3),
    ],
    "task next": [Sample("--team PLAT"), Sample("", who=EVE)],
    "task show": [
        Sample("PLAT-2"),
        Sample("{task_id}"),
        Sample("{prefix}"),
        Sample("PLAT-28 --deleted"),
        Sample("PLAT-28", ends=3),
        Sample("PLAT-1", who=EVE, ends=3),
        Sample("ffffffff", ends=3),
        Sample("PLAT-999", ends=3),
    ],
    "task edit": [
        Sample("PLAT-3 --title New_title --due 2099-12-01 --assignee bob@example.org --if-version 1"),
        Sample("PLAT-3 --title Late --if-version 1", ends=5),
        Sample("PLAT-3 --priority low --if-version 1 --merge"),
        Sample("PLAT-3 --due none --assignee none"),
        Sample("PLAT-3 --candidate none --skill none --constraint none --splittable false"),
        Sample("PLAT-3 PLAT-999 --priority low", ends=6),
        Sample("PLAT-5 --status done", ends=5),
        Sample("PLAT-5 --status done --force"),
        Sample("PLAT-3 --status nonsense", ends=2),
        Sample("PLAT-3 --title x", who=GUS, ends=3),
        Sample("PLAT-3"),
    ],
    "task start": [Sample("PLAT-10"), Sample("PLAT-10 --if-version 1", ends=5)],
    "task claim": [
        Sample("--team PLAT"),
        Sample("--team PLAT --lease 90 --q priority:high --label bug", ends=3),
        Sample("--team PLAT --lease 90 --priority high --sort number"),
        Sample("--team PLAT --status backlog", ends=3),
        Sample("--team PLAT --lease 0", ends=2),
        Sample("--team PLAT --project nonsense", ends=3),
        Sample("--team PLAT --q status:", ends=2),
        Sample("--team PLAT", who=GUS, ends=4),
        Sample("--team PLAT", who=EVE, ends=3),
    ],
    "task done": [Sample("PLAT-11 PLAT-12"), Sample("-", typed="PLAT-13\n"), Sample("PLAT-4", ends=5)],
    "task reopen": [Sample("PLAT-6")],
    "task cancel": [Sample("PLAT-14")],
    "task assign": [
        Sample("PLAT-15 bob@example.org"),
        Sample("PLAT-15 none"),
        Sample("PLAT-15 me"),
        Sample("PLAT-15 gus@example.org", ends=2),
    ],
    "task label": [Sample("PLAT-16 bug ui"), Sample("PLAT-16 --remove bug")],
    "task move": [
        Sample("PLAT-17 --project Launch"),
        Sample("PLAT-17 --after PLAT-20"),
        Sample("PLAT-17 --before PLAT-1"),
        Sample("PLAT-17 --after PLAT-17", ends=2),
        Sample("PLAT-17 --after PLAT-19 --before PLAT-20", ends=2),
        Sample("PLAT-17 --project Launch --after PLAT-19"),
        Sample("PLAT-17 PLAT-18 --before PLAT-19"),
        Sample("PLAT-17 --before PLAT-999", ends=3),
        Sample("PLAT-17 --before PLAT-999", who=GUS, ends=3),
    ],
    "task comment": [Sample("PLAT-18 Hello,_@bob"), Sample("PLAT-99 Hello", ends=3)],
    "task comments": [Sample("PLAT-2"), Sample("PLAT-2 --limit 1")],
    "task read": [
        Sample("PLAT-2"),
        Sample("PLAT-2 --comment {comment}", who=BOB),
        Sample("PLAT-2 --comment nonsense", ends=2),
        Sample("PLAT-99", ends=3),
        Sample("PLAT-2", who=EVE, ends=3),
    ],
    "task unread": [
        Sample("--team PLAT"),
        Sample("--team PLAT --limit 1", who=BOB),
        Sample("--team PLAT", who=EVE, ends=3),
        Sample("--team PLAT --limit nonsense", ends=2),
    ],
    "task remind": [
        Sample("PLAT-2 --offset -30 --unit working"),
        Sample("PLAT-2 --at 2099-12-01T09:00:00Z"),
        Sample("PLAT-2 --anchor planned__finish", who=BOB),
        Sample("PLAT-2 --anchor absolute", ends=2),
        Sample("PLAT-2 --anchor nonsense", ends=2),
        Sample("PLAT-2 --at nonsense", ends=2),
        Sample("PLAT-2", who=EVE, ends=3),
    ],
    "task reminders": [Sample("PLAT-8"), Sample("PLAT-8", who=BOB), Sample("PLAT-8", who=EVE, ends=3)],
    "task unremind": [
        Sample("PLAT-8 {reminder}", who=BOB, ends=3),
        Sample("PLAT-8 {reminder}"),
        Sample("PLAT-8 nonsense", ends=3),
    ],
    "task activity": [Sample("PLAT-2"), Sample("PLAT-2 --limit 1")],
    "task link": [
        Sample("PLAT-19 PLAT-20 --type SS --lag-minutes -30 --lag-unit elapsed"),
        Sample("PLAT-20 PLAT-19", ends=5),
    ],
    "task unlink": [Sample("PLAT-4 PLAT-7"), Sample("PLAT-4 PLAT-7", ends=3), Sample("PLAT-4 ..", ends=3)],
    "task dependencies": [Sample("PLAT-5"), Sample("PLAT-19")],
    "task rm": [Sample("PLAT-21 PLAT-22"), Sample("PLAT-21", ends=3)],
    "task restore": [Sample("PLAT-28"), Sample("PLAT-28")],
    "task purge": [
        Sample("PLAT-29 --yes"),
        Sample("PLAT-23 --yes", ends=5),
        Sample("PLAT-30", ends=2),
        Sample("PLAT-30 --yes", who=BOB, ends=4),
    ],
    "undo": [
        Sample("PLAT-27"),
        Sample("PLAT-27"),
        Sample("PLAT-24", who=BOB, ends=5),
        Sample("PLAT-999", ends=3),
    ],
    "task import": [
        Sample("- --team PLAT --format csv", typed="title,priority\nImported,high\n"),
        Sample("- --team PLAT --format csv", typed="title,priority\nAnother,high\n,low\n", ends=6),
        Sample("- --team PLAT --format csv", who=GUS, typed="title\nx\n", ends=4),
        Sample("- --team PLAT --format csv --dry-run", typed="title,priority\nTried,high\n,low\n", ends=6),
        Sample("- --team PLAT --format nonsense", ends=2),
    ],
    "export": [
        Sample("--team PLAT"),
        Sample("--team PLAT --no-deleted --no-events"),
        Sample("--team PLAT", who=BOB, ends=4),
        Sample("--team NONE", ends=3),
    ],
    "team create": [
        Sample("New_team --key NEW"),
        Sample("New_team --key NEW", ends=5),
        Sample("Named --time-zone Europe/Berlin"),
        Sample("x --key bad", ends=2),
    ],
    "team list": [Sample("--limit 2"), Sample("", who=EVE)],
    "team show": [Sample("PLAT"), Sample("plat", ends=3), Sample("PLAT", who=EVE, ends=3)],
    "team edit": [Sample("OPS --name Operations"), Sample("OPS --name x --if-version 1", ends=5)],
    "team rm": [Sample("GONE", ends=2), Sample("GONE --yes"), Sample("PLAT --yes", who=BOB, ends=4)],
    "team restore": [Sample("GONE"), Sample("PLAT", who=BOB, ends=4), Sample("NONE", ends=3)],
    "team suspend": [Sample("HELD"), Sample("PLAT", who=BOB, ends=4)],
    "team unsuspend": [Sample("HELD")],
    "team audit": [Sample("PLAT"), Sample("PLAT --export"), Sample("PLAT", who=BOB, ends=4)],
    "team members": [Sample("PLAT"), Sample("PLAT", who=GUS)],
    # What it writes is of the minute in which it is made.
    "team report": [Sample("PLAT --format docx", ends=2), Sample("NONE --out -", ends=3)],
    "team invite": [
        Sample("PLAT new@example.org --role guest"),
        Sample("PLAT new@example.org", ends=5),
        Sample("PLAT new@example.org --role owner", ends=4),
        Sample("PLAT x@example.org --role nonsense", ends=2),
    ],
    "team invitations": [Sample("PLAT"), Sample("PLAT", who=BOB, ends=4)],
    "team resend": [Sample("PLAT {resent}"), Sample("PLAT nonsense", ends=3)],
    "team revoke": [Sample("PLAT {revoked}"), Sample("PLAT {revoked}"), Sample("PLAT nonsense", ends=3)],
    "team accept": [Sample("{accepted}", who=IVY), Sample("nonsense", who=IVY, ends=3)],
    "team decline": [Sample("{declined}", who=EVE), Sample("nonsense", who=IVY, ends=3)],
    "team role": [
        Sample("PLAT kim@example.org admin"),
        Sample("PLAT me admin", ends=4),
        Sample(f"PLAT {NOBODY} admin", ends=3),
    ],
    "team remove": [Sample("PLAT rob@example.org"), Sample("PLAT ada@example.org", who=BOB, ends=4)],
    "team leave": [Sample("LEFT", who=BOB), Sample("OPS", ends=5)],
    "team transfer": [Sample("OPS kim@example.org --yes"), Sample("PLAT gus@example.org --yes", ends=5)],
    "project add": [
        Sample("Next --team PLAT --description Soon --lead bob@example.org --target-on 2099-12-01"),
        Sample("Later --team PLAT --schedule-policy keep__gap"),
        Sample("x --team PLAT --schedule-policy nonsense", ends=2),
        Sample("x --team PLAT --target-on nonsense", ends=2),
    ],
    "project list": [Sample("--team PLAT"), Sample("--team PLAT", who=GUS)],
    "project show": [Sample("Launch --team PLAT"), Sample("nonsense --team PLAT", ends=3)],
    "project edit": [
        Sample("Old --team PLAT --archive --name Older --schedule-policy manual"),
        Sample("Shut --lead none"),
    ],
    "project rm": [Sample("Shut --team PLAT")],
    "project share": [
        Sample("Shown gus@example.org"),
        Sample("Shown gus@example.org --stop"),
        Sample("Shown bob@example.org", ends=2),
    ],
    "label add": [Sample("new --team PLAT --colour #d73a4a"), Sample("new --team PLAT", ends=5)],
    "label list": [Sample("--team PLAT")],
    "label edit": [
        Sample("spare --team PLAT --name sparer"),
        Sample("nonsense --team PLAT --name x", ends=3),
    ],
    "label rm": [Sample("old --team PLAT")],
    "calendar show": [
        Sample("--team PLAT"),
        Sample("--team PLAT --member bob@example.org --from 2026-12-21 --to 2026-12-27"),
        Sample("--team PLAT --member me --from 2026-03-27 --to 2026-03-30"),
        Sample("--team PLAT --from 2026-12-21 --to 2026-12-20", ends=2),
        Sample("--team PLAT --from 2026-12-21 --to 2028-12-20", ends=2),
        Sample("--team PLAT --from 2026-12-21", ends=2),
        Sample("--team PLAT --from 2026-12-32 --to tomorrow", ends=2),
        Sample("--team PLAT --member me", who=GUS),
        Sample("--team PLAT", who=EVE, ends=3),
    ],
    "calendar set": [
        Sample("--team PLAT --hours mon-thu_09:00-12:00,13:00-17:00;_fri_09:00-13:00"),
        Sample(
            "--team PLAT --hours mon-thu_9:00-12:00;_fri_09:00-13:00,12:00-14:00;_day_10:00-11:00", ends=2
        ),
        Sample("--team PLAT --hours none", who=BOB, ends=4),
        Sample("--team PLAT --member me --hours mon,wed_08:00-14:00 --time-zone Asia/Tokyo", who=BOB),
        Sample("--team PLAT --member me --hours none --units 0.5 --skills python,review", who=BOB),
        Sample("--team PLAT --member bob@example.org --max-minutes-per-week 900 --efficiency 1.25"),
        Sample("--team PLAT --member me --units 0 --time-zone Nowhere --skills a,a", ends=2),
        Sample("--team PLAT --member me --max-minutes-per-week many", ends=2),
        Sample("--team PLAT --member me --max-minutes-per-week none --skills none --time-zone none", who=BOB),
        Sample("--team PLAT --units 0.5", ends=2),
        Sample("--team PLAT --member me --units 1 --if-version 99", ends=5),
    ],
    "calendar add-time-off": [
        Sample("2026-12-28 2026-12-31 --name Leave --team PLAT", who=BOB),
        Sample("2026-12-01 --name Dentist --hours 09:00-12:00 --team PLAT --member bob@example.org"),
        Sample("2026-12-31 2026-12-28 --team PLAT", ends=2),
        Sample("tomorrow --hours 9-5 --team PLAT", ends=2),
        Sample("2026-12-31 --team PLAT", who=GUS, ends=4),
        Sample("2026-12-31 --team PLAT --member kim@example.org", who=BOB, ends=4),
    ],
    "calendar rm-time-off": [
        Sample("2027-07-08 --team PLAT", who=BOB),
        Sample("2027-07-08 --team PLAT", who=BOB, ends=3),
        Sample("2027-07-01 2027-07-31 --team PLAT --member bob@example.org"),
    ],
    "calendar add-holiday": [
        Sample("2026-12-24 2026-12-26 --name Christmas --team PLAT"),
        Sample("2026-12-24 --hours 09:00-12:00 --team PLAT"),
        Sample("2026-12-24 --team PLAT", who=BOB, ends=4),
    ],
    "calendar rm-holiday": [
        Sample("2027-05-01 --team PLAT"),
        Sample("2027-05-01 --team PLAT", ends=3),
        Sample("2027-05-02 --team PLAT", who=BOB, ends=4),
    ],
    "schedule show": [
        Sample("--team PLAT"),
        Sample("--team PLAT --workload"),
        Sample("--team PLAT", who=GUS),
        Sample("--team NONE", ends=3),
    ],
    "schedule why": [
        Sample("PLAT-25"),
        Sample("PLAT-25 --team PLAT", who=GUS, ends=3),
        Sample("PLAT-999", ends=3),
    ],
    "schedule plan": [
        Sample("--team PLAT --schedules 5 --fresh"),
        Sample("--team PLAT --delay PLAT-25=60 --drop PLAT-26 --join Zoe --without ada@example.org"),
        Sample("--team PLAT --resize PLAT-25=600 --assign PLAT-26=none --estimate 30"),
        Sample("--team PLAT --apply --start 2031-01-06T09:00Z"),
        Sample("--team PLAT --delay PLAT-2 --start tomorrow", ends=2),
        Sample("--team PLAT --apply --drop PLAT-2", ends=2),
        Sample("--team PLAT --drop PLAT-999", ends=2),
        Sample("--team PLAT", who=GUS, ends=4),
    ],
    "view add": [Sample("Mine --team PLAT --assignee me --status open --shared")],
    "view list": [Sample("--team PLAT"), Sample("--team PLAT", who=BOB)],
    "view show": [Sample("Pressing --team PLAT"), Sample("{view}"), Sample("nonsense", ends=3)],
    "view run": [Sample("Pressing --team PLAT --sort number"), Sample("{view} --limit 2 --sort number")],
    "view rm": [Sample("Spare --team PLAT"), Sample("Spare --team PLAT", ends=3)],
    "event list": [
        Sample("--team PLAT --limit 5"),
        Sample("--team PLAT --after 12 --limit 3"),
        Sample("--team PLAT --after x", ends=2),
    ],
    "webhook create": [
        Sample("https://hooks.example.org/a --team PLAT --kind task.*,comment.created --kind project.*"),
        Sample(
            "https://hooks.example.org:8443/b?c=d --team PLAT --payload thin --project Launch --description The_chat"
        ),
        Sample("https://127.0.0.1/ --team PLAT", ends=2),
        Sample("http://hooks.example.org/ --team PLAT", ends=2),
        Sample("https://hooks.example.org/ --team PLAT --kind everything", ends=2),
        Sample("https://hooks.example.org/ --team PLAT --payload half", ends=2),
        Sample("https://hooks.example.org/ --team PLAT", who=BOB, ends=4),
        Sample("https://hooks.example.org/ --team PLAT", who=EVE, ends=3),
    ],
    "webhook list": [Sample("--team PLAT --limit 2"), Sample("--team PLAT", who=BOB, ends=4)],
    "webhook show": [
        Sample("{webhook}"),
        Sample("{webhook}", who=BOB, ends=4),
        Sample("{webhook}", who=EVE, ends=3),
        Sample("nonsense", ends=3),
    ],
    "webhook test": [
        Sample("{webhook}"),
        Sample("{webhook} --if-version 9", ends=5),
        Sample("{spare_webhook}", ends=5),
    ],
    "webhook deliveries": [
        Sample("{webhook} --limit 1"),
        Sample("{webhook} --status pending"),
        Sample("{webhook} --status failed"),
        Sample("{webhook} --status nonsense", ends=2),
        Sample("{webhook}", who=BOB, ends=4),
    ],
    "webhook redeliver": [
        Sample("{delivery}"),
        Sample("{delivery}", who=BOB, ends=4),
        Sample("nonsense", ends=3),
    ],
    "webhook rotate": [Sample("{webhook} --if-version 1"), Sample("{webhook} --if-version 1", ends=5)],
    "webhook edit": [
        Sample("{spare_webhook} --on --kind none --description Everything"),
        Sample("{spare_webhook} --url https://[::1]/", ends=2),
        Sample("{spare_webhook} --off --if-version 1", ends=5),
    ],
    "webhook rm": [Sample("{spare_webhook}"), Sample("{spare_webhook}", ends=3)],
    "escalation add": [
        Sample(
            "Look_after_it --team PLAT --when overdue --after 2d --unit working --project Launch --priority high"
            " --step notify_owner --step reassign_bob@example.org_after_4h --step raise__priority_after_300"
        ),
        Sample("Off --team PLAT --when blocked --step notify_lead --off"),
        Sample("x --team PLAT --step notify_lead", ends=2),
        Sample("x --team PLAT --when nonsense --step notify_lead", ends=2),
        Sample("x --team PLAT --when blocked", ends=2),
        Sample("x --team PLAT --when blocked --step shout", ends=2),
        Sample("x --team PLAT --when blocked --step notify_a_b", ends=2),
        Sample("x --team PLAT --when blocked --step notify_nobody", ends=2),
        Sample("x --team PLAT --when blocked --step notify_lead_after_x", ends=2),
        Sample("x --team PLAT --when blocked --step notify_lead --after soon", ends=2),
        Sample("x --team PLAT --when blocked --step notify_lead", who=BOB, ends=4),
        Sample("x --team PLAT --when blocked --step notify_lead", who=EVE, ends=3),
    ],
    "escalation list": [Sample("--team PLAT --limit 1"), Sample("--team PLAT", who=BOB, ends=4)],
    "escalation show": [
        Sample("{escalation}"),
        Sample("{escalation}", who=BOB, ends=4),
        Sample("{escalation}", who=EVE, ends=3),
        Sample("nonsense", ends=3),
    ],
    "escalation edit": [
        Sample("{escalation} --name Hurry --priority any --project none --on --if-version 1"),
        Sample("{escalation} --when unassigned --step notify_assignee", ends=0),
        Sample("{escalation} --name x --if-version 1", ends=5),
    ],
    "escalation rm": [Sample("{escalation}"), Sample("{escalation}", ends=3)],
    "token create": [
        Sample("ci --team PLAT --scope tasks:write --expires-in 90d"),
        Sample("ci --scope nonsense", ends=2),
    ],
    "token list": [Sample(""), Sample("--team PLAT")],
    "token revoke": [Sample("{token}"), Sample("{theirs} --team PLAT"), Sample("{token}", who=BOB, ends=3)],
    "me show": [Sample(""), Sample("", who=GUS)],
    "me edit": [
        Sample("--name Patricia --time-zone Europe/London", who=PAT),
        Sample("--time-zone Nowhere", who=PAT, ends=2),
        Sample("--email p@example.org --password-stdin", who=PAT, typed="wrong password\n", ends=4),
        Sample("--email p@example.org --password-stdin", who=PAT, typed=PASSWORD),
    ],
    "me password": [
        Sample("--password-stdin", who=KIM, typed=f"wrong\n{PASSWORD}\n", ends=2),
        Sample("--password-stdin", who=KIM, typed=f"{PASSWORD}\nshort\n", ends=2),
        Sample("--password-stdin", who=PAM, typed=f"{PASSWORD}\nanother long password\n"),
    ],
    "me verify": [Sample(""), Sample("nonsense", ends=2)],
    "me sessions": [Sample("", who=ROB)],
    "me revoke": [Sample("{session}", who=ROB), Sample("{session}", who=BOB, ends=3)],
    "me sagas": [Sample("", who=BOB)],
    "me delete": [Sample("--yes", who=DAN), Sample("--yes", ends=5), Sample("", who=BOB, ends=2)],
    "me jobs": [
        Sample("--kind shown.job"),
        Sample("--kind lost_job.kind --limit 1"),
        Sample("--kind shown.job", who=BOB),
        Sample("--state nonsense", ends=2),
    ],
    "me job": [Sample("{job}"), Sample("{job}", who=BOB, ends=3), Sample("nonsense", ends=3)],
    "me cancel": [
        Sample("{own_job}"),
        Sample("{own_job}", ends=5),
        Sample("{own_job}", who=BOB, ends=3),
        Sample("{job} --if-version 9", ends=5),
    ],
    "job list": [
        Sample("--kind listed.first"),
        # Mail is sent by the command itself where the store is its own, and waits for a worker behind a service.
        Sample("--team PLAT --kind listed.second --limit 1"),
        Sample("--state dead"),
        Sample("--state nonsense", ends=2),
        Sample("--team NONE", ends=3),
    ],
    "job dead": [Sample("--kind no.such")],
    "job show": [Sample("{job}"), Sample("nonsense", ends=3)],
    "job cancel": [
        Sample("{stopped_job}"),
        Sample("{stopped_job}", ends=5),
        Sample("{stopped_job} nonsense", ends=1),
    ],
    "job retry": [
        Sample("{ended_job}"),
        Sample("{job}", ends=5),
        Sample("--all --state cancelled --kind swept.none"),
        Sample("--all --state waiting", ends=2),
        Sample("", ends=2),
        Sample("--state dead {job}", ends=2),
    ],
    "job drop": [
        Sample("{lost_job} --if-version 1", ends=5),
        Sample("{lost_job}"),
        Sample("{lost_job}", ends=3),
        Sample("--all --state cancelled --kind swept.kind", ends=2),
        Sample("--all --state cancelled --kind swept.kind --yes"),
    ],
    "job schedules": [Sample("")],
    "instance users": [Sample(""), Sample("", who=BOB, ends=4)],
    "instance show": [Sample("eve@example.org"), Sample(NOBODY, ends=3)],
    "instance edit": [
        Sample("eve@example.org --admin"),
        Sample("eve@example.org --no-admin"),
        Sample("ada@example.org --no-admin", ends=5),
    ],
    "instance logout": [Sample("eve@example.org")],
    "instance teams": [Sample("--limit 3"), Sample("", who=BOB, ends=4)],
    "instance audit": [Sample("--limit 3"), Sample("", who=BOB, ends=4)],
}
"""Uses of every command. Within a word `_` stands for a space."""
ON_A_STORE = {"saga", "mail", "user", "db", "report", "config", "doctor", "serve", "worker", "demo"}
"""What is about a store of one's own, or this machine."""
WITHOUT_END = {"event tail"}
"""What goes on until it is stopped; in `test_event_tail.py`."""
ABOUT_SERVERS = {"login", "logout", "context", "api"}
"""What makes no sense on a store; in `test_servers.py`."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Twin, Twin]]:
    with twins(tmp_path_factory.mktemp("twins")) as both:
        yield both


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("TASKCORE_HASHER", "argon2://?m=8&t=1")


def commands() -> Iterator[str]:
    """Every command; shortcuts are the commands that they stand for."""
    root = program()
    assert isinstance(root, click.Group)
    ctx = click.Context(root)
    for noun, place in NOUNS.items():
        command = root.get_command(ctx, noun)
        if place.verb is not None and noun not in ABOUT_SERVERS:
            continue
        if isinstance(command, click.Group):
            yield from (f"{noun} {verb}" for verb in command.list_commands(ctx))
        else:
            yield noun


def test_every_command_has_a_sample_or_a_reason_to_have_none() -> None:
    left_out = ON_A_STORE | ABOUT_SERVERS | WITHOUT_END
    known = {each for each in commands() if not {each, each.partition(" ")[0]} & left_out}

    assert known == SAMPLES.keys()


@pytest.mark.parametrize("command", SAMPLES)
def test_a_command_is_the_same_on_a_store_and_through_a_service(
    command: str, pair: tuple[Twin, Twin], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for sample in SAMPLES[command]:
        here, there = (
            _run(twin, command, sample, "--json", capsys=capsys, monkeypatch=monkeypatch) for twin in pair
        )

        assert (here.code, there.code) == (sample.ends, sample.ends), (sample, here.err, there.err)
        assert normalised(there.out, pair[1]) == normalised(here.out, pair[0]), sample
        if sample.ends == 0:
            assert not here.out or json.loads(here.out) is not None
            assert there.err == here.err == ""
        elif "among those whom" not in there.err and "If-Match" not in there.err:
            assert normalised(there.err, pair[1]) == normalised(here.err, pair[0]), sample


READS = [
    *(
        "task list --team PLAT --sort number",
        "task show PLAT-2",
        "task comments PLAT-2",
        "task activity PLAT-2",
    ),
    *("task dependencies PLAT-5", "team list", "team show PLAT", "team members PLAT", "team audit PLAT"),
    *("team invitations PLAT", "project list --team PLAT", "label list --team PLAT", "view list --team PLAT"),
    *("calendar show --team PLAT", "calendar show --team PLAT --member me --from 2026-11-26 --to 2026-11-27"),
    *("webhook list --team PLAT", "job list --kind listed.first", "me jobs --kind shown.job"),
    "escalation list --team PLAT",
    *("event list --team PLAT", "token list --team PLAT", "me show", "instance users", "instance teams"),
]


@pytest.mark.parametrize("words", READS)
@pytest.mark.parametrize("mode", ["", "--csv", "--ndjson", "--quiet"])
def test_people_and_programs_see_the_same_in_every_form(
    words: str,
    mode: str,
    pair: tuple[Twin, Twin],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = [_run(twin, words, Sample(mode), capsys=capsys, monkeypatch=monkeypatch, who=ADA) for twin in pair]

    assert [each.code for each in told] == [0, 0]
    if mode in ("", "--quiet"):
        assert normalised(told[1].out, pair[1]) == normalised(told[0].out, pair[0])
    assert len(told[1].out.splitlines()) == len(told[0].out.splitlines()) > 0


@pytest.mark.parametrize(
    "words",
    [
        "user list",
        "db status",
        "mail bounce -",
        "mail unsubscribe token",
        "report show",
        "config",
        "doctor",
        "serve",
        "worker",
        "demo",
    ],
)
def test_what_is_about_a_store_says_so(
    words: str, pair: tuple[Twin, Twin], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = ran([*pair[1].way(ADA), *words.split()], capsys, monkeypatch)

    assert (done.code, done.out) == (2, "")
    assert "store" in done.err


@pytest.mark.parametrize(
    "words", ["task add x --team PLAT", "task done PLAT-1", "undo PLAT-1", "team rm PLAT --yes"]
)
def test_a_server_undoes_nothing_so_nothing_is_tried_there(
    words: str, pair: tuple[Twin, Twin], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = ran([*pair[1].way(ADA), *words.split(), "--dry-run"], capsys, monkeypatch)

    assert (done.code, done.out) == (2, "")
    assert "--dry-run works on a local store only" in done.err


def test_a_service_can_try_an_import(
    pair: tuple[Twin, Twin], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "import - --team PLAT --format csv --dry-run --json"
    told = [
        json.loads(ran([*twin.way(ADA), *words.split()], capsys, monkeypatch, "title\nTried only\n").out)
        for twin in pair
    ]
    found = ran([*pair[1].way(ADA), "ls", "--text", "tried only", "--json"], capsys, monkeypatch)

    assert told[0] == told[1]
    assert [len(each["outcomes"]) for each in told] == [1, 1]
    assert json.loads(found.out)["items"] == []


def test_who_acts_through_a_service_is_said_by_the_token(
    pair: tuple[Twin, Twin], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = ran([*pair[1].way(ADA), "--as", BOB, "me", "show"], capsys, monkeypatch)

    assert done.code == 2
    assert "--as" in done.err


def spaced(word: str) -> str:
    """A word of a sample, in which `_` is a space and `__` is `_`."""
    return word if "{" in word else "_".join(part.replace("_", " ") for part in word.split("__"))


def _run(
    twin: Twin,
    command: str,
    sample: Sample,
    *more: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    who: str | None = None,
) -> Ran:
    words = [spaced(word) for word in sample.words.split()]
    before = twin.way(who or sample.who)
    return ran([*before, *command.split(), *twin.words(words), *more], capsys, monkeypatch, sample.typed)

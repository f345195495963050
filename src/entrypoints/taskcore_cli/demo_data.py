"""
The people and the work of `taskcore demo`.

Days count from today: -12 is twelve days ago. A task's line reads
`name | project | title | who | priority | labels | made | due | minutes | course | after | part of`;
its course is what became of it, with the days: `done -20 -17` was started and finished,
`doing -3` and `review -1` were begun, `cancelled -4` and `trash -2` ended otherwise.
"""

from __future__ import annotations

import attrs

TEAM = ("Northwind Studio", "NORTH", "Europe/Berlin")
PASSWORD = "walk the dog twice"  # noqa: S105  of invented people, and printed
PEOPLE = (
    ("ada@example.org", "Ada Park", "Europe/Berlin", "owner"),
    ("noor@example.org", "Noor Haddad", "Europe/Berlin", "admin"),
    ("jonas@example.org", "Jonas Weber", "Europe/Vienna", "member"),
    ("mei@example.org", "Mei Tanaka", "Asia/Tokyo", "member"),
    ("lucas@example.org", "Lucas Oliveira", "America/Sao_Paulo", "member"),
    ("sofia@example.org", "Sofia Rossi", "Europe/Rome", "guest"),
)
LABELS = {
    "bug": "#d73a4a",
    "design": "#a371f7",
    "docs": "#0969da",
    "customer": "#bf8700",
    "security": "#b60205",
    "quick win": "#2da44e",
}
PROJECTS = {
    "Website": ("The new site: faster, and readable on a phone.", "noor", 21),
    "App": ("The first version that customers hold in their hands.", "mei", 35),
    "Billing": ("Invoices that are right the first time.", "ada", 14),
    "Operations": ("Keep the lights on.", "lucas", None),
}
SHARED_WITH_GUEST = ("Website", "sofia")

TASKS = """
wire   | Website | Agree on the wireframes          | noor  | high   | design          | -28 | -21 | 480  | done -27 -22 | |
copy   | Website | Write the copy for all pages     | jonas | medium | docs            | -27 | -10 | 960  | done -24 -11 | wire |
brand  | Website | Choose colours and typefaces     | noor  | medium | design          | -27 | -16 | 300  | done -23 -18 | wire |
build  | Website | Build the pages                  | mei   | high   |                 | -26 | 3   | 2400 | doing -12 | brand copy |
home   | Website | Home page                        | mei   | high   |                 | -20 | -4  | 480  | done -12 -6 | | build
price  | Website | Pricing page                     | mei   | high   | customer        | -20 | -2  | 480  | review -3 | | build
about  | Website | About page                       | jonas | low    |                 | -20 | 2   | 240  | - | | build
forms  | Website | Contact form, with a spam filter | lucas | medium | security        | -19 | 1   | 360  | doing -2 | | build
blog   | Website | Move the blog over               | jonas | low    | docs            | -18 | 9   | 600  | - | build |
redir  | Website | Redirect every old address       | lucas | high   |                 | -18 | 10  | 180  | - | build |
a11y   | Website | Have accessibility audited       | noor  | high   | customer        | -17 | 12  | 420  | - | build |
launch | Website | Launch                           | ada   | urgent |                 | -26 | 21  | 120  | - | blog redir a11y |
photo  | Website | Take new team photographs        | noor  | low    | design          | -15 | -5  | 180  | - | |
cookie | Website | Do without a cookie banner       | jonas | medium | quick win       | -14 | -9  | 90   | done -13 -12 | |
slow   | Website | Images load slowly on phones     | mei   | high   | bug             | -9  | -1  | 240  | doing -1 | |
font   | Website | Fonts flash while they load      | mei   | low    | bug             | -6  |     | 60   | backlog | |
press  | Website | Write to the press               | ada   | medium |                 | -5  | 19  | 120  | - | |
story  | App     | Collect what beta users asked for | noor | high   | customer        | -28 | -20 | 360  | done -28 -21 | |
login  | App     | Sign in with a passkey           | lucas | high   | security        | -25 | -8  | 900  | done -21 -9 | story |
sync   | App     | Work offline, sync later         | mei   | urgent |                 | -25 | 6   | 3000 | doing -10 | story |
model  | App     | Decide who wins a conflict       | mei   | high   |                 | -16 | -7  | 240  | done -10 -8 | | sync
queue  | App     | Queue changes on the device      | mei   | high   |                 | -16 | 4   | 900  | doing -7 | model | sync
merge  | App     | Merge on the server              | lucas | high   |                 | -16 | 5   | 900  | - | model | sync
push   | App     | Push notifications               | jonas | medium |                 | -20 | 14  | 600  | - | login |
dark   | App     | Dark mode                        | noor  | low    | design          | -19 | 25  | 300  | backlog | |
icon   | App     | App icon that works at 16 pixels | noor  | low    | design          | -13 | -3  | 120  | done -8 -4 | |
crash  | App     | Crash when the clock changes     | lucas | urgent | bug             | -4  | -2  | 180  | doing -3 | |
test   | App     | Try it on ten real phones        | jonas | high   |                 | -11 | 18  | 480  | - | sync push |
store  | App     | Texts for the app stores         | jonas | medium | docs            | -8  | 20  | 180  | - | |
beta   | App     | Invite two hundred beta users    | ada   | high   | customer        | -11 | 24  | 120  | - | test store |
tablet | App     | Layout for tablets               | mei   | low    |                 | -10 |     | 900  | cancelled -4 | |
gest   | App     | Swipe to finish a task           | mei   | low    | quick win       | -3  |     | 120  | backlog | |
tax    | Billing | Ask the accountant about VAT     | ada   | high   |                 | -24 | -18 | 60   | done -23 -19 | |
number | Billing | Invoice numbers without gaps     | lucas | high   |                 | -23 | -12 | 300  | done -18 -13 | tax |
pdf    | Billing | Invoices as PDF                  | lucas | high   |                 | -22 | -6  | 480  | done -12 -7 | number |
mail   | Billing | Send invoices by mail            | lucas | medium |                 | -21 | 2   | 240  | review -2 | pdf |
sepa   | Billing | Collect by direct debit          | ada   | high   | security        | -20 | 8   | 900  | doing -5 | tax |
dun    | Billing | Friendly reminders, then firm    | jonas | medium | customer        | -15 | 13  | 240  | - | mail |
refund | Billing | Refunds in one click             | lucas | medium | customer        | -12 | 16  | 360  | - | sepa |
round  | Billing | Totals are off by a cent         | lucas | urgent | bug customer    | -5  | -3  | 120  | done -5 -4 | |
report | Billing | Monthly report for the accountant | ada  | low    | docs            | -9  | -2  | 180  | - | pdf |
trial  | Billing | Extend trials by hand            | jonas | low    | quick win       | -7  |     | 60   | done -6 -6 | |
double | Billing | Two invoices for one order       | lucas | urgent | bug             | -2  | 0   | 180  | doing -1 | |
backup | Operations | Restore a backup, for real    | lucas | high   | security        | -26 | -19 | 240  | done -22 -20 | |
alert  | Operations | Fewer alerts, each of them true | lucas | medium |               | -22 | -4  | 300  | review -6 | |
cert   | Operations | Renew certificates by machine | lucas | high   | security        | -18 | -13 | 120  | done -16 -14 | |
cost   | Operations | Halve the storage bill        | jonas | medium |                 | -17 | 7   | 240  | doing -4 | |
log    | Operations | Keep logs for thirty days only | noor | medium | security        | -14 | -8  | 90   | done -11 -9 | |
oncall | Operations | A rota for being on call      | ada   | high   |                 | -12 | -6  | 60   | - | alert |
mfa    | Operations | Second factor for everybody   | noor  | urgent | security        | -10 | 1   | 120  | doing -2 | |
laptop | Operations | Order a laptop for the new hire | ada | medium | quick win       | -6  | -1  | 30   | - | |
board  | Operations | Plan the first week of the new hire | ada | medium | docs        | -6  | 5   | 120  | - | laptop |
db     | Operations | Move to the new database server | lucas | high |                 | -9  | 11  | 600  | - | backup |
dry    | Operations | Rehearse the move             | lucas | high   |                 | -9  | 9   | 180  | - | | db
notice | Operations | Tell customers of the downtime | jonas | medium | customer       | -9  | 8   | 30   | - | | db
spam   | Operations | Old newsletter account        | jonas | none   |                 | -20 |     | 30   | trash -3 | |
party  |         | Book a table for the launch     | noor  | low    |                 | -3  | 22  | 20   | - | |
retro  |         | Retrospective of the month      | ada   | medium |                 | -7  | 4   | 60   | - | |
hire   |         | Read the applications           | ada   | high   |                 | -8  | -1  | 240  | doing -3 | |
okr    |         | Goals for the next quarter      | ada   | medium |                 | -2  | 15  | 180  | backlog | |
"""

COMMENTS = """
wire   | sofia | -24 | The second draft is what we had in mind. Thank you!
copy   | noor  | -13 | @jonas the page about us reads well; shorter, please.
copy   | jonas | -12 | Done: 40 % shorter, and I like it better too.
build  | mei   | -10 | Home page first, the rest follows the same grid.
price  | sofia | -2  | Could the yearly price stand first? @mei
price  | mei   | -1  | Good idea, it is on the test site now. @noor, will you have a look?
slow   | lucas | -8  | Measured: 3.4 s on a mid-range phone, 2.9 of them images.
slow   | mei   | -1  | WebP and `loading="lazy"` bring it to 1.1 s.
sync   | ada   | -9  | @mei @lucas this decides the date of the beta. Say early if you need help.
model  | mei   | -8  | Decided: last writer per field, both versions kept in the log.
crash  | jonas | -4  | Reproduced by a beta user in Chile, on the night of the change.
crash  | lucas | -2  | It is ours: we compared local times. @mei please review.
round  | lucas | -4  | We rounded each line, the tax office rounds the sum.
sepa   | ada   | -4  | The bank wants the mandate in writing. Waiting.
double | noor  | -1  | Two customers wrote already. @lucas can we stop it today?
mfa    | noor  | -2  | Four of six are set up. @jonas @ada, five minutes please.
alert  | lucas | -6  | From 120 a week to 9. @noor for review.
cost   | jonas | -3  | Old backups are half of it.
hire   | ada   | -2  | Two to invite: 14 and 22.
"""

VIEWS = (
    ("Overdue", {"overdue": True, "sort": "due_at"}, True),
    ("Ready to review", {"status": "in_review"}, True),
    ("Bugs", {"label": "bug", "status": "backlog,open,in_progress,in_review", "sort": "-priority"}, True),
    ("My week", {"assignee": "me", "status": "open,in_progress", "sort": "due_at"}, False),
)


@attrs.frozen
class Plan:
    """One line of `TASKS`."""

    name: str
    project: str
    title: str
    who: str
    priority: str
    labels: tuple[str, ...]
    made: int
    due: int | None
    minutes: int
    course: tuple[str, ...]
    after: tuple[str, ...]
    part_of: str


def plans() -> list[Plan]:
    return [_plan([cell.strip() for cell in line.split("|")]) for line in TASKS.strip().splitlines()]


def _plan(cells: list[str]) -> Plan:
    name, project, title, who, priority, labels, made, due, minutes, course, after, part_of = cells
    known = [label for label in LABELS if label in labels]
    return Plan(
        name,
        project,
        title,
        who,
        priority,
        tuple(known),
        int(made),
        int(due) if due else None,
        int(minutes),
        tuple(course.split()),
        tuple(after.split()),
        part_of,
    )


def comments() -> list[tuple[str, str, int, str]]:
    lines = [[cell.strip() for cell in line.split("|", 3)] for line in COMMENTS.strip().splitlines()]
    return [(task, who, int(day), body) for task, who, day, body in lines]

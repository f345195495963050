"""How a recurrence is written, and what is no way to write one."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.errors import Invalid
from taskcore.scheduling.notation import IntervalText, RecurrenceText, RuleText, parsed
from taskcore.scheduling.recurrence import Unit
from taskcore.scheduling.rrule import Rule

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
INTERVALS = st.builds(
    IntervalText,
    st.integers(1, 10_000),
    st.sampled_from(Unit),
    st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.none() | ZONES,
    st.booleans(),
)
RULES = st.sampled_from(
    ["FREQ=DAILY", "FREQ=MONTHLY;INTERVAL=2;COUNT=9;BYDAY=-1FR", "FREQ=YEARLY;UNTIL=20301224T080000Z"]
).map(Rule.parse)
WALLS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001  local


EXCEPT = "EXDATE;TZID=Europe/Berlin:20261106T090000"
START = "DTSTART;TZID=Europe/Berlin:20261016T090000\n"


@st.composite
def rule_texts(draw: st.DrawFn) -> RuleText:
    moments = draw(st.sampled_from([WALLS, st.dates()]))
    if not draw(st.booleans()):
        return RuleText(draw(RULES))
    several = st.lists(moments, max_size=3).map(tuple)
    zone = draw(st.none() | ZONES) if moments is WALLS else None
    return RuleText(draw(RULES), draw(moments), zone, draw(several), draw(several))


@given(INTERVALS | rule_texts())
def test_a_text_reads_as_what_was_written(told: RecurrenceText) -> None:
    assert parsed(str(told)) == told


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("every day after completion", IntervalText(1, Unit.DAY)),
        ("every 3 days after completion", IntervalText(3, Unit.DAY)),
        ("Every  2 Weeks after\tcompletion", IntervalText(2, Unit.WEEK)),
        ("every 2 working days after completion", IntervalText(2, Unit.WORKING_DAY)),
        (
            "every month after completion at 09:30 in Europe/Berlin within working time",
            IntervalText(1, Unit.MONTH, time(9, 30), "Europe/Berlin", snap=True),
        ),
        ("RRULE:FREQ=DAILY", RuleText(Rule.parse("FREQ=DAILY"))),
        ("rrule:freq=daily\r\n", RuleText(Rule.parse("FREQ=DAILY"))),
        (
            f"{START}RRULE:FREQ=WEEKLY\nEXDATE;TZID=Europe/Berlin:20261023T090000,20261030T090000\n{EXCEPT}",
            RuleText(
                Rule.parse("FREQ=WEEKLY"),
                datetime(2026, 10, 16, 9),  # noqa: DTZ001  local
                "Europe/Berlin",
                exdates=tuple(datetime(2026, month, day, 9) for month, day in ((10, 23), (10, 30), (11, 6))),  # noqa: DTZ001
            ),
        ),
        (
            "RRULE:FREQ=DAILY\nDTSTART:20261016T090000Z",
            RuleText(Rule.parse("FREQ=DAILY"), datetime(2026, 10, 16, 9), "UTC"),  # noqa: DTZ001
        ),
        (
            "DTSTART;VALUE=DATE:20261016\nRRULE:FREQ=DAILY\nRDATE;VALUE=DATE:20270101",
            RuleText(Rule.parse("FREQ=DAILY"), date(2026, 10, 16), rdates=(date(2027, 1, 1),)),
        ),
    ],
)
def test_both_forms_are_read(text: str, meant: RecurrenceText) -> None:
    assert parsed(text) == meant
    assert parsed(str(meant)) == meant


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "must be a rule such as RRULE:FREQ=WEEKLY;BYDAY=MO, or an interval"),
        ("weekly", "must be a rule"),
        ("FREQ=DAILY", "must be a rule"),
        ("every friday", r"must be: every \[NUMBER\] UNIT after completion"),
        ("every 3 days", "must be: every"),
        ("every 0 days after completion", "every: must be from 1 to 10000"),
        ("every 2 days after completion at 25:00", "at: must be a time of day"),
        ("every 2 days after completion in Nowhere", "in: no such time zone"),
        ("RRULE:FREQ=SOMETIMES", "FREQ: must be one of"),
        ("RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "RRULE: may be given once"),
        ("RRULE;X=1:FREQ=DAILY", "RRULE: takes no parameters"),
        ("SUMMARY:x\nRRULE:FREQ=DAILY", "must be a rule"),
        ("RRULE:FREQ=DAILY\nEXDATE:20261016T090000", "DTSTART: is needed beside"),
        (f"{START}RRULE:FREQ=DAILY\nEXDATE:20261016T090000", "DTSTART: must be of the same zone"),
        (f"{START}RRULE:FREQ=DAILY\nEXDATE:20261016T090000Z", "DTSTART: must be of the same zone"),
        (f"{START}RRULE:FREQ=DAILY\nEXDATE;TZID=UTC:20261016T090000Z", "EXDATE: must be a local time"),
        ("DTSTART:20261016T090000\nRRULE:FREQ=DAILY\nRDATE:20261017", "rdates: must be local times"),
        ("DTSTART:20261016\nRRULE:FREQ=HOURLY", "FREQ: HOURLY needs"),
        ("DTSTART:tomorrow\nRRULE:FREQ=DAILY", "DTSTART: must be a date or time"),
        ("DTSTART:20261316\nRRULE:FREQ=DAILY", "DTSTART: month must be"),
        ("DTSTART;TZID=Nowhere:20261016T090000\nRRULE:FREQ=DAILY", "DTSTART: no such time zone"),
        ("DTSTART;VALUE=PERIOD:20261016T090000\nRRULE:FREQ=DAILY", "DTSTART: takes the parameters"),
        ("DTSTART:20261016T090000,20261017T090000\nRRULE:FREQ=DAILY", "DTSTART: must be one"),
    ],
)
def test_what_is_wrong_is_named(text: str, fault: str) -> None:
    with pytest.raises(Invalid, match=fault):
        parsed(text)


@given(st.text(max_size=60) | st.text("evry 3dasftcomplinRUL:;=\n", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        told = parsed(text)
    except Invalid:
        return

    assert parsed(str(told)) == told


def test_what_a_text_leaves_open_is_filled_in() -> None:
    text = parsed("RRULE:FREQ=DAILY")
    assert isinstance(text, RuleText)
    open_start = text.recurrence(datetime(2026, 10, 24, 9), "Europe/Berlin")  # noqa: DTZ001  local

    assert [f"{each:%d %H}" for each in islice(open_start.instants(), 3)] == ["24 07", "25 08", "26 08"]

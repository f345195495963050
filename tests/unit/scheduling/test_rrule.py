"""Rules as text: what is read, how it is written, what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from taskcore.errors import Invalid
from taskcore.scheduling.rrule import Frequency, Rule, moment


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;BYDAY=TU,TH;WKST=SU",
        "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=-1SU,1SU",
        "FREQ=YEARLY;UNTIL=20260301;BYMONTH=2,3;BYMONTHDAY=-1,29",
        "FREQ=YEARLY;BYWEEKNO=-1,20;BYDAY=MO",
        "FREQ=YEARLY;BYYEARDAY=-366,1,100",
        "FREQ=DAILY;UNTIL=20261231T235959;BYHOUR=9,17;BYMINUTE=0,30;BYSECOND=0,60",
        "FREQ=MONTHLY;BYSETPOS=-2,1;BYDAY=MO,TU,WE,TH,FR",
    ],
)
def test_a_rule_is_written_as_it_is_read(text: str) -> None:
    rule = Rule.parse(text)

    assert Rule.parse(str(rule)) == rule
    assert sorted(str(rule).split(";")) == sorted(text.split(";"))


def test_case_order_repeats_and_a_name_before_it_do_not_matter() -> None:
    rule = Rule.parse("rrule:byday=th,tu,TH;interval=1;Freq=weekly;")

    assert rule == Rule(frequency=Frequency.WEEKLY, weekdays=((0, 1), (0, 3)))
    assert str(rule) == "FREQ=WEEKLY;BYDAY=TU,TH"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", {"rrule", "FREQ"}),
        ("every Monday", {"EVERY MONDAY", "FREQ"}),
        ("FREQ=FORTNIGHTLY", {"FREQ"}),
        ("FREQ=DAILY;FREQ=DAILY", {"FREQ"}),
        ("FREQ=DAILY;INTERVAL=0;COUNT=-1", {"INTERVAL", "COUNT"}),
        ("FREQ=DAILY;COUNT=1;UNTIL=20260101", {"UNTIL"}),
        ("FREQ=DAILY;UNTIL=tomorrow", {"UNTIL"}),
        ("FREQ=DAILY;UNTIL=20260230", {"UNTIL"}),
        ("FREQ=MONTHLY;BYDAY=0MO", {"BYDAY"}),
        ("FREQ=MONTHLY;BYDAY=54MO", {"BYDAY"}),
        ("FREQ=MONTHLY;BYDAY=XX", {"BYDAY"}),
        ("FREQ=MONTHLY;BYDAY=1X", {"BYDAY"}),
        ("FREQ=WEEKLY;BYDAY=1MO", {"BYDAY"}),
        ("FREQ=YEARLY;BYDAY=1MO;BYWEEKNO=20", {"BYDAY"}),
        ("FREQ=MONTHLY;BYMONTHDAY=0,32", {"BYMONTHDAY"}),
        ("FREQ=WEEKLY;BYMONTHDAY=1", {"BYMONTHDAY"}),
        ("FREQ=MONTHLY;BYWEEKNO=1;BYYEARDAY=1", {"BYWEEKNO", "BYYEARDAY"}),
        ("FREQ=YEARLY;BYMONTH=13", {"BYMONTH"}),
        ("FREQ=YEARLY;BYMONTH=-1", {"BYMONTH"}),
        ("FREQ=DAILY;BYHOUR=24;BYMINUTE=60;BYSECOND=61", {"BYHOUR", "BYMINUTE", "BYSECOND"}),
        ("FREQ=DAILY;BYSETPOS=1", {"BYSETPOS"}),
        ("FREQ=DAILY;WKST=XX", {"WKST"}),
        ("FREQ=DAILY;RSCALE=GREGORIAN", {"RSCALE"}),
        ("FREQ=DAILY;BYHOUR=" + "1," * 2000, {"rrule"}),
    ],
)
def test_each_part_at_fault_is_named(text: str, faults: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        Rule.parse(text)

    assert {fault.field for fault in refused.value.faults} == faults


def test_a_moment_is_a_day_or_a_time_local_or_in_utc() -> None:
    assert moment("20261224") == date(2026, 12, 24)
    assert moment("20261224T170000") == datetime(2026, 12, 24, 17)  # noqa: DTZ001  local
    assert moment("20261231T235960Z") == datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)

"""The examples of RFC 5545, 3.8.5.3, as instants: at nine in New York, in summer (EDT) or winter (EST) time."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from taskcore.scheduling.recurrence import Recurrence
from taskcore.scheduling.rrule import moment

NEW_YORK = ZoneInfo("America/New_York")


def edt(month: str, *days: int) -> list[datetime]:
    return [datetime.fromisoformat(f"{month}-{day:02}T13:00:00Z") for day in days]


def est(month: str, *days: int) -> list[datetime]:
    return [datetime.fromisoformat(f"{month}-{day:02}T14:00:00Z") for day in days]


def clock(*times: str) -> list[datetime]:
    """On 2 September 1997, by the wall."""
    return [datetime.fromisoformat(f"1997-09-02T{each}-04:00").astimezone(UTC) for each in times]


SEPTEMBER = "19970902T090000"
ENDS, GOES_ON = True, False
JANUARY = range(1, 32)
EXAMPLES = [
    (SEPTEMBER, "FREQ=DAILY;COUNT=10", ENDS, edt("1997-09", *range(2, 12))),
    (
        SEPTEMBER,
        "FREQ=DAILY;UNTIL=19971224T000000Z",
        ENDS,
        edt("1997-09", *range(2, 31)) + edt("1997-10", *range(1, 26)) + est("1997-10", *range(26, 32))
        + est("1997-11", *range(1, 31)) + est("1997-12", *range(1, 24)),
    ),
    (
        SEPTEMBER,
        "FREQ=DAILY;INTERVAL=2",
        GOES_ON,
        edt("1997-09", *range(2, 31, 2)) + edt("1997-10", *range(2, 25, 2)) + est("1997-10", 26, 28, 30)
        + est("1997-11", *range(1, 30, 2)),
    ),
    (SEPTEMBER, "FREQ=DAILY;INTERVAL=10;COUNT=5", ENDS, edt("1997-09", 2, 12, 22) + edt("1997-10", 2, 12)),
    *(
        ("19980101T090000", rule, ENDS, est("1998-01", *JANUARY) + est("1999-01", *JANUARY) + est("2000-01", *JANUARY))
        for rule in (
            "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
            "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
        )
    ),
    (
        SEPTEMBER,
        "FREQ=WEEKLY;COUNT=10",
        ENDS,
        edt("1997-09", 2, 9, 16, 23, 30) + edt("1997-10", 7, 14, 21) + est("1997-10", 28) + est("1997-11", 4),
    ),
    (
        SEPTEMBER,
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        ENDS,
        edt("1997-09", 2, 9, 16, 23, 30) + edt("1997-10", 7, 14, 21) + est("1997-10", 28)
        + est("1997-11", 4, 11, 18, 25) + est("1997-12", 2, 9, 16, 23),
    ),
    (
        SEPTEMBER,
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        GOES_ON,
        edt("1997-09", 2, 16, 30) + edt("1997-10", 14) + est("1997-10", 28) + est("1997-11", 11, 25)
        + est("1997-12", 9, 23) + est("1998-01", 6, 20) + est("1998-02", 3, 17),
    ),
    *(
        (SEPTEMBER, rule, ENDS, edt("1997-09", 2, 4, 9, 11, 16, 18, 23, 25, 30) + edt("1997-10", 2))
        for rule in (
            "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
            "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
        )
    ),
    (
        "19970901T090000",
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        ENDS,
        edt("1997-09", 1, 3, 5, 15, 17, 19, 29) + edt("1997-10", 1, 3, 13, 15, 17) + est("1997-10", 27, 29, 31)
        + est("1997-11", 10, 12, 14, 24, 26, 28) + est("1997-12", 8, 10, 12, 22),
    ),
    (
        SEPTEMBER,
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        ENDS,
        edt("1997-09", 2, 4, 16, 18, 30) + edt("1997-10", 2, 14, 16),
    ),
    (
        "19970905T090000",
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        ENDS,
        edt("1997-09", 5) + edt("1997-10", 3) + est("1997-11", 7) + est("1997-12", 5) + est("1998-01", 2)
        + est("1998-02", 6) + est("1998-03", 6) + est("1998-04", 3) + edt("1998-05", 1) + edt("1998-06", 5),
    ),
    (
        "19970905T090000",
        "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
        ENDS,
        edt("1997-09", 5) + edt("1997-10", 3) + est("1997-11", 7) + est("1997-12", 5),
    ),
    (
        "19970907T090000",
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        ENDS,
        edt("1997-09", 7, 28) + est("1997-11", 2, 30) + est("1998-01", 4, 25) + est("1998-03", 1, 29)
        + edt("1998-05", 3, 31),
    ),
    (
        "19970922T090000",
        "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
        ENDS,
        edt("1997-09", 22) + edt("1997-10", 20) + est("1997-11", 17) + est("1997-12", 22) + est("1998-01", 19)
        + est("1998-02", 16),
    ),
    (
        "19970928T090000",
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        GOES_ON,
        edt("1997-09", 28) + est("1997-10", 29) + est("1997-11", 28) + est("1997-12", 29) + est("1998-01", 29)
        + est("1998-02", 26),
    ),
    (
        SEPTEMBER,
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        ENDS,
        edt("1997-09", 2, 15) + edt("1997-10", 2, 15) + est("1997-11", 2, 15) + est("1997-12", 2, 15)
        + est("1998-01", 2, 15),
    ),
    (
        "19970930T090000",
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        ENDS,
        edt("1997-09", 30) + edt("1997-10", 1) + est("1997-10", 31) + est("1997-11", 1, 30)
        + est("1997-12", 1, 31) + est("1998-01", 1, 31) + est("1998-02", 1),
    ),
    (
        "19970910T090000",
        "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        ENDS,
        edt("1997-09", *range(10, 16)) + est("1999-03", *range(10, 14)),
    ),
    (
        SEPTEMBER,
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        GOES_ON,
        edt("1997-09", 2, 9, 16, 23, 30) + est("1997-11", 4, 11, 18, 25) + est("1998-01", 6, 13, 20, 27)
        + est("1998-03", 3, 10, 17, 24, 31),
    ),
    (
        "19970610T090000",
        "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        ENDS,
        [each for year in range(1997, 2002) for month in ("06", "07") for each in edt(f"{year}-{month}", 10)],
    ),
    (
        "19970310T090000",
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        ENDS,
        est("1997-03", 10)
        + [each for year in (1999, 2001, 2003) for month in "123" for each in est(f"{year}-0{month}", 10)],
    ),
    (
        "19970101T090000",
        "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        ENDS,
        est("1997-01", 1) + edt("1997-04", 10) + edt("1997-07", 19) + est("2000-01", 1) + edt("2000-04", 9)
        + edt("2000-07", 18) + est("2003-01", 1) + edt("2003-04", 10) + edt("2003-07", 19) + est("2006-01", 1),
    ),
    (
        "19970519T090000",
        "FREQ=YEARLY;BYDAY=20MO",
        GOES_ON,
        edt("1997-05", 19) + edt("1998-05", 18) + edt("1999-05", 17),
    ),
    (
        "19970512T090000",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        GOES_ON,
        edt("1997-05", 12) + edt("1998-05", 11) + edt("1999-05", 17),
    ),
    (
        "19970313T090000",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        GOES_ON,
        est("1997-03", 13, 20, 27) + est("1998-03", 5, 12, 19, 26) + est("1999-03", 4, 11, 18, 25),
    ),
    (
        "19970605T090000",
        "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        GOES_ON,
        edt("1997-06", 5, 12, 19, 26) + edt("1997-07", 3, 10, 17, 24, 31) + edt("1997-08", 7, 14, 21, 28)
        + edt("1998-06", 4, 11, 18, 25),
    ),
    (
        "19970913T090000",
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        GOES_ON,
        edt("1997-09", 13) + edt("1997-10", 11) + est("1997-11", 8) + est("1997-12", 13) + est("1998-01", 10)
        + est("1998-02", 7) + est("1998-03", 7) + edt("1998-04", 11) + edt("1998-05", 9) + edt("1998-06", 13),
    ),
    (
        "19961105T090000",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        GOES_ON,
        est("1996-11", 5) + est("2000-11", 7) + est("2004-11", 2),
    ),
    (
        "19970904T090000",
        "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
        ENDS,
        edt("1997-09", 4) + edt("1997-10", 7) + est("1997-11", 6),
    ),
    (
        "19970929T090000",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        GOES_ON,
        edt("1997-09", 29) + est("1997-10", 30) + est("1997-11", 27) + est("1997-12", 30) + est("1998-01", 29)
        + est("1998-02", 26) + est("1998-03", 30),
    ),
    (SEPTEMBER, "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", ENDS, clock("09:00", "12:00", "15:00")),
    (
        SEPTEMBER,
        "FREQ=MINUTELY;INTERVAL=15;COUNT=6",
        ENDS,
        clock("09:00", "09:15", "09:30", "09:45", "10:00", "10:15"),
    ),
    (SEPTEMBER, "FREQ=MINUTELY;INTERVAL=90;COUNT=4", ENDS, clock("09:00", "10:30", "12:00", "13:30")),
    *(
        (SEPTEMBER, rule, GOES_ON, clock(*(f"{hour:02}:{minute}" for hour in range(9, 17) for minute in ("00", "20", "40"))))
        for rule in (
            "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40",
            "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16",
        )
    ),
    ("19970805T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", ENDS, edt("1997-08", 5, 10, 19, 24)),
    ("19970805T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", ENDS, edt("1997-08", 5, 17, 19, 31)),
    (
        "20070115T090000",
        "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
        ENDS,
        est("2007-01", 15, 30) + est("2007-02", 15) + edt("2007-03", 15, 30),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("dtstart", "rule", "ends", "expected"), EXAMPLES, ids=lambda each: each if isinstance(each, str) else ""
)
def test_an_example_of_the_standard(dtstart: str, rule: str, ends: bool, expected: list[datetime]) -> None:  # noqa: FBT001  a column
    recurrence = Recurrence.fixed(moment(dtstart), NEW_YORK, rule)

    assert recurrence.fits_dtstart
    assert list(islice(recurrence.instants(), len(expected) + ends)) == expected


def test_friday_the_thirteenth_without_the_day_it_was_written_on() -> None:
    recurrence = Recurrence.fixed(
        moment(SEPTEMBER), NEW_YORK, "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", exdates=[moment(SEPTEMBER)]
    )
    expected = est("1998-02", 13) + est("1998-03", 13) + est("1998-11", 13)

    assert list(islice(recurrence.instants(), 5)) == expected + edt("1999-08", 13) + edt("2000-10", 13)
    assert not recurrence.fits_dtstart

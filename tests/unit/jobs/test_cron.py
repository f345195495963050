"""When cron comes, as another that does as Debian's says it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import example, given
from hypothesis import strategies as st

from taskcore.errors import Invalid
from taskcore.jobs.cron import MONTHS, NAMED, WEEKDAYS, Cron

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Sydney", "Asia/Kathmandu")
CHANGES = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 8), (3, 29), (10, 25), (11, 1))]


def field(least: int, most: int, names: list[str] | None = None) -> st.SearchStrategy[str]:
    spelled = [str(number) for number in range(least, most + 1)]
    one = st.sampled_from(spelled) | st.sampled_from(names or spelled)
    # Of more than one number: the other takes `7-7/2`, which is 7 alone, for `7/2`, which begins there.
    pairs = st.lists(st.integers(least, most), min_size=2, max_size=2, unique=True).map(sorted)
    span = pairs.map(lambda pair: f"{pair[0]}-{pair[1]}")
    stepped = st.tuples(one | span | st.just("*"), st.integers(1, most)).map(
        lambda pair: f"{pair[0]}/{pair[1]}"
    )
    return st.just("*") | st.lists(one | span | stepped, min_size=1, max_size=3).map(",".join)


EXPRESSIONS = st.tuples(
    field(0, 59), field(0, 23), field(1, 28), field(1, 12, MONTHS), field(0, 7, WEEKDAYS)
).map(" ".join)
INSTANTS = st.builds(
    lambda start, minutes: start + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-1500, 1500),
) | st.builds(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes), st.integers(0, 2_000_000)
)


def reference(text: str, instant: datetime, zone: ZoneInfo) -> list[datetime]:
    """The next few by cronsim, which in an hour that comes twice also tells what is over."""
    found: list[datetime] = []
    for when in CronSim(text, instant.astimezone(zone)):
        if (at := when.astimezone(UTC)) > instant and at not in found:
            found.append(at)
        if len(found) == 4:
            break
    return found


@given(EXPRESSIONS, INSTANTS, st.sampled_from(ZONES))
@example("30 2 * * *", datetime(2026, 3, 29, tzinfo=UTC), "Europe/Berlin")
@example("30 2 * * *", datetime(2026, 10, 25, tzinfo=UTC), "Europe/Berlin")
@example("*/30 * * * *", datetime(2026, 10, 25, tzinfo=UTC), "Europe/Berlin")
@example("*/30 * * * *", datetime(2026, 3, 29, tzinfo=UTC), "Europe/Berlin")
@example("0 0 * * *", datetime(2026, 9, 5, tzinfo=UTC), "America/Santiago")
def test_it_comes_when_debians_cron_would(text: str, instant: datetime, name: str) -> None:
    zone, cron = ZoneInfo(name), Cron.of(text)
    found = [cron.next_after(instant, zone)]
    while len(found) < 4:
        found.append(cron.next_after(found[-1], zone))

    assert found == reference(text, instant, zone)


@given(EXPRESSIONS, INSTANTS, st.integers(0, 3000))
def test_the_latest_is_the_last_that_is_not_to_come(text: str, instant: datetime, minutes: int) -> None:
    cron = Cron.of(text)
    since = cron.next_after(instant, BERLIN)
    now = since + timedelta(minutes=minutes)
    latest = cron.latest(since, now, BERLIN)

    assert since <= latest <= now < cron.next_after(latest, BERLIN)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def test_a_minute_that_is_skipped_comes_at_the_next_that_there_is() -> None:
    daily = Cron.of("30 2 * * *")

    assert daily.next_after(at("2026-03-28T12:00"), BERLIN) == at("2026-03-29T03:00")
    assert daily.next_after(at("2026-03-29T03:00"), BERLIN) == at("2026-03-30T02:30")


@pytest.mark.parametrize("name", NAMED)
def test_it_goes_by_names_too(name: str) -> None:
    assert Cron.of(name) == Cron.of(NAMED[name])
    assert Cron.of(name.upper()) == Cron.of(NAMED[name])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "*/x * * * *",
        "a * * * *",
        "* * * FOO *",
        "* * * * L",
        "1, * * * *",
        "*-5 * * * *",
        "1/ * * * *",
        "-1 * * * *",
        "0 0 31 2 *",
        "0 0 31 4,6 *",
        "@never",
        "² * * * *",
        "1/² * * * *",
    ],
)
def test_what_is_no_cron_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Cron.of(text)

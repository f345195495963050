"""The arithmetic of rate limits, by a clock that is turned by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.limits import SECOND, Buckets, Rate, Verdict
from taskcore_memory import MemoryLimiter

TWENTY_A_MINUTE = Rate(amount=20, seconds=60, burst=20)
HUNDRED_A_SECOND = Rate(amount=100, seconds=1, burst=1_000)

rates = st.builds(
    Rate,
    amount=st.integers(1, 1_000),
    seconds=st.sampled_from([0.5, 1, 7, 60, 3_600]),
    burst=st.integers(1, 50),
)
pauses = st.lists(st.integers(0, 5 * SECOND) | st.integers(0, 50), min_size=1, max_size=80)


class Clock:
    def __init__(self) -> None:
        self.now = 12_345 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> MemoryLimiter:
    return MemoryLimiter(clock=clock)


async def allowed(limiter: MemoryLimiter, rate: Rate, count: int, key: str = "ada") -> int:
    return sum([(await limiter.hit(key, rate)).allowed for _ in range(count)])


async def test_an_idle_bucket_is_full_again_and_holds_no_more(limiter: MemoryLimiter, clock: Clock) -> None:
    await allowed(limiter, HUNDRED_A_SECOND, 1_000)
    clock.now += 3_600 * SECOND

    assert await allowed(limiter, HUNDRED_A_SECOND, 1_500) == 1_000


async def test_a_bucket_fills_one_by_one(limiter: MemoryLimiter, clock: Clock) -> None:
    await allowed(limiter, TWENTY_A_MINUTE, 20)
    found = []
    for _ in range(5):
        clock.now += 3 * SECOND - 1
        found.append(await allowed(limiter, TWENTY_A_MINUTE, 2))
        clock.now += 1
        found.append(await allowed(limiter, TWENTY_A_MINUTE, 2))

    assert found == [0, 1] * 5


async def test_after_the_time_that_was_told_exactly_one_more_is_allowed(
    limiter: MemoryLimiter, clock: Clock
) -> None:
    await allowed(limiter, TWENTY_A_MINUTE, 20)
    clock.now += 1_234_567
    refused = await limiter.hit("ada", TWENTY_A_MINUTE)
    clock.now += round(refused.retry_after_seconds * SECOND) - 1
    just_before = await limiter.hit("ada", TWENTY_A_MINUTE)
    clock.now += 1

    assert not just_before.allowed
    assert await allowed(limiter, TWENTY_A_MINUTE, 2) == 1


async def test_a_verdict_is_exact(limiter: MemoryLimiter, clock: Clock) -> None:
    first = await limiter.hit("ada", TWENTY_A_MINUTE)
    clock.now += SECOND
    second = await limiter.hit("ada", TWENTY_A_MINUTE)
    await allowed(limiter, TWENTY_A_MINUTE, 18)
    refused = await limiter.hit("ada", TWENTY_A_MINUTE)

    assert first == Verdict(allowed=True, remaining=19, reset_seconds=3.0, retry_after_seconds=0.0)
    assert second == Verdict(allowed=True, remaining=18, reset_seconds=5.0, retry_after_seconds=0.0)
    assert refused == Verdict(allowed=False, remaining=0, reset_seconds=59.0, retry_after_seconds=2.0)


@given(rates, pauses)
def test_no_window_lets_more_through_than_burst_and_rate_allow(rate: Rate, pauses: list[int]) -> None:
    buckets = Buckets()
    now = 0
    came: list[int] = []
    for pause in pauses:
        now += pause
        came += [now for _ in range(3) if buckets.hit("ada", rate, now).allowed]

    for first, start in enumerate(came):
        for last, end in enumerate(came[first:], first):
            assert last - first + 1 <= rate.burst + rate.amount * (end - start) / (rate.seconds * SECOND)


@given(rates, pauses)
def test_a_verdict_tells_the_truth_about_what_comes_next(rate: Rate, pauses: list[int]) -> None:
    buckets = Buckets()
    now = 0
    for pause in pauses:
        now += pause
        verdict = buckets.hit("ada", rate, now)
        next_one = buckets.hit("ada", rate, now)

        assert next_one.allowed == (verdict.remaining > 0) == (verdict.retry_after_seconds == 0)
        assert 0 <= verdict.remaining < rate.burst
        assert 0 <= verdict.reset_seconds <= rate.capacity / SECOND


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, SECOND)), max_size=200))
def test_forgetting_full_buckets_changes_no_verdict(arrivals: list[tuple[int, int]]) -> None:
    """Each key in buckets of its own, where nothing is ever forgotten, gets the same answers."""
    rate = Rate(amount=2, seconds=1, burst=2)
    together, apart, now = Buckets(), {number: Buckets() for number in range(31)}, 0
    for number, pause in arrivals:
        now += pause

        assert together.hit(str(number), rate, now) == apart[number].hit("", rate, now)


def test_buckets_that_are_full_again_are_not_kept() -> None:
    buckets = Buckets()
    for second in range(10_000):
        buckets.hit(f"visitor {second}", TWENTY_A_MINUTE, second * SECOND)

    assert len(buckets) <= 4


def test_a_flood_of_keys_costs_no_more_than_is_set_aside() -> None:
    buckets = Buckets(most=100)
    for number in range(10_000):
        buckets.hit(f"visitor {number}", TWENTY_A_MINUTE, number)

    assert len(buckets) == 100


def test_a_flood_of_keys_does_not_wash_away_who_asked_too_often() -> None:
    buckets = Buckets(most=100)
    for _ in range(20):
        buckets.hit("mallory", TWENTY_A_MINUTE, 0)
    for number in range(10_000):
        buckets.hit(f"visitor {number}", TWENTY_A_MINUTE, number)

    assert not buckets.hit("mallory", TWENTY_A_MINUTE, 10_000).allowed


@pytest.mark.parametrize("wrong", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (-1, 1, 1)])
def test_a_rate_of_nothing_is_none(wrong: tuple[int, float, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Rate(*wrong)


def test_a_rate_that_no_clock_divides_is_never_exceeded() -> None:
    assert Rate(amount=7, seconds=1, burst=1).interval * 7 >= SECOND

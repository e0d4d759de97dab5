"""The business clock: known cases, and properties against a simulator."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sla.business_hours import BusinessCalendar
from bot.sla.calendar_file import load_calendar
from tests.bot.sla.calendars import moments, pairs, several, shares
from tests.conftest import COMPANY

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NINE_TO_SIX = ((time(9), time(18)),)
WITH_LUNCH = ((time(9), time(12)), (time(13), time(18)))
WORKING_WEEK = (NINE_TO_SIX,) * 5 + ((), ())
FOUR_HOURS = timedelta(hours=4)


def desk(hours=WORKING_WEEK, **more):
    return BusinessCalendar(SAO_PAULO, hours, **more)


def local(*parts):
    return datetime(*parts, tzinfo=SAO_PAULO)


@pytest.fixture(scope="module")
def own():
    return load_calendar(COMPANY / "calendar.yml")


def test_four_hours_from_a_friday_afternoon_end_on_monday(own):
    assert own.add(local(2026, 3, 6, 17, 30), FOUR_HOURS) == local(2026, 3, 9, 12, 30)


def test_four_hours_over_carnaval_end_on_ash_wednesday(own):
    assert own.add(local(2026, 2, 13, 17, 30), FOUR_HOURS) == local(2026, 2, 18, 12, 30)


def test_four_hours_over_the_ninth_of_july_end_on_friday(own):
    assert own.add(local(2026, 7, 8, 17, 30), FOUR_HOURS) == local(2026, 7, 10, 12, 30)


def test_carnaval_is_a_working_day_where_it_is_not_named():
    paulista = desk(country="BR", state="SP")
    assert paulista.add(local(2026, 2, 13, 17, 30), FOUR_HOURS) == local(2026, 2, 16, 12, 30)


def test_the_other_optional_days_stay_working_days(own):
    for day in (local(2026, 10, 28, 10), local(2026, 12, 24, 10), local(2026, 12, 31, 10)):
        assert own.is_open(day)


@pytest.mark.parametrize(
    "day", [(2026, 1, 1), (2026, 4, 3), (2026, 4, 21), (2026, 6, 4), (2026, 7, 9), (2026, 11, 20), (2026, 12, 25)]
)
def test_a_holiday_is_closed(own, day):
    assert not own.is_open(local(*day, 10))


def test_another_state_works_on_the_ninth_of_july():
    assert desk(country="BR", state="RJ").is_open(local(2026, 7, 9, 10))


def test_an_extra_day_off_is_closed():
    assert not desk(extra_holidays=frozenset({date(2026, 3, 10)})).is_open(local(2026, 3, 10, 10))
    assert desk().is_open(local(2026, 3, 10, 10))


def test_the_desk_opens_at_the_first_minute_and_closes_at_the_last():
    assert desk().is_open(local(2026, 3, 3, 9))
    assert not desk().is_open(local(2026, 3, 3, 18))
    assert not desk().is_open(local(2026, 3, 3, 8, 59))


def test_the_next_opening_is_now_while_the_desk_is_open():
    assert desk().next_open(local(2026, 3, 3, 10, 7)) == local(2026, 3, 3, 10, 7)


def test_the_next_opening_after_friday_is_monday():
    assert desk().next_open(local(2026, 3, 6, 18)) == local(2026, 3, 9, 9)


def test_a_deadline_may_fall_on_closing_time():
    assert desk().add(local(2026, 3, 3, 16), timedelta(hours=2)) == local(2026, 3, 3, 18)


def test_a_second_more_falls_on_the_next_day():
    assert desk().add(local(2026, 3, 3, 16), timedelta(hours=2, seconds=1)) == local(2026, 3, 4, 9, 0, 1)


def test_lunch_does_not_count():
    lunching = desk((WITH_LUNCH,) * 5 + ((), ()))
    assert lunching.add(local(2026, 3, 3, 11), timedelta(hours=2)) == local(2026, 3, 3, 14)
    assert lunching.between(local(2026, 3, 3, 9), local(2026, 3, 3, 18)) == timedelta(hours=8)


def test_no_time_at_all_ends_where_it_starts_also_when_closed():
    midnight = local(2026, 3, 7, 0)
    assert desk().add(midnight, timedelta(0)) == midnight


def test_an_end_before_the_start_is_no_time():
    assert desk().between(local(2026, 3, 4, 10), local(2026, 3, 3, 10)) == timedelta(0)


def test_a_desk_open_day_and_night_loses_the_hour_that_the_clocks_skip():
    always = BusinessCalendar(ZoneInfo("America/New_York"), (((time(0), time.max),),) * 7)
    noon = datetime(2026, 3, 7, 12, tzinfo=always.zone)
    assert always.between(noon, datetime(2026, 3, 8, 12, tzinfo=always.zone)) == timedelta(hours=23)
    assert always.add(noon, timedelta(hours=24)) == datetime(2026, 3, 8, 13, tzinfo=always.zone)


def test_the_hour_that_comes_twice_is_two_hours():
    always = BusinessCalendar(ZoneInfo("America/New_York"), (((time(0), time.max),),) * 7)
    first, second = (datetime(2026, 11, 1, 1, 30, fold=fold, tzinfo=always.zone) for fold in (0, 1))
    assert always.between(first, second) == timedelta(hours=1)
    assert always.add(first, timedelta(hours=1)).astimezone(UTC) == second.astimezone(UTC)
    assert always.is_open(first.astimezone(UTC)) and always.is_open(second.astimezone(UTC))


def test_a_start_in_another_zone_counts_by_the_desks_clock():
    in_tokyo = local(2026, 3, 6, 17, 30).astimezone(ZoneInfo("Asia/Tokyo"))
    assert desk().add(in_tokyo, timedelta(hours=4)) == local(2026, 3, 9, 12, 30)


def test_a_calendar_closed_for_ever_is_an_error_and_no_endless_walk():
    with pytest.raises(ValueError, match="horas úteis suficientes"):
        desk(((),) * 7).add(local(2026, 3, 3, 10), timedelta(hours=1))


many = settings(max_examples=300)
times = st.timedeltas(timedelta(microseconds=1), timedelta(hours=12))


@many
@given(pairs, several(st.tuples(moments, moments)))
def test_time_between_is_what_a_minute_by_minute_count_gives(both, cases):
    for start, end in map(sorted, cases):
        assert both.between(start, end) == both.simulator.between(start, end)


@many
@given(pairs, several(st.tuples(moments, shares)))
def test_a_deadline_is_where_a_minute_by_minute_count_ends(both, cases):
    for start, share in cases:
        if span := int(share * both.simulator.between(start, both.window.minutes)):
            assert both.add(start, span) == both.simulator.add(start, span)


@many
@given(pairs, several(moments))
def test_the_desk_is_open_when_the_simulator_says_so(both, cases):
    for moment in cases:
        assert both.calendar.is_open(both.at(moment)) == both.simulator.open[moment]


@many
@given(pairs, several(st.tuples(moments, moments, moments)))
def test_time_between_adds_up(both, cases):
    for first, middle, last in map(sorted, cases):
        assert both.between(first, middle) + both.between(middle, last) == both.between(first, last)


@many
@given(pairs, several(st.tuples(moments, times, times)))
def test_two_spans_one_after_the_other_are_their_sum(both, cases):
    for start, one, other in cases:
        assert both.due(both.due(both.at(start), one), other) == both.due(both.at(start), one + other)


@many
@given(pairs, several(st.tuples(moments, moments, times)))
def test_who_starts_later_is_not_due_earlier(both, cases):
    for one, other, span in cases:
        earlier, later = sorted((one, other))
        assert both.due(both.at(earlier), span) <= both.due(both.at(later), span)


@many
@given(pairs, several(st.tuples(moments, times)))
def test_a_longer_span_is_due_later(both, cases):
    for start, span in cases:
        assert both.due(both.at(start), span) < both.due(both.at(start), span + timedelta(microseconds=1))


@many
@given(pairs, several(st.tuples(moments, times)))
def test_between_undoes_add(both, cases):
    for start, span in cases:
        assert both.calendar.between(both.at(start), both.calendar.add(both.at(start), span)) == span

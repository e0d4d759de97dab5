"""The business clock: known cases, properties against a simulator, and the mistakes of calendar.yml."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ConfigurationError
from bot.sla.business_hours import BusinessCalendar
from bot.sla.calendar_file import load_calendar
from tests.bot.sla.simulator import MINUTE, MinuteByMinute
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


def test_a_start_in_another_zone_counts_by_the_desks_clock():
    in_tokyo = local(2026, 3, 6, 17, 30).astimezone(ZoneInfo("Asia/Tokyo"))
    assert desk().add(in_tokyo, timedelta(hours=4)) == local(2026, 3, 9, 12, 30)


def test_a_calendar_closed_for_ever_is_an_error_and_no_endless_walk():
    with pytest.raises(ValueError, match="horas úteis suficientes"):
        desk(((),) * 7).add(local(2026, 3, 3, 10), timedelta(hours=1))


# Small calendars: any week, at most two intervals a day on whole quarters of an hour, some days off.
quarters = st.integers(0, 96)
intervals = st.lists(quarters, min_size=4, max_size=4, unique=True).map(sorted)
open_days = st.one_of(
    st.just([]),
    intervals.map(lambda q: [(q[0] * 15, q[1] * 15)]),
    intervals.map(lambda q: [(q[0] * 15, q[1] * 15), (q[2] * 15, q[3] * 15)]),
)
weeks = st.lists(open_days, min_size=7, max_size=7).filter(any)
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
# Neither zone changes its clocks in these weeks; Kolkata is half an hour off the full ones.
zones = st.sampled_from([SAO_PAULO, ZoneInfo("UTC"), ZoneInfo("Asia/Kolkata")])
moments = st.integers(0, 14 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
spans = st.integers(1, 600).map(lambda minutes: timedelta(minutes=minutes))
offs = st.sets(st.integers(0, 20).map(lambda day: (FIRST + timedelta(days=day)).date()), max_size=3)


@st.composite
def calendars(draw):
    """A calendar and the simulator that knows the same hours."""
    zone, week, closed = draw(zones), draw(weeks), draw(offs)
    calendar = BusinessCalendar(
        zone,
        tuple(tuple((_time(opens), _time(closes)) for opens, closes in day) for day in week),
        extra_holidays=frozenset(closed),
    )
    return calendar, MinuteByMinute(zone, week, {day.isoformat() for day in closed})


def _time(minutes):
    return time.max if minutes == 24 * 60 else time(minutes // 60, minutes % 60)


few = settings(max_examples=40)


@few
@given(calendars(), moments, moments)
def test_time_between_is_what_a_minute_by_minute_count_gives(pair, one, other):
    calendar, simulator = pair
    start, end = sorted((one, other))
    assert calendar.between(start, end) == simulator.between(start, end)


@few
@given(calendars(), moments, spans)
def test_a_deadline_is_where_a_minute_by_minute_count_ends(pair, start, span):
    calendar, simulator = pair
    assert calendar.add(start, span) == simulator.add(start, span)


@few
@given(calendars(), moments)
def test_the_desk_is_open_when_the_simulator_says_so(pair, moment):
    calendar, simulator = pair
    assert calendar.is_open(moment) == simulator.is_open(moment)


@given(calendars(), moments, spans, spans)
def test_two_spans_one_after_the_other_are_their_sum(pair, start, one, other):
    calendar, _ = pair
    assert calendar.add(calendar.add(start, one), other) == calendar.add(start, one + other)


@given(calendars(), moments, moments, moments)
def test_time_between_adds_up(pair, one, other, third):
    calendar, _ = pair
    first, middle, last = sorted((one, other, third))
    assert calendar.between(first, middle) + calendar.between(middle, last) == calendar.between(first, last)


@given(calendars(), moments, moments, spans)
def test_who_starts_later_is_not_due_earlier(pair, one, other, span):
    calendar, _ = pair
    earlier, later = sorted((one, other))
    assert calendar.add(earlier, span) <= calendar.add(later, span)


@given(calendars(), moments, spans)
def test_a_longer_span_is_due_later(pair, start, span):
    calendar, _ = pair
    assert calendar.add(start, span) < calendar.add(start, span + MINUTE)


@given(calendars(), moments, spans)
def test_between_undoes_add(pair, start, span):
    calendar, _ = pair
    assert calendar.between(start, calendar.add(start, span)) == span


CALENDAR = """timezone: America/Sao_Paulo
country: BR
state: SP
hours:
  monday: ["09:00-18:00"]
  tuesday: []
"""


@pytest.fixture
def refused(tmp_path):
    """The error with which a calendar is refused, for one line of it written differently."""

    def read(old, new):
        assert old in CALENDAR
        path = tmp_path / "calendar.yml"
        path.write_text(CALENDAR.replace(old, new))
        with pytest.raises(ConfigurationError) as caught:
            load_calendar(path)
        assert caught.value.file == path
        return caught.value.line, caught.value.problem

    return read


def test_a_calendar_without_an_open_hour_is_refused(refused):
    _, problem = refused('["09:00-18:00"]', "[]")
    assert "nenhum dia tem horário de atendimento; informe ao menos um intervalo" in problem


def test_an_unknown_time_zone_is_refused_with_an_example(refused):
    line, problem = refused("America/Sao_Paulo", "Brasil/Paulista")
    assert line == 1 and "use, por exemplo, America/Sao_Paulo" in problem


def test_an_unknown_day_is_refused_with_the_days_there_are(refused):
    line, problem = refused("tuesday", "terça")
    assert line == 5 and "terça" in problem and "monday" in problem


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ("9h-18h", "não está no formato 09:00-18:00"),
        ("9:00-18:00", "não está no formato 09:00-18:00"),
        ("18:00-09:00", "termina antes de começar"),
        ("09:00-09:00", "termina antes de começar"),
        ("09:00-25:00", "tem hora que não existe"),
        ("09:70-18:00", "tem hora que não existe"),
    ],
)
def test_a_wrong_interval_is_refused_with_what_is_wrong(refused, interval, words):
    line, problem = refused('["09:00-18:00"]', f'["{interval}"]')
    assert line == 5 and words in problem


def test_intervals_that_overlap_are_refused(refused):
    _, problem = refused('["09:00-18:00"]', '["09:00-13:00", "12:00-18:00"]')
    assert "monday se sobrepõem ou estão fora de ordem" in problem


def test_a_field_with_a_wrong_name_is_refused(refused):
    line, problem = refused("state: SP", "estado: SP")
    assert line == 3 and "estado: campo desconhecido" in problem


def test_a_desk_may_be_open_until_midnight(tmp_path):
    (tmp_path / "calendar.yml").write_text(CALENDAR.replace("09:00-18:00", "00:00-24:00"))
    calendar = load_calendar(tmp_path / "calendar.yml")
    assert calendar.between(local(2026, 3, 2, 0), local(2026, 3, 3, 0)) == timedelta(hours=24)
    assert calendar.add(local(2026, 3, 2, 23), timedelta(hours=1)) == local(2026, 3, 3, 0)

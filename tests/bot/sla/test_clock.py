"""The two clocks of a ticket: known cases, and random lives of a clock against one that is looked at every minute."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sla.business_hours import BusinessCalendar
from bot.sla.clock import (
    Clock,
    ClockEvent,
    ClockEventKind,
    ClockStatus,
    breached,
    clocks,
    met,
    paused,
    reopened,
    replay,
    resumed,
    retargeted,
    started,
)
from bot.sla.contracts import ALWAYS, DESK, Contracts, Terms
from tests.bot.sla.calendars import closed_days, pair, weeks, windows
from tests.bot.sla.simulator import MINUTE, StupidClock

ZONE = ZoneInfo("America/Sao_Paulo")
HOUR = timedelta(hours=1)
CONTRACTS = Contracts(BusinessCalendar(ZONE, (((time(9), time(18)),),) * 5 + ((), ()), country="BR", state="SP"))
DIAGNOSIS, SOLUTION = Clock.DIAGNOSIS, Clock.SOLUTION


def terms(diagnosis=2, solution=8, calendar=DESK):
    return Terms(diagnosis * HOUR, solution * HOUR, CONTRACTS.calendar(calendar), calendar)


def tuesday(hour, minute=0, day=3):
    """3 March 2026 is a Tuesday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


OPENED = started(3, terms(), tuesday(10))


def solution(log):
    return replay(log, SOLUTION, CONTRACTS.calendar)


def diagnosis(log):
    return replay(log, DIAGNOSIS, CONTRACTS.calendar)


def test_a_ticket_starts_both_clocks():
    first, second = clocks(OPENED, CONTRACTS.calendar)
    assert (first.clock, first.due, first.severity) == (DIAGNOSIS, tuesday(12), 3)
    assert (second.clock, second.due, second.status) == (SOLUTION, tuesday(18), ClockStatus.RUNNING)


def test_a_ticket_without_deadlines_has_no_clock():
    assert clocks((), CONTRACTS.calendar) == () and solution(()) is None
    assert paused((), tuesday(10)) == met((), SOLUTION, tuesday(10)) == reopened((), tuesday(10)) == ()
    assert retargeted((), 1, terms(), tuesday(10)) == ()


def test_a_clock_counts_business_time():
    state = solution(OPENED)
    assert state.elapsed(tuesday(10, day=4)) == 8 * HOUR + 1 * HOUR
    assert state.remaining(tuesday(12)) == 6 * HOUR
    assert state.share_used(tuesday(12)) == 0.25


def test_a_paused_clock_does_not_run_and_has_no_due_time():
    log = OPENED + paused(OPENED, tuesday(11))
    state = solution(log)
    assert (state.status, state.due) == (ClockStatus.PAUSED, None)
    assert state.elapsed(tuesday(17)) == state.elapsed(tuesday(11)) == HOUR
    assert state.due_if_resumed(tuesday(15)) == tuesday(13, day=4)
    assert state.breached_at(tuesday(17, day=20)) is None


def test_a_resumed_clock_goes_on_with_what_was_left():
    log = OPENED + paused(OPENED, tuesday(11))
    log += resumed(log, tuesday(15))
    assert solution(log).due == tuesday(13, day=4)
    assert diagnosis(log).due == tuesday(16)


def test_a_pause_over_the_night_costs_only_its_open_hours():
    log = OPENED + paused(OPENED, tuesday(17))
    log += resumed(log, tuesday(10, day=4))
    assert solution(log).due == tuesday(11, day=4)


def test_a_pause_across_carnaval_costs_nothing():
    desk = replace(CONTRACTS.desk, optional_holidays=frozenset({"Carnaval"}))
    friday = datetime(2026, 2, 13, 17, 30, tzinfo=ZONE)
    log = started(1, replace(terms(1, 4), calendar=desk), friday)
    log += paused(log, friday.replace(hour=18))
    log += resumed(log, friday.replace(day=18, hour=9, minute=0))
    assert replay(log, SOLUTION, {DESK: desk}.get).due == friday.replace(day=18, hour=12)


def test_what_is_met_in_time_stays_so():
    log = OPENED + met(OPENED, DIAGNOSIS, tuesday(12))
    state = diagnosis(log)
    assert (state.status, state.met_at, state.due) == (ClockStatus.MET, tuesday(12), tuesday(12))
    assert state.breached_at(tuesday(12, day=20)) is None
    assert state.elapsed(tuesday(12, day=20)) == 2 * HOUR


def test_what_is_met_late_keeps_the_instant_of_the_breach():
    log = OPENED + met(OPENED, DIAGNOSIS, tuesday(14))
    state = diagnosis(log)
    assert state.breached_at(tuesday(14)) == state.due == tuesday(12)
    assert state.remaining(tuesday(14)) == -2 * HOUR


def test_due_at_closing_time_is_late_the_next_morning():
    log = OPENED + met(OPENED, SOLUTION, tuesday(8, day=4))
    assert solution(log).breached_at(tuesday(8, day=4)) == tuesday(18)
    assert solution(OPENED).breached_at(tuesday(18)) is None


def test_the_solution_ends_the_diagnosis_too():
    log = OPENED + met(OPENED, SOLUTION, tuesday(11))
    assert [state.status for state in clocks(log, CONTRACTS.calendar)] == [ClockStatus.MET] * 2


def test_a_clock_can_be_met_while_paused():
    log = OPENED + paused(OPENED, tuesday(11))
    log += met(log, SOLUTION, tuesday(16))
    assert solution(log).met_at == tuesday(16) and solution(log).elapsed(tuesday(17)) == HOUR


def test_time_since_it_was_met_does_not_count_when_reopened():
    log = OPENED + met(OPENED, SOLUTION, tuesday(12))
    log += reopened(log, tuesday(9, day=5))
    assert solution(log).due == tuesday(15, day=5)
    assert solution(log).met_at is None
    assert diagnosis(log).status is ClockStatus.MET


def test_another_severity_keeps_what_has_run_and_the_pauses():
    log = OPENED + paused(OPENED, tuesday(11))
    log += resumed(log, tuesday(13))
    log += retargeted(log, 2, terms(2, 4), tuesday(14))
    state = solution(log)
    assert (state.severity, state.elapsed(tuesday(14)), state.due) == (2, 2 * HOUR, tuesday(16))


def test_a_severity_changed_in_mid_pause_leaves_the_clock_paused():
    log = OPENED + paused(OPENED, tuesday(11))
    log += retargeted(log, 1, terms(2, 4), tuesday(13))
    assert (solution(log).status, solution(log).due) == (ClockStatus.PAUSED, None)
    log += resumed(log, tuesday(15))
    assert solution(log).due == tuesday(18)


def test_what_ran_on_one_calendar_counts_when_another_takes_over():
    log = OPENED + retargeted(OPENED, 1, terms(2, 12, ALWAYS), tuesday(18))
    assert solution(log).due == tuesday(22)
    log = started(1, terms(2, 12, ALWAYS), tuesday(8))
    log += retargeted(log, 3, terms(2, 12), tuesday(10))
    assert solution(log).due == tuesday(11, day=4)


def test_a_longer_target_takes_a_breach_back():
    log = started(1, terms(1, 2), tuesday(10))
    log += retargeted(log, 4, terms(8, 40), tuesday(14))
    assert solution(log).breached_at(tuesday(14)) is None
    assert solution(log).due == tuesday(14, day=9)


def test_a_shorter_target_that_is_used_up_has_run_out_with_the_change():
    log = started(4, terms(8, 40), tuesday(10))
    log += retargeted(log, 1, terms(1, 2), tuesday(14))
    assert solution(log).due == solution(log).breached_at(tuesday(15)) == tuesday(14)


def test_a_shorter_target_that_is_just_used_up_has_not_run_out_while_the_clock_stands():
    log = started(4, terms(8, 40), tuesday(10))
    log += paused(log, tuesday(12))
    log += retargeted(log, 1, terms(1, 2), tuesday(14))
    assert solution(log).remaining(tuesday(15)) == timedelta(0) and solution(log).breached_at(tuesday(15)) is None
    assert diagnosis(log).breached_at(tuesday(15)) == tuesday(14)


def test_a_breach_of_the_longer_target_is_one_of_the_shorter_since_then():
    log = started(3, terms(2, 3), tuesday(10))
    log += retargeted(log, 1, terms(1, 2), tuesday(15))
    assert solution(log).breached_at(tuesday(15)) == tuesday(13)


def test_the_severity_of_what_is_met_is_changed_when_it_is_reopened():
    log = OPENED + met(OPENED, SOLUTION, tuesday(11))
    assert retargeted(log, 1, terms(1, 2), tuesday(12)) == ()
    log += reopened(log, tuesday(13))
    log += retargeted(log, 1, terms(1, 2), tuesday(13))
    assert solution(log).due == tuesday(14) and diagnosis(log).severity == 3


def test_the_same_terms_again_are_no_event():
    assert retargeted(OPENED, 3, terms(), tuesday(11)) == ()
    other_severity = retargeted(OPENED, 2, terms(), tuesday(11))
    assert [event.severity for event in other_severity] == [2, 2]
    assert solution(OPENED + other_severity).promises == 1
    assert solution(OPENED + retargeted(OPENED, 2, terms(2, 4), tuesday(11))).promises == 2


@pytest.mark.parametrize("tell", [paused, resumed, reopened])
def test_nothing_is_told_twice(tell):
    log = OPENED
    if tell is resumed:
        log += paused(log, tuesday(11))
    if tell is reopened:
        log += met(log, SOLUTION, tuesday(11))
    log += tell(log, tuesday(12))
    assert tell(log, tuesday(13)) == ()


def test_events_that_two_processes_wrote_at_once_count_once():
    twice = OPENED + paused(OPENED, tuesday(11)) + paused(OPENED, tuesday(11))
    twice += resumed(twice, tuesday(13)) * 2 + OPENED
    assert solution(twice).due == tuesday(11, day=4)


def test_an_event_with_an_earlier_time_than_the_one_before_is_taken_to_follow_it():
    log = OPENED + paused(OPENED, tuesday(11))
    log += resumed(log, tuesday(10, 30))
    assert solution(log).elapsed(tuesday(12)) == 2 * HOUR


def test_the_order_of_the_log_counts_among_events_of_one_instant():
    log = OPENED + paused(OPENED, tuesday(11))
    log += resumed(log, tuesday(11))
    assert solution(log).status is ClockStatus.RUNNING and solution(log).due == tuesday(18)


def test_what_is_met_in_the_hour_that_comes_twice_is_met_late():
    """By the clock on the wall it was met five minutes before it was due."""
    always = BusinessCalendar(ZoneInfo("America/New_York"), (((time(0), time.max),),) * 7)
    log = started(1, replace(terms(1, 2), calendar=always), datetime(2026, 11, 1, 0, 30, tzinfo=always.zone))
    log += met(log, DIAGNOSIS, datetime(2026, 11, 1, 1, 25, fold=1, tzinfo=always.zone))
    state = replay(log, DIAGNOSIS, {DESK: always}.get)
    assert state.elapsed(state.since) == 115 * MINUTE
    assert state.breached_at(state.since) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_breach_is_logged_once_with_the_instant_of_it():
    assert breached(OPENED, CONTRACTS.calendar, tuesday(12)) == ()
    log = OPENED + breached(OPENED, CONTRACTS.calendar, tuesday(15))
    assert log[2:] == (ClockEvent(DIAGNOSIS, ClockEventKind.BREACHED, tuesday(12)),)
    assert breached(log, CONTRACTS.calendar, tuesday(17)) == ()
    assert [event.clock for event in breached(log, CONTRACTS.calendar, tuesday(9, day=4))] == [SOLUTION]


def test_a_breach_in_the_log_moves_no_clock():
    log = OPENED + breached(OPENED, CONTRACTS.calendar, tuesday(15))
    assert replace(diagnosis(log), breach_logged=False) == diagnosis(OPENED)


def test_a_breach_that_a_longer_target_took_back_can_come_again():
    log = started(1, terms(1, 2), tuesday(10))
    log += breached(log, CONTRACTS.calendar, tuesday(13))
    log += retargeted(log, 2, terms(4, 5), tuesday(13))
    assert {event.at for event in breached(log, CONTRACTS.calendar, tuesday(17))} == {tuesday(14), tuesday(15)}


def test_a_start_without_a_target_is_no_log_of_ours():
    with pytest.raises(ValueError, match="lacks target"):
        solution((ClockEvent(SOLUTION, ClockEventKind.STARTED, tuesday(10)),))


# Random lives: two calendars, up to eight things that happen, among them such as make no sense then.

targets = st.integers(1, 600)
calendar_names = st.sampled_from(["one", "other"])
happenings = st.lists(
    st.tuples(
        st.integers(0, 2_000),
        st.sampled_from(["pause", "resume", "meet", "reopen", "retarget", "retarget"]),
        targets,
        calendar_names,
    ),
    max_size=8,
)


@st.composite
def lives(draw):
    """Calendars by name, operations in order, and a minute after them."""
    window, closed = draw(windows), draw(closed_days)
    both = {name: pair(window, draw(weeks), closed) for name in ("one", "other")}
    at = draw(st.integers(0, 2 * 1440))
    operations = [(at, "start", draw(targets), draw(calendar_names))]
    for gap, what, target, calendar in draw(happenings):
        at += gap
        operations.append((at, what, target, calendar))
    return both, operations, at + draw(st.integers(0, 3_000))


TELL = {
    "start": lambda log, at, promised: started(1, promised, at),
    "pause": lambda log, at, promised: paused(log, at),
    "resume": lambda log, at, promised: resumed(log, at),
    "meet": lambda log, at, promised: met(log, SOLUTION, at),
    "reopen": lambda log, at, promised: reopened(log, at),
    "retarget": lambda log, at, promised: retargeted(log, 2, promised, at),
}
KINDS = {
    "start": ClockEventKind.STARTED,
    "pause": ClockEventKind.PAUSED,
    "resume": ClockEventKind.RESUMED,
    "meet": ClockEventKind.MET,
    "reopen": ClockEventKind.REOPENED,
    "retarget": ClockEventKind.RETARGETED,
}


def told(both, operations):
    """The log of what happened, as one process writes it that knows the log."""
    log = ()
    for minute, what, target, calendar in operations:
        promised = Terms(target * MINUTE, target * MINUTE, both[calendar].calendar, calendar)
        log += TELL[what](log, both["one"].at(minute), promised)
    return log


def blurted(both, operations):
    """The log as processes that race each other write it, with what does not fit."""
    return [
        ClockEvent(SOLUTION, KINDS[what], both["one"].at(minute), target * MINUTE, 1, calendar)
        for minute, what, target, calendar in operations
    ]


def stands(both, log):
    return replay(log, SOLUTION, lambda name: both[name].calendar)


def looked_at(both, operations, until):
    """The stupid clock at `until`."""
    clock = StupidClock({name: one.simulator.open for name, one in both.items()})
    clock.run(operations, until)
    return clock


many = settings(max_examples=500)


@many
@given(lives(), st.sampled_from([told, blurted]))
def test_a_clock_stands_where_one_looked_at_every_minute_stands(life, log_of):
    both, operations, until = life
    at, state, stupid = both["one"].at, stands(both, log_of(both, operations)), looked_at(both, operations, until)
    assert (state.status, state.calendar_name, state.target) == (stupid.status, stupid.calendar, stupid.target * MINUTE)
    assert state.elapsed(at(until)) == stupid.used * MINUTE
    assert state.remaining(at(until)) == (stupid.target - stupid.used) * MINUTE
    assert state.breached_at(at(until)) == (None if stupid.ran_out is None else at(stupid.ran_out))
    assert state.met_at == (None if stupid.met_at is None else at(stupid.met_at))


@many
@given(lives())
def test_a_running_clock_is_due_where_one_looked_at_every_minute_runs_out(life):
    both, operations, _ = life
    state, stupid = stands(both, told(both, operations)), looked_at(both, operations, both["one"].window.minutes)
    if state.status is ClockStatus.RUNNING and stupid.ran_out is not None:
        assert state.due == both["one"].at(stupid.ran_out)


@many
@given(lives(), st.integers(0, 3_000), st.integers(0, 3_000))
def test_the_longer_one_waits_the_more_has_run_and_the_less_is_left(life, one, other):
    both, operations, _ = life
    state = stands(both, told(both, operations))
    earlier, later = (state.since + MINUTE * gap for gap in sorted((one, other)))
    assert state.elapsed(earlier) <= state.elapsed(later)
    assert state.remaining(earlier) >= state.remaining(later)
    if state.breached_at(earlier):
        assert state.breached_at(later) == state.breached_at(earlier)


@many
@given(lives(), targets, calendar_names, st.integers(0, 3_000))
def test_a_severity_changed_in_mid_pause_is_as_if_changed_when_resumed(life, target, calendar, pause):
    both, operations, at = life
    (stop, go), end = ((at, "pause", target, calendar), (at + pause, "resume", target, calendar)), at + pause
    meanwhile = stands(both, told(both, [*operations, stop, (at, "retarget", target, calendar), go]))
    afterwards = stands(both, told(both, [*operations, stop, go, (end, "retarget", target, calendar)]))
    assert meanwhile.used == afterwards.used
    if not meanwhile.ran_out:
        assert meanwhile.due == afterwards.due

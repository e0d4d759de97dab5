"""Who is told that a target runs out, when, and how often."""

from datetime import timedelta

import pytest

from bot.sla.clock import Clock, clocks, met, paused, reopened, resumed, retargeted, started
from bot.sla.warnings import WarningKind, next_warning_at, warnings_due
from tests.bot.sla.test_clock import CONTRACTS, terms, tuesday

SECOND = timedelta(seconds=1)
NEAR, BREACHED = WarningKind.NEAR, WarningKind.BREACHED
# Diagnosis is due at 12, nearly so at 11:30; the solution at 18, nearly at 16.
OPENED = started(3, terms(), tuesday(10))


def said(log, at):
    return [(warning.clock.value, warning.kind) for warning in warnings_due(clocks(log, CONTRACTS.calendar), at)]


def keys(log, at):
    return {warning.key for warning in warnings_due(clocks(log, CONTRACTS.calendar), at)}


def following(log, at):
    return next_warning_at(clocks(log, CONTRACTS.calendar), at)


@pytest.mark.parametrize(
    ("at", "warnings"),
    [
        (tuesday(11, 29), []),
        (tuesday(11, 30), [("diagnosis", NEAR)]),
        (tuesday(12), [("diagnosis", NEAR)]),
        (tuesday(12) + SECOND, [("diagnosis", BREACHED)]),
        (tuesday(16), [("diagnosis", BREACHED), ("solution", NEAR)]),
        (tuesday(8, day=4), [("diagnosis", BREACHED), ("solution", BREACHED)]),
    ],
)
def test_a_warning_comes_with_three_quarters_used_and_another_with_all(at, warnings):
    assert said(OPENED, at) == warnings


def test_a_warning_says_which_clock_severity_and_until_when():
    (warning,) = warnings_due(clocks(OPENED, CONTRACTS.calendar), tuesday(11, 45))
    assert (warning.clock, warning.severity, warning.due) == (Clock.DIAGNOSIS, 3, tuesday(12))
    assert warning.key == "diagnosis:near:1"


def test_of_what_is_met_nobody_is_warned_be_it_late():
    log = OPENED + met(OPENED, Clock.DIAGNOSIS, tuesday(14))
    assert said(log, tuesday(15)) == []


def test_a_paused_clock_comes_no_nearer_but_its_breach_is_told():
    log = OPENED + paused(OPENED, tuesday(11))
    assert said(log, tuesday(17)) == [] and following(log, tuesday(17)) is None
    late = OPENED + paused(OPENED, tuesday(13))
    assert said(late, tuesday(17)) == [("diagnosis", BREACHED)]


def test_a_key_stays_the_same_over_a_pause_and_a_reopening():
    log = OPENED + met(OPENED, Clock.DIAGNOSIS, tuesday(11))
    first = keys(log, tuesday(17))
    log += met(log, Clock.SOLUTION, tuesday(17))
    log += reopened(log, tuesday(9, day=4))
    log += paused(log, tuesday(9, day=4))
    log += resumed(log, tuesday(10, day=4))
    assert keys(log, tuesday(10, 30, day=4)) == first == {"solution:near:1"}


def test_another_target_has_other_keys_also_an_earlier_one_again():
    log = OPENED
    for severity, target in ((2, 4), (3, 8)):
        log += retargeted(log, severity, terms(2, target), tuesday(10, severity))
    assert keys(log, tuesday(16, 30)) == {"diagnosis:breached:1", "solution:near:3"}


def test_another_severity_with_the_same_target_warns_of_nothing_anew():
    log = OPENED + retargeted(OPENED, 2, terms(), tuesday(11, 40))
    assert keys(log, tuesday(11, 45)) == keys(OPENED, tuesday(11, 45))


def test_a_target_that_is_nearly_used_up_when_it_is_set_warns_at_once():
    log = OPENED + retargeted(OPENED, 2, terms(8, 4), tuesday(13, 30))
    assert said(log, tuesday(13, 30)) == [("solution", NEAR)]


def test_who_looks_at_the_very_instant_is_sent_on_or_back():
    assert following(OPENED, tuesday(11, 30)) == following(OPENED, tuesday(12)) == tuesday(12)


def test_the_next_look_finds_the_next_warning():
    at, found = tuesday(10), []
    while (at := following(OPENED, at)) is not None:
        at += SECOND
        found.append(at - SECOND)
        assert said(OPENED, at) != said(OPENED, tuesday(10))
    assert found == [tuesday(11, 30), tuesday(12), tuesday(16), tuesday(18)]

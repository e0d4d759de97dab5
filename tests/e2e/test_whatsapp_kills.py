"""People write while gateway, Rasa, action server, deliverer and Redis are killed at random: nothing is lost, doubled or out of order.

benchmarks/whatsapp does the same with two hundred people and two thousand messages.
"""

from __future__ import annotations

from tests.whatsapp_crowd import PARTS, Crowd, settled, violations
from tests.whatsapp_talk import Line

PEOPLE, MESSAGES, KILLS, SEED = 20, 200, 6, 3


def test_every_message_is_answered_once_and_in_order_whatever_is_killed(line: Line) -> None:
    crowd = Crowd(line, PEOPLE, MESSAGES, SEED)
    members = crowd.run(kill_every=5, kills=KILLS, at_once=PEOPLE)
    assert set(crowd.kills) == set(PARTS), crowd.kills
    line.stack.wait_ready(120)
    assert settled(line, 120), "something still waits"
    found = violations(line, members)
    assert not found, "\n".join(found)
    assert sum(len(member.wamids) for member in members) >= MESSAGES

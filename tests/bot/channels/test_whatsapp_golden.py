"""What leaves for WhatsApp is what was looked at when the file was last renewed."""

import yaml

from tests.bot.channels.whatsapp_golden import PATH, written

RENEW = "if this is meant: python -m tests.bot.channels.whatsapp_golden, and read the difference"


def test_every_message_leaves_as_it_was_last_looked_at():
    kept, now = yaml.safe_load(PATH.read_text("utf-8")), yaml.safe_load(written())
    changed = {name for name in kept.keys() | now.keys() if kept.get(name) != now.get(name)}
    assert not changed, f"{sorted(changed)}: {RENEW}"

"""What each error of the Graph API means for the message that met it.

Codes: https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

from enum import StrEnum


class Fate(StrEnum):
    """LATER: the same message may pass later. OTHER_WAY: this person is not reached so. NEVER: refused for good."""

    LATER = "later"
    OTHER_WAY = "other_way"
    NEVER = "never"


_OTHER_WAY = {
    131047,  # more than 24 hours since the person wrote
    131026,  # not on WhatsApp, or an app too old
    131030,  # not on the list of numbers of a test account
    131049,  # held back to protect the person
    131050,  # the person wants no such messages
    131062,  # an id where only a number will do
    130472,  # part of an experiment of the network
}
_NEVER = {
    33, 100, 131008, 131009, 131021, 131051, 131052, 131053, 137000,
    132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068, 132069,
}  # fmt: skip


def fate_of(code: int) -> Fate:
    """Rate limits (4, 80007, 130429, 131048, 131056), outages (1, 2, 131000, 131016, 5xx) and a token or an account
    that somebody has to mend (0, 3, 10, 190, 200–299, 368, 131031, 131042) are worth another try, and so is what nobody
    knows: the tries are counted.
    """
    if code in _OTHER_WAY:
        return Fate.OTHER_WAY
    return Fate.NEVER if code in _NEVER else Fate.LATER

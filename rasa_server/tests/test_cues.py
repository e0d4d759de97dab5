"""The lists of cue words are read as they are written."""

import yaml

from rasa_server.five_whys import CUES


def test_every_cue_is_a_word() -> None:
    """YAML takes a bare `no`, the commonest preposition of a place, for false."""
    cues = yaml.safe_load(CUES.read_text("utf-8"))
    assert [word for words in cues.values() for word in words if not isinstance(word, str)] == []
    assert "no" in cues["place_preposition"]

"""docs/states.md is the dialogue as it is."""

import re

import pytest
import yaml

from bot.settings import ROOT
from scripts.states import CONDITIONS, INTENTS, OUTCOMES, PAGE, Dialogue, page

DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
QUESTIONS = DOMAIN["forms"]["ticket_form"]["required_slots"]


def questions_of_the_intake():
    """Names of questions in the order in which actions/intake.py writes them down."""
    source = (ROOT / "actions" / "intake.py").read_text("utf-8")
    lines = [line for line in source.splitlines() if re.search(r"questions(?: = | \+= |\.append|, )", line)]
    named = [name for line in lines for name in re.findall(r'"(\w+)"', line)]
    return list(dict.fromkeys(named))


def test_the_page_is_up_to_date():
    assert PAGE.read_text("utf-8") == page(Dialogue.load()), "run: python -m scripts.states"


@pytest.mark.parametrize("field", [field for form in DOMAIN["forms"].values() for field in form["required_slots"]])
def test_the_graph_shows_every_question_by_the_name_that_asking_gives_it(field):
    assert f"<i>{field}</i>" in page(Dialogue.load())


def test_the_order_of_the_domain_is_that_in_which_the_intake_asks():
    asked = questions_of_the_intake()
    assert len(asked) >= 8
    assert asked == [field for field in QUESTIONS if field in asked]


def test_every_outcome_of_the_domain_is_drawn():
    assert set(Dialogue.load().outcomes()) == set(DOMAIN["slots"]["outcome"]["values"]) == set(OUTCOMES)


def test_nothing_has_words_that_the_domain_no_longer_has():
    intents = {name for entry in DOMAIN["intents"] for name in entry}
    assert set(INTENTS) - intents == set() and set(CONDITIONS) - set(QUESTIONS) == set()


def test_a_changed_question_changes_the_page():
    changed = yaml.safe_load(yaml.safe_dump(DOMAIN))
    changed["responses"]["utter_ask_contact"][0]["text"] = "Onde encontramos você?"
    rules = yaml.safe_load((ROOT / "nlu_data" / "rules.yml").read_text("utf-8"))["rules"]
    assert "Onde encontramos você?" in page(Dialogue(changed, rules))


def test_a_rule_for_an_intent_without_words_is_refused():
    rule = {"condition": [{"active_loop": None}], "steps": [{"intent": "sing"}, {"action": "utter_greet"}]}
    with pytest.raises(KeyError, match="sing"):
        page(Dialogue(DOMAIN, [*yaml.safe_load((ROOT / "nlu_data" / "rules.yml").read_text("utf-8"))["rules"], rule]))

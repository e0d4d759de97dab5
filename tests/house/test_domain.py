"""domain.yml, the rules and the actions speak of the same things."""

import re

import pytest
import yaml

from actions.server import all_actions, build_services
from bot.assembly import Assembly
from bot.settings import ROOT, Settings
from bot.sla.assessment import Assessor
from tests.bot.sla.bakery import MATRIX, trained
from tests.house.code import files, strings

RULES = "\n".join(path.read_text() for path in sorted((ROOT / "nlu_data").glob("*.yml")))


@pytest.fixture(scope="module")
def domain():
    return yaml.safe_load((ROOT / "domain.yml").read_text())


@pytest.fixture(scope="module")
def registered(tmp_path_factory):
    """Names of the actions that the action server registers."""
    assembly = Assembly(Settings(home=tmp_path_factory.mktemp("home")))
    assembly.assessor = Assessor(trained(), MATRIX, assembly.data.contracts)
    assembly.articles = object()
    return [action.name() for action in all_actions(build_services(assembly))]


@pytest.fixture(scope="module")
def said_by_actions():
    """Responses that the actions name."""
    texts = (text for path in files() if path.parts[0] == "actions" for text in strings(path))
    return {name for text in texts for name in re.findall(r"\butter_\w+", text)}


@pytest.fixture(scope="module")
def said_by_rules():
    return set(re.findall(r"action: (utter_\w+)", RULES))


def asked_by_forms(domain):
    """Responses that Rasa itself takes to ask for a slot, where no action of ours asks."""
    own = {action.removeprefix("action_ask_") for action in domain["actions"]}
    asked = {
        (form, slot) for form, rules in domain["forms"].items() for slot in rules["required_slots"] if slot not in own
    }
    return {f"utter_ask_{slot}" for _, slot in asked} | {f"utter_ask_{form}_{slot}" for form, slot in asked}


def test_every_action_of_the_domain_is_registered_and_no_other(domain, registered):
    assert sorted(registered) == sorted(domain["actions"])


def test_no_action_is_registered_twice(registered):
    assert len(set(registered)) == len(registered)


def test_every_action_that_a_rule_names_is_in_the_domain(domain):
    named = set(re.findall(r"action: (\w+)", RULES)) - {"action_listen"}
    known = {*domain["actions"], *domain["responses"], *domain["forms"]}
    assert named - known == set()


def test_every_intent_that_a_rule_names_is_in_the_domain(domain):
    intents = {name for entry in domain["intents"] for name in entry}
    assert set(re.findall(r"intent: (\w+)", RULES)) - intents - {"nlu_fallback"} == set()


def test_every_response_that_the_actions_and_rules_name_is_in_the_domain(domain, said_by_actions, said_by_rules):
    assert (said_by_actions | said_by_rules) - set(domain["responses"]) == set()


def test_every_response_of_the_domain_is_said_by_somebody(domain, said_by_actions, said_by_rules):
    assert set(domain["responses"]) - said_by_actions - said_by_rules - asked_by_forms(domain) == set()


def test_every_slot_that_a_form_asks_for_has_a_question(domain, registered):
    slots = {slot for form in domain["forms"].values() for slot in form["required_slots"]}
    questions = {*domain["responses"], *registered}
    assert {slot for slot in slots if not {f"utter_ask_{slot}", f"action_ask_{slot}"} & questions} == set()


def test_every_slot_that_a_form_asks_for_is_a_slot(domain):
    slots = {slot for form in domain["forms"].values() for slot in form["required_slots"]}
    assert slots - set(domain["slots"]) == set()


def test_every_button_carries_an_intent_of_the_domain(domain):
    intents = {name for entry in domain["intents"] for name in entry}
    variants = [variant for response in domain["responses"].values() for variant in response]
    payloads = {button["payload"] for variant in variants for button in variant.get("buttons", ())}
    assert {re.match(r"/(\w+)", payload).group(1) for payload in payloads} - intents == set()

"""Each adapter answers as Rasa's own code does, and stops the start when that code is not there."""

import jsonschema
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.utils import validation
from rasa.shared.utils.common import all_subclasses

from rasa_server import adapters
from rasa_server.adapters import action_client, schema_checks
from rasa_server.adapters.tensorflow_absent import NEEDS_TENSORFLOW
from rasa_server.tests.services import ASSISTANT, launch

REPLIES = [
    {},
    {"events": []},
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "a", "value": 1}], "responses": [{"text": "a"}]},
    {"events": [{"event": "slot", "timestamp": None, "name": "a", "value": {"b": [1]}}]},
    {"events": [{"event": "slot"}]},
    {"events": [{"event": "unheard of"}]},
    {"events": [{"name": "a"}]},
    {"events": {}},
    {"responses": ["a"]},
    {"events": [{"event": "reset_slots"}, {"event": "active_loop", "name": None}, {"event": "followup", "name": "x"}]},
    [],
    None,
    "text",
]


def verdict(check) -> tuple[bool, str]:
    try:
        check()
        return True, ""
    except jsonschema.ValidationError as error:
        return False, error.message


@pytest.mark.parametrize("reply", REPLIES)
def test_a_reply_of_the_action_server_is_judged_as_by_rasa(reply: object) -> None:
    schema = RemoteAction.action_response_format_spec()
    ours = verdict(lambda: action_client.validate(None, reply))
    assert ours == verdict(lambda: jsonschema.validate(reply, schema))


def test_every_event_type_is_found_by_its_name() -> None:
    for event_type in all_subclasses(Event):
        first_of_its_name = next(other for other in all_subclasses(Event) if other.type_name == event_type.type_name)
        assert Event.resolve_by_type(event_type.type_name) is first_of_its_name


def test_an_unknown_event_type_is_refused_or_replaced_as_by_rasa() -> None:
    with pytest.raises(ValueError, match="Unknown event name 'nothing'"):
        Event.resolve_by_type("nothing")
    assert Event.resolve_by_type("nothing", default=Event) is Event
    assert Event.resolve_by_type("topic") is None


def test_messages_are_equal_and_hash_as_by_what_they_hold() -> None:
    def message(**more: object) -> Message:
        return Message({TEXT: "oi", INTENT: "greet", **more})

    assert message() == message()
    assert len({message(), message(), message(lang="pt"), Message({TEXT: "oi", INTENT: "thanks"})}) == 3
    assert message() != message(lang="pt")
    assert message() != "oi"


def test_a_text_is_checked_against_its_schema_once_and_a_wrong_one_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []
    monkeypatch.setattr(validation, "validate_yaml_schema", lambda *check: checked.append(check[0]) or _refuse(*check))
    schema_checks.install()
    for _ in range(2):
        validation.validate_yaml_schema("good", "schema.yml")
        with pytest.raises(ValueError, match="bad"):
            validation.validate_yaml_schema("bad", "schema.yml")
    assert checked == ["good", "bad", "bad"]


def _refuse(text: str, *_: str) -> None:
    if text == "bad":
        raise ValueError(text)


@pytest.mark.parametrize("component", sorted(NEEDS_TENSORFLOW))
def test_a_component_of_tensorflow_is_refused_in_one_sentence(component: str) -> None:
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.shared.exceptions import InvalidConfigException

    with pytest.raises(InvalidConfigException, match=f"{component}, which needs TensorFlow"):
        DefaultV1Recipe._from_registry(component)


def test_another_rasa_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rasa.version.__version__", "3.7.0")
    with pytest.raises(adapters.UnexpectedRasa, match=r"Rasa 3\.7\.0 is installed"):
        adapters.install()


def test_a_missing_attribute_is_refused() -> None:
    with pytest.raises(adapters.UnexpectedRasa, match=r"Event\.no_such_thing does not exist"):
        adapters.replace(Event, "no_such_thing", None)


# The command line


def test_a_pipeline_with_tensorflow_does_not_train_and_says_why(tmp_path) -> None:
    config = tmp_path / "config.yml"
    stock = (ASSISTANT / "config.yml").read_text()
    config.write_text(stock.replace("rasa_server.goal_classifier.GoalClassifier", "DIETClassifier"))
    files = ["--config", config, "--domain", ASSISTANT / "domain.yml", "--data", ASSISTANT / "data"]
    refused = launch("train", *files, "--out", tmp_path, RASA_CACHE_DIRECTORY=str(tmp_path / "cache"))
    assert refused.returncode == 1
    assert "DIETClassifier, which needs TensorFlow" in refused.stdout + refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr


@pytest.mark.parametrize(
    "name, content, complaint",
    [
        ("config.yml", "recipe: [", "Failed to read YAML"),
        ("domain.yml", "intents: {", "domain.yml"),
        ("domain.yml", "intents: [greet, greet]", "greet"),
    ],
)
def test_a_wrong_yaml_file_is_named_without_a_traceback(tmp_path, name: str, content: str, complaint: str) -> None:
    files = {"config.yml": ASSISTANT / "config.yml", "domain.yml": ASSISTANT / "domain.yml"}
    files[name] = tmp_path / name
    files[name].write_text(content)
    refused = launch(
        "train", "--config", files["config.yml"], "--domain", files["domain.yml"], "--data", ASSISTANT / "data",
        "--out", tmp_path, RASA_CACHE_DIRECTORY=str(tmp_path / "cache"),
    )  # fmt: skip
    assert refused.returncode == 1
    assert complaint in refused.stdout + refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr


def test_serving_without_a_model_is_refused_with_a_sentence(tmp_path) -> None:
    files = ["--endpoints", ASSISTANT / "endpoints.yml", "--credentials", ASSISTANT / "credentials.yml"]
    assert "does not exist" in launch("serve", "--model", tmp_path / "none", *files).stderr
    assert "holds no model" in launch("serve", "--model", tmp_path, *files).stderr

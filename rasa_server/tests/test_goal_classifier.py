"""The classifier of goals: what it predicts, and that a stored model predicts the same."""

from pathlib import Path

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from rasa_server.goal_classifier import GoalClassifier

EXAMPLES = {
    "greet": ["oi", "olá", "bom dia", "boa tarde", "oi, bom dia", "oi, boa tarde"],
    "open_ticket": ["quero abrir um chamado", "abrir chamado", "preciso registrar um problema", "quero registrar"],
    "affirm": ["sim", "confirmo", "pode enviar", "sim, pode"],
}
TEXTS = ["oi, bom dia", "quero registrar um chamado", "sim, pode", "palavras nunca vistas", "xyz"]


def classifier(folder: Path) -> GoalClassifier:
    return GoalClassifier.create(GoalClassifier.get_default_config(), LocalModelStorage(folder), Resource("goals"), None)


def examples_of(goals: list[str]) -> list[Message]:
    return [Message({TEXT: text, INTENT: goal}) for goal in goals for text in EXAMPLES[goal]]


def fitted(folder: Path, goals: list[str]) -> GoalClassifier:
    trained = classifier(folder)
    trained.train(TrainingData(examples_of(goals)))
    return trained


def messages() -> list[Message]:
    return [Message({TEXT: text}) for text in TEXTS]


# Two goals are a case of their own: scikit-learn keeps one row of coefficients for them.
@pytest.mark.parametrize("goals", [["greet", "open_ticket"], list(EXAMPLES)])
def test_it_predicts_the_same_once_persisted_and_loaded(tmp_path: Path, goals: list[str]) -> None:
    trained = fitted(tmp_path, goals)
    loaded = GoalClassifier.load(trained._config, trained._storage, trained._resource, None)
    assert list(loaded.goals) == list(trained.goals)
    for text in TEXTS:
        assert loaded.chances(text) == pytest.approx(trained.chances(text), abs=1e-6)


@pytest.mark.parametrize("goals", [["greet", "open_ticket"], list(EXAMPLES)])
def test_a_message_like_an_example_has_its_goal_and_the_confidences_make_one(tmp_path: Path, goals: list[str]) -> None:
    read = fitted(tmp_path, goals).process(messages())
    assert [message.get(INTENT)["name"] for message in read[:2]] == ["greet", "open_ticket"]
    for message in read:
        ranking = message.get(INTENT_RANKING_KEY)
        assert sorted(goal["name"] for goal in ranking) == sorted(goals)
        assert np.isclose(sum(goal["confidence"] for goal in ranking), 1)
        assert message.get(INTENT) == ranking[0] == max(ranking, key=lambda goal: goal["confidence"])


def test_a_message_of_unknown_words_has_no_sure_goal(tmp_path: Path) -> None:
    unknown = fitted(tmp_path, list(EXAMPLES)).process(messages())[-1]
    assert 0 < unknown.get(INTENT)["confidence"] < 0.6


def test_a_short_form_is_read_as_the_word_it_stands_for(tmp_path: Path) -> None:
    trained = fitted(tmp_path, list(EXAMPLES))
    assert np.array_equal(trained.chances("qro abrir um chamado"), trained.chances("Quero abrir um chamado"))


def test_which_number_a_message_holds_does_not_change_its_goal(tmp_path: Path) -> None:
    trained = fitted(tmp_path, list(EXAMPLES))
    assert np.array_equal(trained.chances("chamado PC-1042"), trained.chances("chamado PC-77301"))


def test_fewer_than_two_goals_are_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfigException, match="two goals at least"):
        fitted(tmp_path, ["greet"])


def test_a_model_without_it_is_not_loaded(tmp_path: Path) -> None:
    untrained = classifier(tmp_path)
    with pytest.raises(ValueError, match="goals"):
        GoalClassifier.load(untrained._config, untrained._storage, untrained._resource, None)


@pytest.mark.parametrize("goals", [["greet", "open_ticket"], list(EXAMPLES)])
def test_chances_are_those_of_a_logistic_regression_on_tf_idf(tmp_path: Path, goals: list[str]) -> None:
    said = [(text, goal) for goal in goals for text in EXAMPLES[goal]]
    texts, wanted = [text for text, _ in said], [goal for _, goal in said]
    words = TfidfVectorizer(
        ngram_range=(1, 2), sublinear_tf=True, min_df=2, strip_accents="unicode", token_pattern=r"\b\w+\b"
    )
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=2, strip_accents="unicode")
    ours = classifier(tmp_path)
    ours.fit(texts, wanted)

    def features(of: list[str], read: str = "transform") -> np.ndarray:
        return np.hstack([getattr(part, read)(of).toarray() for part in (words, letters)])

    theirs = LogisticRegression(C=60.0, tol=0.1, max_iter=500, class_weight="balanced")
    theirs.fit(features(texts, "fit_transform"), wanted)
    assert list(ours.goals) == list(theirs.classes_)
    chances = np.array([ours.chances(text) for text in TEXTS])
    assert np.allclose(chances, theirs.predict_proba(features(TEXTS)), atol=1e-3)

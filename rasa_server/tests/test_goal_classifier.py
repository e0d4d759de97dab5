"""The classifier of goals, over counts of words: what it predicts, and that a stored model predicts the same."""

from pathlib import Path

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from rasa_server.goal_classifier import GoalClassifier, Row

EXAMPLES = {
    "greet": ["oi", "olá", "bom dia", "boa tarde"],
    "open_ticket": ["quero abrir um chamado", "abrir chamado", "preciso registrar um problema"],
    "affirm": ["sim", "confirmo", "pode enviar"],
}
TEXTS = ["oi, bom dia", "quero registrar um chamado", "sim, pode", "palavras nunca vistas", "xyz"]


class Pipeline:
    """Counts of words, as `GoalClassifier` is given them."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = WhitespaceTokenizer(WhitespaceTokenizer.get_default_config())
        config = CountVectorsFeaturizer.get_default_config()
        self._counts = CountVectorsFeaturizer(config, LocalModelStorage(folder), Resource("counts"), _Context())

    def fit(self, examples: list[Message]) -> TrainingData:
        data = self._tokenizer.process_training_data(TrainingData(examples))
        self._counts.train(data)
        return self._counts.process_training_data(data)

    def messages(self) -> list[Message]:
        return self._counts.process(self._tokenizer.process([Message({TEXT: text}) for text in TEXTS]))


class _Context:
    is_finetuning = False
    node_name = "counts"


def classifier(folder: Path) -> GoalClassifier:
    return GoalClassifier.create(GoalClassifier.get_default_config(), LocalModelStorage(folder), Resource("goals"), None)


def examples_of(goals: list[str]) -> list[Message]:
    return [Message({TEXT: text, INTENT: goal}) for goal in goals for text in EXAMPLES[goal]]


def fitted(tmp_path: Path, goals: list[str]) -> tuple[Pipeline, GoalClassifier]:
    for name in ("counts", "goals"):
        (tmp_path / name).mkdir()
    pipeline, goal_classifier = Pipeline(tmp_path / "counts"), classifier(tmp_path / "goals")
    goal_classifier.train(pipeline.fit(examples_of(goals)))
    return pipeline, goal_classifier


# Two goals are a case of their own: scikit-learn keeps one row of coefficients for them.
@pytest.mark.parametrize("goals", [["greet", "open_ticket"], list(EXAMPLES)])
def test_it_predicts_the_same_once_persisted_and_loaded(tmp_path: Path, goals: list[str]) -> None:
    pipeline, trained = fitted(tmp_path, goals)
    loaded = GoalClassifier.load(trained._config, trained._storage, trained._resource, None)
    before, after = pipeline.messages(), pipeline.messages()
    trained.process(before)
    loaded.process(after)
    assert [m.get(INTENT_RANKING_KEY) for m in after] == [m.get(INTENT_RANKING_KEY) for m in before]


@pytest.mark.parametrize("goals", [["greet", "open_ticket"], list(EXAMPLES)])
def test_a_message_like_an_example_has_its_goal_and_the_confidences_make_one(tmp_path: Path, goals: list[str]) -> None:
    pipeline, trained = fitted(tmp_path, goals)
    messages = trained.process(pipeline.messages())
    assert [message.get(INTENT)["name"] for message in messages[:2]] == ["greet", "open_ticket"]
    for message in messages:
        ranking = message.get(INTENT_RANKING_KEY)
        assert sorted(goal["name"] for goal in ranking) == sorted(goals)
        assert np.isclose(sum(goal["confidence"] for goal in ranking), 1)
        assert message.get(INTENT) == ranking[0] == max(ranking, key=lambda goal: goal["confidence"])


def test_a_message_of_unknown_words_has_no_sure_goal(tmp_path: Path) -> None:
    pipeline, trained = fitted(tmp_path, list(EXAMPLES))
    unknown = trained.process(pipeline.messages())[-1]
    assert 0 < unknown.get(INTENT)["confidence"] < 0.6


def test_fewer_than_two_goals_are_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfigException, match="two goals at least"):
        fitted(tmp_path, ["greet"])


def test_a_model_without_it_is_not_loaded(tmp_path: Path) -> None:
    untrained = classifier(tmp_path)
    with pytest.raises(ValueError, match="goals"):
        GoalClassifier.load(untrained._config, untrained._storage, untrained._resource, None)


@pytest.mark.parametrize("goals", [["greet", "open_ticket"], list(EXAMPLES)])
def test_chances_are_those_of_a_logistic_regression_on_tf_idf(goals: list[str]) -> None:
    said = [(text, goal) for goal in goals for text in EXAMPLES[goal]]
    texts, wanted = [text for text, _ in said], [goal for _, goal in said]
    counts, tf_idf = CountVectorizer().fit(texts), TfidfVectorizer(sublinear_tf=True).fit(texts)

    def rows(of: list[str]) -> list[Row]:
        return [Row([(row.indices, row.data)], row.shape[1]) for row in counts.transform(of)]

    ours = GoalClassifier(GoalClassifier.get_default_config(), None, None)
    ours.fit(rows(texts), wanted)
    theirs = LogisticRegression(C=60.0, tol=1e-3, max_iter=500, class_weight="balanced")
    theirs.fit(tf_idf.transform(texts), wanted)
    assert list(ours.goals) == list(theirs.classes_)
    chances = np.array([ours.chances(row) for row in rows(TEXTS)])
    assert np.allclose(chances, theirs.predict_proba(tf_idf.transform(TEXTS)), atol=1e-4)

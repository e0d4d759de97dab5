"""The customer's goal from the words of a message: a multinomial logistic regression on TF-IDF of words and letters.

It reads the text itself. Rasa's own featurizers in front of it counted the same, but every message then carried its
counts through the training, where Rasa fingerprints all that a message carries, at each step anew.

Sentences annotated with the five whys count as much as any other: their pieces ("na tela inicial", "todo início de mês")
are what people answer in the middle of a form.

Rasa's own classifier persists through skops, whose import takes 1.5 of 4 s of a start, and loads untrained without a
word when its file cannot be read. Here the model is a few numpy arrays.
"""

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from rasa_server.spelling import Spelling

MODEL = "goals.npz"


class Words:
    """The words, word pairs and letter groups of texts, damped, weighted by rarity, each of the two parts of length one."""

    def __init__(self) -> None:
        self._spelling = Spelling.read()
        shared = {"sublinear_tf": True, "min_df": 2, "dtype": np.float32}
        self._parts = [
            TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", **shared),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), **shared),
        ]

    def fit(self, texts: list[str]) -> csr_matrix:
        """Learns which there are and how rare each is. (texts, features)"""
        written_out = [self._spelling.written_out(text) for text in texts]
        return hstack([part.fit_transform(written_out) for part in self._parts], format="csr")

    def of(self, text: str) -> csr_matrix:
        """(1, features)"""
        written_out = [self._spelling.written_out(text)]
        return hstack([part.transform(written_out) for part in self._parts], format="csr")

    def stored(self) -> dict[str, np.ndarray]:
        """What `restore` takes: of each part the features in the order of their columns, and their rarities."""
        arrays = {}
        for at, part in enumerate(self._parts):
            arrays[f"features{at}"], arrays[f"rarity{at}"] = part.get_feature_names_out().astype(str), part.idf_
        return arrays

    def restore(self, stored: dict[str, np.ndarray]) -> None:
        """Raises KeyError for arrays that are not those of `stored`."""
        for at, part in enumerate(self._parts):
            part.vocabulary = {feature: column for column, feature in enumerate(stored[f"features{at}"].tolist())}
            part.idf_ = stored[f"rarity{at}"]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class GoalClassifier(GraphComponent, IntentClassifier):
    """Configuration: `C`, the inverse of the regularisation; `ranking_length`, how many goals are given."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._words = Words()
        self.goals = np.array([], dtype=str)  # (goals,)
        self.weights = np.empty((0, 0))  # (features + 1, goals), the last row the intercepts

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """As cross-validated."""
        return {"C": 60.0, "ranking_length": 8}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "GoalClassifier":
        """An untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "GoalClassifier":
        """The trained classifier. Raises when the model does not hold it."""
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder, np.load(folder / MODEL) as stored:
            classifier.goals, classifier.weights = stored["goals"], stored["weights"]
            classifier._words.restore(stored)
        return classifier

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the examples that carry an intent. Raises `InvalidConfigException` with fewer than two goals."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        examples.sort(key=lambda example: example.get(TEXT))  # the same model, whatever order the files were read in
        self.fit([example.get(TEXT) for example in examples], [example.get(INTENT) for example in examples])
        with self._storage.write_to(self._resource) as folder:
            np.savez_compressed(folder / MODEL, goals=self.goals, weights=self.weights, **self._words.stored())
        return self._resource

    def fit(self, texts: list[str], goals: list[str]) -> None:
        """Learns `goals`, one for each of `texts`."""
        if len(set(goals)) < 2:
            raise InvalidConfigException("The examples must name two goals at least; nlu_data/goals holds fewer.")
        # A tenth of this takes half as long again, and unseen messages are understood no better.
        regression = LogisticRegression(C=self._config["C"], tol=0.1, max_iter=500, class_weight="balanced")
        regression.fit(self._words.fit(texts), goals)
        coefficients, intercepts = regression.coef_, regression.intercept_
        if len(regression.classes_) == 2:  # scikit-learn keeps one row for two classes
            coefficients, intercepts = (
                np.vstack([0 * coefficients, coefficients]),
                np.hstack([0 * intercepts, intercepts]),
            )
        self.goals = np.array(regression.classes_, dtype=str)
        self.weights = np.vstack([coefficients.T, intercepts]).astype(np.float32)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """No component after this one reads the prediction of a training example."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Gives each message its goal and the ranking of the next ones."""
        for message in messages:
            chances = self.chances(message.get(TEXT) or "")
            order = np.argsort(-chances)[: self._config["ranking_length"]]
            ranking = [{"name": str(self.goals[at]), "confidence": float(chances[at])} for at in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def chances(self, text: str) -> np.ndarray:
        """The probability of each goal, (goals,)."""
        scores = (self._words.of(text) @ self.weights[:-1])[0] + self.weights[-1]
        odds = np.exp(scores - scores.max())
        return odds / odds.sum()

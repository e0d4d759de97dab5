"""Finds who, what, where, when and why in a message: a linear-chain CRF over its words.

Trains only on the folder named in its configuration, where every sentence is fully annotated: in the goals' examples a
span that nobody marked would teach that there is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pycrfsuite
import sklearn_crfsuite
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_server.spelling import fold

MODEL = "whys.crfsuite"
CUES = Path(__file__).with_name("cues.yml")
CONFIDENCE = "confidence_entity"
WHYS = ("who", "what", "where", "when", "why")
# A word this likely to be part of a kind that was not found is taken for it.
_LIKELY = 0.4
# An address is one word.
_WORD = re.compile(
    r"https?://\S+\w|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|gov|edu|br|io)(?:\.br)?\b|"
    r"\d+(?:[.,:h]\d+)*h?|\w+|[^\w\s]"
)


@dataclass(frozen=True)
class Word:
    """A word with its place in the text; `plain` is lower-cased, without accents."""

    text: str
    plain: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """Words, numbers and single marks, in order."""
    return [Word(m.group(), fold(m.group()), m.start(), m.end()) for m in _WORD.finditer(text)]


class Features:
    """What the CRF sees of each word: itself, its ends and shape, the cue lists it is on, and its neighbours."""

    def __init__(self, cues: dict[str, list[str]]) -> None:
        self._lists: dict[str, list[str]] = {}
        for name, entries in cues.items():
            for entry in entries:
                self._lists.setdefault(fold(str(entry)), []).append(name)

    def of(self, words: list[Word]) -> list[list[str]]:
        """One list of features a word."""
        own = [self._own(word) for word in _calm(words)]
        return [self._around(own, words, at) for at in range(len(words))]

    def _own(self, word: Word) -> list[str]:
        plain = word.plain
        features = [
            f"w={plain}",
            f"shape={_shape(word.text)}",
            f"suf3={plain[-3:]}",
            f"suf2={plain[-2:]}",
            f"pre4={plain[:4]}",
        ]
        if len(plain) > 5:
            features.append(f"suf4={plain[-4:]}")
        return features + [f"cue={name}" for name in self._lists.get(plain, ())]

    def _around(self, own: list[list[str]], words: list[Word], at: int) -> list[str]:
        features = ["bias", *own[at]]
        for step in (-3, -2, -1, 1, 2, 3):
            there = at + step
            if 0 <= there < len(words):
                kept = own[there] if abs(step) < 3 else [f for f in own[there] if f.startswith(("w=", "cue="))]
                features += [f"{step}:{feature}" for feature in kept]
            elif there in (-1, len(words)):
                features.append(f"{step}:edge")
        features += [f"bi={words[at - 1].plain}|{words[at].plain}"] if at else ["first"]
        if at + 1 < len(words):
            features.append(f"bi+={words[at].plain}|{words[at + 1].plain}")
        features.append(f"place={min(at, 4)}")
        features.append(f"clause={_clause_start(words, at)}")
        return features


def _calm(words: list[Word]) -> list[Word]:
    """Words of a message in capitals as if it were not: there they tell names from nothing."""
    if sum(word.text.isupper() for word in words) <= 0.6 * len(words):
        return words
    return [replace(word, text=word.text.lower()) for word in words]


def _shape(text: str) -> str:
    if "@" in text or "://" in text:
        return "@"
    if text.isdigit():
        return "9" * min(len(text), 4)
    if any(char.isdigit() for char in text):
        return "9x"
    if not text[0].isalnum():
        return text[0]
    return "XX" if text.isupper() and len(text) > 1 else "Xx" if text[0].isupper() else "xx"


def _clause_start(words: list[Word], at: int) -> str:
    """The word that opens the clause: what follows "e", "por isso" or a comma tends to be one span."""
    for there in range(at, max(at - 12, -1), -1):
        if words[there].text in ",.;:!?" or words[there].plain in ("e", "mas", "pois", "porque", "entao"):
            return words[there].plain + (words[there + 1].plain if there + 1 < len(words) else "")
    return words[0].plain


def tags_of(words: list[Word], entities: list[dict[str, Any]]) -> list[str]:
    """B-, I- and O tags, from the spans of an annotated sentence."""
    tags = []
    for word in words:
        within = next((e for e in entities if e["start"] <= word.start and word.end <= e["end"]), None)
        first = within is not None and (word.start == within["start"])
        tags.append("O" if within is None else ("B-" if first else "I-") + within["entity"])
    return tags


@dataclass(frozen=True)
class Found:
    why: str
    start: int
    end: int
    confidence: float


def spans_of(words: list[Word], tags: list[str], chances: list[dict[str, float]]) -> list[Found]:
    """At most one span of each kind, the surest. `chances` are those of each word to be part of a kind.

    A kind that the likeliest tags leave out is taken from the words that are likely enough by themselves: the tags as
    a whole must be right together, so one hard word costs a whole span. By 3 folds of nlu_data/whys: F1 72 against 70.7.
    """
    found: dict[str, Found] = {}
    for why, first, last in _runs(tags):
        _keep_surer(found, words, why, (first, last), chances)
    for why in WHYS:
        if why not in found:
            free = [chance.get(why, 0.0) >= _LIKELY and not _taken(found, word) for word, chance in zip(words, chances)]
            likely: dict[str, Found] = {}
            for first, last in _stretches(free):
                _keep_surer(likely, words, why, (first, last), chances)
            found |= likely
    return sorted(found.values(), key=lambda one: one.start)


def _runs(tags: list[str]) -> Iterator[tuple[str, int, int]]:
    """Each tagged span: its kind, its first word, the one after its last."""
    at = 0
    while at < len(tags):
        if tags[at] == "O":
            at += 1
            continue
        why, first = tags[at][2:], at
        at += 1
        while at < len(tags) and tags[at] == f"I-{why}":
            at += 1
        yield why, first, at


def _stretches(free: list[bool]) -> Iterator[tuple[int, int]]:
    """Where consecutive words are true: the first, the one after the last."""
    for is_free, stretch in groupby(range(len(free)), key=free.__getitem__):
        if is_free:
            places = list(stretch)
            yield places[0], places[-1] + 1


def _taken(found: dict[str, Found], word: Word) -> bool:
    return any(one.start <= word.start < one.end for one in found.values())


def _keep_surer(
    found: dict[str, Found], words: list[Word], why: str, span: tuple[int, int], chances: list[dict[str, float]]
) -> None:
    """Keeps the span if no surer one of its kind was found; its confidence is the mean over its words."""
    trimmed = _trimmed(words, *span)
    if trimmed:
        first, last = trimmed
        confidence = sum(chance.get(why, 0.0) for chance in chances[first:last]) / (last - first)
        if why not in found or confidence > found[why].confidence:
            found[why] = Found(why, words[first].start, words[last - 1].end, confidence)


def _trimmed(words: list[Word], first: int, last: int) -> tuple[int, int] | None:
    """Without marks and lone prepositions at its ends, but with the quotes and brackets that open or close inside it."""
    while first < last and words[first].text in ",.;:!?-…)":
        first += 1
    while first < last and words[last - 1].text in ",.;:!?-…(":
        last -= 1
    if first < last and words[last - 1].plain in _LEADS_ON:  # "na loja de" goes on to its name
        last = last + 1 if last < len(words) and words[last].text.isalnum() else last - 1
    if first >= last:
        return None
    while _is_hyphened(words, first - 1):
        first -= 2
    while _is_hyphened(words, last):
        last += 2
    return first, last


def _is_hyphened(words: list[Word], at: int) -> bool:
    """True for a hyphen within a word: a span never ends there."""
    if not (0 < at < len(words) - 1 and words[at].text == "-"):
        return False
    return words[at - 1].end == words[at].start and words[at].end == words[at + 1].start


_LEADS_ON = ("de", "da", "do", "das", "dos", "em", "na", "no", "nas", "nos", "com", "para", "pra")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class FiveWhysExtractor(GraphComponent, EntityExtractorMixin):
    """Configuration: `examples`, the annotated folder; `c1` and `c2`, the CRF's regularisation (cross-validated)."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._features = Features(yaml.safe_load(CUES.read_text("utf-8")))
        self._tagger: Any = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"examples": "nlu_data/whys", "c1": 0.1, "c2": 0.8, "iterations": 100}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "FiveWhysExtractor":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "FiveWhysExtractor":
        """The trained extractor. Raises when the model does not hold it."""
        extractor = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            extractor._tagger = Tagger((folder / MODEL).read_bytes())
        return extractor

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the annotated folder, not the data it is handed. Raises `InvalidConfigException` without any."""
        if not Path(self._config["examples"]).exists():
            raise InvalidConfigException(f"{self._config['examples']} does not exist; the five whys are learnt there.")
        examples = load_data(self._config["examples"]).training_examples
        model = fit(self._features, examples, self._config)
        with self._storage.write_to(self._resource) as folder:
            (folder / MODEL).write_bytes(model)
        self._tagger = Tagger(model)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text:
                message.set(ENTITIES, message.get(ENTITIES, []) + self._entities(text), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def _entities(self, text: str) -> list[dict[str, Any]]:
        words = words_of(text)
        if not words:
            return []
        return [
            {
                ENTITY_ATTRIBUTE_TYPE: span.why,
                ENTITY_ATTRIBUTE_VALUE: text[span.start : span.end],
                ENTITY_ATTRIBUTE_START: span.start,
                ENTITY_ATTRIBUTE_END: span.end,
                CONFIDENCE: round(span.confidence, 3),
                "extractor": type(self).__name__,
            }
            for span in tag(self._tagger, self._features, words)
        ]


def tag(tagger: Any, features: Features, words: list[Word]) -> list[Found]:
    """The spans that a trained tagger finds among the words of one message."""
    tagger.set(features.of(words))
    tags, known = tagger.tag(), set(tagger.labels())
    kinds = {why: [label for label in (f"B-{why}", f"I-{why}") if label in known] for why in WHYS}
    chances = [
        {why: sum(tagger.marginal(label, at) for label in labels) for why, labels in kinds.items()}
        for at in range(len(words))
    ]
    return spans_of(words, tags, chances)


def fit(features: Features, examples: list[Message], config: dict[str, Any]) -> bytes:
    """A trained model as CRFsuite writes it: the same for the same sentences, whatever order their files were read in."""
    sentences, tags = [], []
    for example in sorted(examples, key=lambda example: example.get(TEXT)):
        words = words_of(example.get(TEXT))
        sentences.append(features.of(words))
        tags.append(tags_of(words, example.get(ENTITIES, [])))
    crf = sklearn_crfsuite.CRF(
        algorithm="lbfgs",
        c1=config["c1"],
        c2=config["c2"],
        max_iterations=config["iterations"],
        all_possible_transitions=True,
    )
    crf.fit(sentences, tags)
    return Path(crf.modelfile.name).read_bytes()


class Tagger(pycrfsuite.Tagger):
    """A tagger over a model in memory. CRFsuite reads the bytes where they lie, so they must live as long as it."""

    def __init__(self, model: bytes) -> None:
        self._model = model
        self.open_inmemory(model)

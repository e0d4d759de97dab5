"""Learns, from the articles and from messages that none answers, when to offer an article. Needs scikit-learn.

Messages with an answer are the articles' own ways of asking, each searched in an index that lacks it; those without
are written by hand in `unanswerable.yml`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
import yaml
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from kb_index.answerability import Answerability, fit_features, likeness, wording
from kb_index.errors import ArticleError
from kb_index.matching import Matcher, Searchable, Vectors
from kb_index.terms import stems

# The threshold keeps so many of the messages with an answer. An article's own ways of asking, each searched in an index
# that lacks it, are harder than what people ask: of questions by other hands this keeps 90 to 98% (docs/decisions/0021).
KEPT_AT_LEAST = 0.87
_FOLDS = 5
_STRENGTH = 2.0  # inverse regularisation
_FIT_SCALE = 0.3  # standardised fit features beside vectors of length 1
_COMMON = 0.05  # a word in more of the messages than this is no topic, though a title holds it


@dataclass(frozen=True)
class Example:
    """A message: `kind` is the article's place as text, or the kind of message without an answer."""

    text: str
    vector: np.ndarray
    kind: str
    answered: bool
    fit: np.ndarray


@dataclass(frozen=True)
class Known:
    """Vectors of every title and way of asking, and of every message without an answer, shape (n, d) each."""

    asked: np.ndarray
    others: np.ndarray

    @classmethod
    def of(cls, articles: Sequence[Searchable], vectors: Vectors, unanswerable: Mapping[str, Sequence[str]]) -> Known:
        asked = [vectors[text] for article in articles for text in article.asked]
        others = [vectors[text] for texts in unanswerable.values() for text in texts]
        return cls(np.array(asked, np.float32), np.array(others, np.float32))


@dataclass(frozen=True)
class Calibration:
    """The model, and how it did on messages it had not seen (whole articles at a time)."""

    answerability: Answerability
    kept: float
    refused: float
    refused_by_kind: Mapping[str, float]


def load_unanswerable(file: Path) -> dict[str, list[str]]:
    """Messages by kind. Raises ArticleError."""
    try:
        kinds = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ArticleError(file, None, "o arquivo não existe; copie-o da instalação original") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ArticleError(file, line, f"não é YAML válido ({error.problem}); confira recuo e aspas") from error
    if not isinstance(kinds, dict) or not kinds or not all(_are_texts(texts) for texts in kinds.values()):
        raise ArticleError(file, None, "cada tipo precisa ter uma lista de mensagens, cada uma entre aspas")
    return kinds


def rounds(articles: Sequence[Searchable]) -> Iterator[tuple[list[Searchable], list[tuple[int, str]]]]:
    """Every way of asking (not the titles) once, with its article's place, beside articles that lack it.

    Round j leaves out the j-th of every article, so that one index serves a question of each.
    """
    for turn in range(1, max(len(article.asked) for article in articles)):
        rest = [replace(article, asked=article.asked[:turn] + article.asked[turn + 1 :]) for article in articles]
        yield (
            rest,
            [(place, article.asked[turn]) for place, article in enumerate(articles) if turn < len(article.asked)],
        )


def calibrate(
    articles: Sequence[Searchable],
    matcher: Matcher,
    vectors: Vectors,
    unanswerable: Mapping[str, Sequence[str]],
) -> Calibration:
    """`matcher` is that of all articles; `vectors` holds their texts and every message.

    Articles without any way of asking are asked for by their titles. Every random choice is seeded.
    """
    known = Known.of(articles, vectors, unanswerable)
    asked, others = _answered(articles, vectors), _unanswered(matcher, vectors, unanswerable)
    examples = [*_beside(known, asked), *_beside(known, others)]
    answered = np.array([example.answered for example in examples])
    confidences = _unseen_confidences(articles, examples, known)
    threshold = _threshold(confidences[answered])
    model = replace(_train(articles, examples, known), threshold=threshold)
    refused = confidences < threshold
    kinds = dict.fromkeys(example.kind for example in examples if not example.answered)
    return Calibration(
        answerability=model,
        kept=float(1 - refused[answered].mean()),
        refused=float(refused[~answered].mean()),
        refused_by_kind={kind: _share(refused, examples, kind) for kind in kinds},
    )


def _are_texts(texts: object) -> bool:
    return isinstance(texts, list) and bool(texts) and all(isinstance(text, str) and text.strip() for text in texts)


def _answered(articles: Sequence[Searchable], vectors: Vectors) -> list[Example]:
    examples: list[Example] = []
    for rest, questions in list(rounds(articles)) or [_titles_alone(articles)]:
        matcher = Matcher.build(rest, vectors)
        examples += [_example(matcher, vectors, text, f"article {place}", answered=True) for place, text in questions]
    return examples


def _titles_alone(articles: Sequence[Searchable]) -> tuple[list[Searchable], list[tuple[int, str]]]:
    """A round that asks for every article by its title."""
    questions = [(place, article.asked[0]) for place, article in enumerate(articles)]
    return [replace(article, asked=()) for article in articles], questions


def _unanswered(matcher: Matcher, vectors: Vectors, unanswerable: Mapping[str, Sequence[str]]) -> list[Example]:
    return [
        _example(matcher, vectors, text, kind, answered=False) for kind, texts in unanswerable.items() for text in texts
    ]


def _example(matcher: Matcher, vectors: Vectors, text: str, kind: str, *, answered: bool) -> Example:
    vector = vectors[text]
    return Example(text, vector, kind, answered, fit_features(matcher.evidence(text, vector)))


def _beside(known: Known, examples: Sequence[Example]) -> list[Example]:
    """All answered or none: their fit features go on with the likenesses to the messages known, themselves left out."""
    vectors, answered = np.array([example.vector for example in examples]), examples[0].answered
    asked = likeness(vectors, known.asked, itself=answered)
    others = likeness(vectors, known.others, itself=not answered)
    return [
        replace(example, fit=np.array([*example.fit, *nearness]))
        for example, *nearness in zip(examples, asked, others, strict=True)
    ]


def _unseen_confidences(articles: Sequence[Searchable], examples: Sequence[Example], known: Known) -> np.ndarray:
    """Each message's confidence by a model that saw neither it nor another question of its article."""
    confidences = np.zeros(len(examples))
    for seen, unseen in _splits(examples):
        model = _train(articles, [examples[index] for index in seen], known)
        for index in unseen:
            example = examples[index]
            confidences[index] = model.judge(example.text, example.vector, example.fit)
    return confidences


def _splits(examples: Sequence[Example]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Places of messages to learn from and to judge; too few of a sort to set some aside are both."""
    answered = [example.answered for example in examples]
    groups = [example.kind if example.answered else example.text for example in examples]
    scarcest = min(
        len({group for group, yes in zip(groups, answered, strict=True) if yes is sort}) for sort in (True, False)
    )
    if scarcest < 2:
        everything = np.arange(len(examples))
        return iter([(everything, everything)])
    splitter = StratifiedGroupKFold(min(_FOLDS, scarcest), shuffle=True, random_state=0)
    return splitter.split([example.text for example in examples], answered, groups)


def _train(articles: Sequence[Searchable], examples: Sequence[Example], known: Known) -> Answerability:
    """With threshold 0.5."""
    texts = [example.text for example in examples]
    topics = _topics(articles, texts)
    vectorizer = TfidfVectorizer(analyzer=partial(wording, topics=topics), sublinear_tf=True, min_df=2)
    terms = vectorizer.fit_transform(texts)
    fit = np.array([example.fit for example in examples])
    mean, scale = fit.mean(axis=0), np.maximum(fit.std(axis=0), 1e-9) / _FIT_SCALE
    vectors = np.array([example.vector for example in examples])
    features = sp.csr_matrix(sp.hstack([terms, (fit - mean) / scale, vectors]))
    weights, intercept = _regress(features, [example.answered for example in examples])
    term_weights, fit_weights, vector_weights = np.split(weights, np.cumsum([terms.shape[1], fit.shape[1]]))
    return Answerability(
        topics=topics,
        terms={term: int(place) for term, place in vectorizer.vocabulary_.items()},
        rarity=np.asarray(vectorizer.idf_),
        term_weights=term_weights,
        fit_mean=mean,
        fit_scale=scale,
        fit_weights=fit_weights,
        vector_weights=vector_weights,
        asked=known.asked,
        others=known.others,
        intercept=intercept,
        threshold=0.5,
    )


def _regress(features: Any, answered: list[bool]) -> tuple[np.ndarray, float]:
    regression = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=3000).fit(features, answered)
    return np.asarray(regression.coef_)[0], float(np.asarray(regression.intercept_)[0])


def _topics(articles: Sequence[Searchable], texts: Sequence[str]) -> frozenset[str]:
    """Stems of the titles, without those that people use whatever they speak of."""
    usage = Counter(stem for text in texts for stem in set(stems(text)))
    named = {stem for article in articles for stem in stems(article.asked[0]) if len(stem) > 2}
    return frozenset(stem for stem in named if usage[stem] < _COMMON * len(texts))


def _threshold(confidences: np.ndarray) -> float:
    """The highest that keeps enough."""
    return float(np.quantile(confidences, 1 - KEPT_AT_LEAST, method="lower"))


def _share(refused: np.ndarray, examples: Sequence[Example], kind: str) -> float:
    of_kind = np.array([example.kind == kind for example in examples])
    return float(refused[of_kind].mean())

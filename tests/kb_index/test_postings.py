"""The lexical search computes what its names promise."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from kb_index.postings import Postings, Weighting
from kb_index.terms import letters, stems, words

TEXTS = [
    "Como fechar o caixa no fim do dia",
    "Fechamento do caixa: o fechamento só aparece para quem abriu",
    "Troca da bobina da impressora",
]


@pytest.mark.parametrize(("name", "analyser"), [("stems", stems), ("letters", letters)])
def test_tf_idf_is_that_of_scikit_learn(name: str, analyser: object) -> None:
    vectorizer = TfidfVectorizer(analyzer=analyser, sublinear_tf=True)
    theirs = vectorizer.fit_transform(TEXTS).toarray()
    for query in TEXTS:
        ours = Postings.build(Weighting.TFIDF, name, TEXTS).scores(query)
        np.testing.assert_allclose(ours, theirs @ vectorizer.transform([query]).toarray()[0], atol=1e-5)


def test_bm25_is_the_published_formula_over_its_greatest_value() -> None:
    k1, b = 2.0, 0.75
    bags = [stems(text) for text in TEXTS]
    mean = np.mean([len(bag) for bag in bags])
    idf = np.log(1 + (3 - 2 + 0.5) / (2 + 0.5))  # "caixa" is in two of three
    expected = [
        idf * bag.count("caix") * (k1 + 1) / (bag.count("caix") + k1 * (1 - b + b * len(bag) / mean)) for bag in bags
    ]
    scores = Postings.build(Weighting.BM25, "stems", TEXTS).scores("caixa")
    np.testing.assert_allclose(scores, np.array(expected) / (idf * (k1 + 1)), atol=1e-6)


@pytest.mark.parametrize("weighting", list(Weighting))
def test_scores_lie_between_0_and_1_and_a_word_nobody_knows_lowers_them(weighting: Weighting) -> None:
    postings = Postings.build(weighting, "stems", TEXTS)
    known, with_unknown = postings.scores("fechar caixa"), postings.scores("fechar caixa zebra")
    assert 0 <= known.min() <= known.max() <= 1
    assert 0 < with_unknown[0] < known[0]


@pytest.mark.parametrize("query", ["", "zebra", "?!", "😀"])
@pytest.mark.parametrize("weighting", list(Weighting))
def test_a_question_without_a_known_word_fits_nothing(weighting: Weighting, query: str) -> None:
    assert not Postings.build(weighting, "stems", TEXTS).scores(query).any()


def test_texts_without_a_single_word_can_be_indexed() -> None:
    assert not Postings.build(Weighting.TFIDF, "stems", ["…", "?"]).scores("caixa").any()


def test_accents_inflection_and_hyphens_do_not_separate_words() -> None:
    assert stems("NÃO vejo as Transferências") == stems("nao vejo as transferencia")
    assert words("e-mail, pop-up") == ["email", "popup"]


def test_a_typo_still_meets_the_word_by_its_letters() -> None:
    scores = Postings.build(Weighting.TFIDF, "letters", TEXTS).scores("impresora")
    assert scores.argmax() == 2

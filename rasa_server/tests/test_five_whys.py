"""The extractor of the five whys, trained on a handful of sentences: what it finds, where, and what it never does."""

from pathlib import Path

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_server.five_whys import CONFIDENCE, WHYS, Features, FiveWhysExtractor, fit, spans_of, words_of

SENTENCES = """
version: "3.1"
nlu:
- intent: report_error
  examples: |
    - [O chat não envia mensagens](what) [desde ontem](when).
    - [O chat caiu](what) [na loja do centro](where) [desde cedo](when)!
    - [O relatório não abre](what) [para toda a equipe](who) [desde segunda](when).
    - [O boleto sai errado](what) [no portal](where) e [perdemos vendas](why).
    - [O sistema não abre](what), [a equipe do fiscal](who) parou [desde hoje](when).
    - [A nota não sai](what) [no caixa](where), [a loja está parada](why).
    - [O login falha](what) [para os gerentes](who) [no portal](where).
    - [O painel trava](what) [para a recepção](who) [desde ontem](when), [há fila na porta](why).
- intent: greet
  examples: |
    - oi
    - bom dia
    - Olá, boa tarde!
    - Bom dia, preciso de ajuda.
    - quero abrir um chamado
"""
TEXTS = [
    "O chat não envia mensagens desde ontem.",
    "O relatório não abre no portal, a equipe do fiscal parou desde segunda!",
    "  O CHAT caiu… desde cedo?!  ",
    "oi, o painel trava para a recepção e perdemos vendas",
    "O boleto sai errado desde ontem, desde cedo, desde segunda e desde hoje.",
    "Não é nada disso 🙂 — ção ñ",
    "desde ontem",
]


def extractor(folder: Path, examples: Path) -> FiveWhysExtractor:
    folder.mkdir(exist_ok=True)
    config = FiveWhysExtractor.get_default_config() | {"examples": str(examples)}
    return FiveWhysExtractor.create(config, LocalModelStorage(folder), Resource("whys"), None)


def found(trained: FiveWhysExtractor, text: str | None) -> list[dict]:
    (message,) = trained.process([Message({TEXT: text})])
    return message.get(ENTITIES, [])


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whys")
    (folder / "sentences.yml").write_text(SENTENCES, "utf-8")
    return folder


@pytest.fixture(scope="module")
def trained(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> FiveWhysExtractor:
    whys = extractor(tmp_path_factory.mktemp("model"), examples)
    whys.train(TrainingData())
    return whys


def test_the_model_is_the_same_whatever_the_order_of_the_sentences(examples: Path) -> None:
    sentences = load_data(str(examples)).training_examples
    features, config = Features({}), FiveWhysExtractor.get_default_config()
    assert fit(features, sentences, config) == fit(features, sentences[::-1], config)


def test_a_sentence_like_the_examples_is_taken_apart(trained: FiveWhysExtractor) -> None:
    spans = found(trained, "O relatório não abre desde ontem.")
    assert {span["entity"]: span["value"] for span in spans} == {"what": "O relatório não abre", "when": "desde ontem"}


@pytest.mark.parametrize("text", TEXTS)
def test_a_value_is_the_very_text_between_its_start_and_its_end(trained: FiveWhysExtractor, text: str) -> None:
    for span in found(trained, text):
        assert span["value"] == text[span["start"] : span["end"]] != ""
        assert span["entity"] in WHYS
        assert 0 < span[CONFIDENCE] <= 1


@pytest.mark.parametrize("text", TEXTS)
def test_no_kind_is_found_twice_and_no_spans_overlap(trained: FiveWhysExtractor, text: str) -> None:
    spans = found(trained, text)
    assert len({span["entity"] for span in spans}) == len(spans)
    assert all(one["end"] <= next_one["start"] for one, next_one in zip(spans, spans[1:]))


def test_of_two_spans_of_a_kind_the_surer_is_kept() -> None:
    words = words_of("ontem ou hoje")
    chances = [{"when": 0.6}, {}, {"when": 0.9}]
    (kept,) = spans_of(words, ["B-when", "O", "B-when"], chances)
    assert (kept.start, kept.end, kept.confidence) == (9, 13, 0.9)


def test_a_kind_that_the_tags_leave_out_is_taken_where_its_words_are_likely() -> None:
    words = words_of("parou ontem à noite, sabe")
    chances = [{"what": 0.9}, {"when": 0.5}, {"when": 0.5}, {"when": 0.45}, {"when": 0.1}, {}]
    what, when = spans_of(words, ["B-what", "O", "O", "O", "O", "O"], chances)
    assert (what.why, when.why, when.start, when.end) == ("what", "when", 6, 19)


def test_words_too_unlikely_are_left_out() -> None:
    assert spans_of(words_of("parou ontem"), ["O", "O"], [{}, {"when": 0.2}]) == []


def test_a_word_of_one_kind_is_not_taken_for_another() -> None:
    words = words_of("parou ontem")
    (what,) = spans_of(words, ["B-what", "I-what"], [{"what": 0.5}, {"what": 0.5, "when": 0.45}])
    assert (what.why, what.start, what.end) == ("what", 0, 11)


@pytest.mark.parametrize("text", ["oi", "Bom dia", "bom dia!", "Olá, boa tarde!"])
def test_a_bare_greeting_gives_nothing(trained: FiveWhysExtractor, text: str) -> None:
    assert found(trained, text) == []


@pytest.mark.parametrize("text", ["", None, "   ", "\n"])
def test_a_text_without_words_gives_nothing(trained: FiveWhysExtractor, text: str | None) -> None:
    assert found(trained, text) == []


@pytest.mark.parametrize(
    "text, kept",
    [
        (", desde ontem!", "desde ontem"),
        ("...desde ontem?!", "desde ontem"),
        ("desde ontem (", "desde ontem"),
        ("às 10h30.", "às 10h30"),
        ("o erro (500)", "o erro (500)"),
        ("a tela diz: erro, sempre", "a tela diz: erro, sempre"),
        ('"sem conexão"', '"sem conexão"'),
    ],
)
def test_marks_are_trimmed_at_the_ends_of_a_span_only(text: str, kept: str) -> None:
    words = words_of(text)
    tags = ["B-what", *["I-what"] * (len(words) - 1)]
    (span,) = spans_of(words, tags, [{} for _ in words])
    assert text[span.start : span.end] == kept


def test_a_span_of_marks_alone_is_none() -> None:
    assert spans_of(words_of("?!…"), ["B-what", "I-what", "I-what"], [{}, {}, {}]) == []


def test_entities_found_before_are_kept(trained: FiveWhysExtractor) -> None:
    before = {"entity": "field", "value": "x", "start": 0, "end": 1}
    message = Message({TEXT: "O chat caiu desde cedo.", ENTITIES: [before]})
    trained.process([message])
    assert message.get(ENTITIES)[0] == before
    assert len(message.get(ENTITIES)) > 1


def test_it_learns_from_its_folder_alone(trained: FiveWhysExtractor, examples: Path, tmp_path: Path) -> None:
    greeting = {"entity": "who", "value": "oi", "start": 0, "end": 2}
    misleading = TrainingData([Message({TEXT: "oi", ENTITIES: [greeting]}) for _ in range(50)])
    other = extractor(tmp_path / "model", examples)
    other.train(misleading)
    assert found(other, "oi") == []
    assert [found(other, text) for text in TEXTS] == [found(trained, text) for text in TEXTS]


def test_it_finds_the_same_once_persisted_and_loaded(trained: FiveWhysExtractor) -> None:
    loaded = FiveWhysExtractor.load(trained._config, trained._storage, trained._resource, None)
    predictions = [found(trained, text) for text in TEXTS]
    assert [found(loaded, text) for text in TEXTS] == predictions
    assert any(predictions)


def test_a_model_without_it_is_not_loaded(trained: FiveWhysExtractor, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="whys"):
        FiveWhysExtractor.load(trained._config, LocalModelStorage(tmp_path), Resource("whys"), None)


def test_a_missing_folder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfigException, match="none does not exist; the five whys are learnt there"):
        extractor(tmp_path / "model", tmp_path / "none").train(TrainingData())


@pytest.mark.parametrize("word", ["sac@empresa.com.br", "https://api.empresa.com.br/v2", "fornecedor.com.br", "3.8.0", "14h20"])
def test_an_address_or_a_number_is_one_word(word: str) -> None:
    assert [found.text for found in words_of(f"a caixa {word} parou")] == ["a", "caixa", word, "parou"]


def test_a_span_never_begins_or_ends_within_a_word() -> None:
    text = "214 e-mails sem resposta desde segunda-feira"
    words = words_of(text)  # 214 e - mails sem resposta desde segunda - feira
    tags = ["O", "O", "O", "B-why", "I-why", "I-why", "B-when", "I-when", "O", "O"]
    spans = spans_of(words, tags, [{tag[2:]: 0.9} for tag in tags])
    assert [text[span.start : span.end] for span in spans] == ["e-mails sem resposta", "desde segunda-feira"]


def test_a_span_does_not_end_in_a_preposition() -> None:
    words = words_of("parou na loja de Caruaru")
    tags = ["O", "B-where", "I-where", "I-where", "O"]
    (span,) = spans_of(words, tags, [{"where": 0.9}] * 5)
    assert (span.start, span.end) == (6, len("parou na loja de Caruaru"))

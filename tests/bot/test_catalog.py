"""Finding products and modules in what people write: first in a made-up catalog, then in the company's own."""

import pytest

from bot.catalog import Catalog, load_catalog
from bot.errors import ConfigurationError
from tests.conftest import COMPANY

TYPES = """
types:
  report_error: {title: Erro, description: Algo falha., aliases: [falha, defeito]}
  usability_question: {title: Dúvida de uso, description: Como se usa., aliases: [dúvida]}
"""
PRODUCTS = """
products:
  LOJA:
    title: Loja Virtual
    aliases: [loja, vitrine]
    types: [report_error, usability_question]
    modules:
      CARRINHO: {title: Carrinho, aliases: [carrinho, cesta de compras], hints: [comprar]}
      PAGAMENTO: {title: Pagamento, aliases: [pagamento, pix, pagamento por pix], hints: [cobrança]}
  ENTREGA:
    title: Entregas
    aliases: [entrega, logística, motoboy]
    types: [report_error]
    modules:
      ENTREGA: {title: Entregas, aliases: [rastreio]}
"""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory) -> Catalog:
    folder = tmp_path_factory.mktemp("catalog")
    (folder / "catalog.yml").write_text(TYPES + PRODUCTS)
    return load_catalog(folder)


@pytest.fixture(scope="module")
def own() -> Catalog:
    return load_catalog(COMPANY)


@pytest.fixture
def named(catalog):
    """What a text names: pairs of product and module with the words that name them."""

    def read(text):
        return [(m.product, m.module, text[m.start : m.end]) for m in catalog.mentions(text)]

    return read


def test_a_title_names_its_product(named):
    assert named("a Loja Virtual caiu") == [("LOJA", None, "Loja Virtual")]


def test_a_nickname_names_its_product(named):
    assert named("o motoboy não chega") == [("ENTREGA", None, "motoboy")]


def test_case_and_accents_do_not_matter(named):
    assert named("LOGISTICA parada") == [("ENTREGA", None, "LOGISTICA")]


@pytest.mark.parametrize("typo", ["carrino", "carrrinho", "carirnho", "carrinhu"])
def test_one_slip_in_a_long_name_is_forgiven(named, typo):
    assert named(f"o {typo} esvaziou") == [("LOJA", "CARRINHO", typo)]


@pytest.mark.parametrize("word", ["carro", "carinhoso", "arrinho", "cariño"])
def test_another_word_is_not_taken_for_a_slip(named, word):
    assert named(f"o {word} esvaziou") == []


def test_a_short_name_is_only_found_as_it_is_written(named):
    assert named("o pix caiu") == [("LOJA", "PAGAMENTO", "pix")]
    assert named("o pax caiu") == named("o pixel caiu") == []


def test_a_name_inside_another_word_is_not_a_mention(named):
    assert named("o lojista da alojada") == []


def test_the_longest_name_wins(named):
    assert named("falha no pagamento por pix hoje") == [("LOJA", "PAGAMENTO", "pagamento por pix")]


def test_several_names_are_found_in_their_order(named):
    found = named("o rastreio e depois a cesta de compras")
    assert found == [("ENTREGA", "ENTREGA", "rastreio"), ("LOJA", "CARRINHO", "cesta de compras")]


def test_nothing_named_is_nothing_found(named):
    assert named("bom dia, preciso de ajuda") == named("") == []


@pytest.mark.parametrize(
    "text", ["não é o carrinho", "nao é na loja", "n é a loja", "não o carrinho", "nem no carrinho"]
)
def test_a_name_that_is_denied_is_marked(catalog, text):
    assert [m.negated for m in catalog.mentions(text)] == [True]


@pytest.mark.parametrize(
    "text", ["o carrinho não abre", "não abre o carrinho", "não consigo usar a loja", "sim, a loja"]
)
def test_a_name_in_a_sentence_that_denies_something_else_is_not_denied(catalog, text):
    assert [m.negated for m in catalog.mentions(text)] == [False]


def test_the_first_module_named_brings_its_product(catalog):
    assert catalog.place("o pix falhou") == ("LOJA", "PAGAMENTO")


def test_what_is_denied_is_passed_over(catalog):
    assert catalog.place("não é o carrinho, é o pix") == ("LOJA", "PAGAMENTO")


def test_a_product_without_a_module_leaves_the_module_open(catalog):
    assert catalog.place("a loja caiu") == ("LOJA", None)


def test_a_product_with_one_module_has_that_one(catalog):
    assert catalog.place("a logística parou") == ("ENTREGA", "ENTREGA")
    assert catalog.only_module("ENTREGA") == "ENTREGA"
    assert catalog.only_module("LOJA") is None


def test_a_hint_names_the_module_of_a_product_that_is_named(catalog):
    assert catalog.place("na loja a cobrança veio dobrada") == ("LOJA", "PAGAMENTO")


def test_a_hint_counts_for_less_than_a_module_named(catalog):
    assert catalog.place("na loja, quero comprar e o pix falha") == ("LOJA", "PAGAMENTO")


def test_a_hint_alone_guesses_nothing(catalog):
    assert catalog.place("a cobrança veio dobrada") == (None, None)


def test_a_hint_is_enough_where_the_product_is_known(catalog):
    assert catalog.place("a cobrança veio dobrada", "LOJA") == ("LOJA", "PAGAMENTO")


def test_a_known_product_narrows_the_search_to_its_modules(catalog):
    assert catalog.place("o rastreio do carrinho", "LOJA") == ("LOJA", "CARRINHO")


def test_a_text_that_names_nothing_has_no_place(catalog):
    assert catalog.place("bom dia") == (None, None)


@pytest.mark.parametrize("text", ["é uma falha", "Erro", "DEFEITO!"])
def test_a_kind_of_request_is_named_by_title_or_alias(catalog, text):
    assert catalog.type_named(text) == "report_error"


@pytest.mark.parametrize("text", ["bom dia", "as duvidas", ""])
def test_a_text_without_its_names_names_no_kind(catalog, text):
    assert catalog.type_named(text) is None


def test_a_product_offers_only_its_own_kinds(catalog):
    assert list(catalog.types_of("ENTREGA")) == ["report_error"]
    assert list(catalog.types_of(None)) == ["report_error", "usability_question"]


def test_a_position_points_at_a_product(catalog):
    assert catalog.option_product("a segunda") == "ENTREGA"
    assert catalog.option_product("a terceira") is None


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (TYPES + "products: {}\n", 5, "products"),
        (TYPES + PRODUCTS.replace("title: Loja Virtual", "titulo: Loja"), 8, "titulo|title"),
        (TYPES + PRODUCTS.replace("[report_error, usability_question]", "[reclamar]"), 10, "types"),
        (TYPES + PRODUCTS.replace("[report_error]", "[technical_support]"), None, "ENTREGA.*technical_support"),
        (TYPES + PRODUCTS.replace("hints: [comprar]", "dicas: [comprar]"), 12, "dicas: campo desconhecido"),
        (TYPES.replace("report_error", "reclamar") + PRODUCTS, 3, "reclamar"),
    ],
)
def test_each_mistake_in_the_catalog_is_named(tmp_path, content, line, words):
    (tmp_path / "catalog.yml").write_text(content)
    with pytest.raises(ConfigurationError, match=words) as caught:
        load_catalog(tmp_path)
    assert line is None or caught.value.line == line


def test_every_name_of_the_company_leads_to_what_it_names(own):
    for product, entry in own.products.items():
        assert {m.product for m in own.mentions(entry.title)} == {product}
        for module, inner in entry.modules.items():
            for alias in inner.aliases:
                mentions = own.mentions(alias)
                assert [(m.product, m.module) for m in mentions] == [(product, module)], alias


def test_no_name_of_the_company_stands_for_two_things(own):
    meanings: dict[str, set[tuple[str, str]]] = {}
    for product, entry in own.products.items():
        for module, inner in entry.modules.items():
            for alias in inner.aliases:
                meanings.setdefault(alias.lower(), set()).add((product, module))
    assert {alias: owners for alias, owners in meanings.items() if len(owners) > 1} == {}

"""What a company is called stands in its data; no program knows it."""

import re

import pytest

from bot.catalog import load_catalog
from bot.company import load_company
from bot.settings import ROOT
from tests.conftest import COMPANY
from tests.house.code import files


def key_names() -> set[str]:
    """Keys of products and modules: capitals in the data, so capitals in a program would be they."""
    products = load_catalog(COMPANY).products
    keys = {*products, *(key for product in products.values() for key in product.modules)}
    return {key for key in keys if len(key) >= 4}


def proper_names() -> set[str]:
    """Names that are nobody else's: the company's, the products' own words, and titles of several capitalised words.

    A title of one everyday word ("Chat", "Dashboard") is no name.
    """
    company, products = load_company(COMPANY), load_catalog(COMPANY).products
    names = {word for word in company.name.split() if word.lower() in company.email.partition("@")[2]}
    for key, product in products.items():
        names |= {word for word in product.title.split() if word.upper() == key}
        for title in (product.title, *(module.title for module in product.modules.values())):
            words = title.partition("(")[0].split()
            names |= {" ".join(words)} if len(words) > 1 and all(word[:1].isupper() for word in words) else set()
    return {name for name in names if len(name) >= 4}


def uses(names, flags=0):
    """Where any of `names` stands as a word of its own."""
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", flags)
    for path in files():
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
            if pattern.search(line):
                yield f"{path}:{number}: {line.strip()}"


def test_the_data_name_what_must_not_be_named():
    assert len(proper_names()) >= 3 and len(key_names()) >= 3


def test_no_program_names_the_company_or_a_product():
    assert list(uses(proper_names(), re.IGNORECASE)) == []


def test_no_program_names_a_key_of_the_catalog():
    assert list(uses(key_names())) == []


@pytest.mark.parametrize("line", ["# como no PLUTO", "product = 'PLUTO'", "PLUTO/ MARTE"])
def test_a_name_would_be_found(line, monkeypatch, tmp_path):
    (tmp_path / "x.py").write_text(line)
    monkeypatch.setattr("tests.house.test_names.ROOT", tmp_path)
    monkeypatch.setattr("tests.house.test_names.files", lambda: ["x.py"])
    assert list(uses({"PLUTO"})) == [f"x.py:1: {line}"]
    (tmp_path / "x.py").write_text("plutonio = 1")
    assert list(uses({"PLUTO"}, re.IGNORECASE)) == []

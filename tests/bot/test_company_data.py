"""Every mistake in the company's files names the file, the line and what to do."""

import pytest
from pydantic import BaseModel, ConfigDict, field_validator

from bot.company import load_company
from bot.company_data import read_yaml
from bot.errors import ConfigurationError
from tests.conftest import COMPANY


class Shop(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    doors: list[str] = []
    rooms: dict[str, str] = {}


@pytest.fixture
def written(tmp_path):
    """Writes the file and gives its path."""

    def write(content):
        path = tmp_path / "shop.yml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def refused(written):
    """The error that a content is refused with."""

    def read(content):
        path = written(content)
        with pytest.raises(ConfigurationError) as caught:
            read_yaml(path, Shop)
        assert str(caught.value).startswith(str(path))
        return caught.value

    return read


def test_a_right_file_is_read(written):
    assert read_yaml(written("name: Loja\ndoors: [a, b]\n"), Shop) == Shop(name="Loja", doors=["a", "b"])


def test_a_missing_field_is_named(refused):
    error = refused("doors: [a]\n")
    assert error.line == 1 and "name: falta o campo obrigatório" in error.problem


def test_an_unknown_field_is_named_with_its_line(refused):
    error = refused("name: Loja\ncolour: azul\n")
    assert error.line == 2 and "colour" in error.problem and "confira a grafia" in error.problem


def test_a_value_of_the_wrong_kind_is_named_with_its_line(refused):
    error = refused("name: Loja\n\ndoors: uma porta\n")
    assert error.line == 3 and "doors: o valor precisa ser uma lista" in error.problem


def test_a_wrong_item_deep_in_a_list_is_named_with_its_own_line(refused):
    error = refused("name: Loja\ndoors:\n  - a\n  - 7\n")
    assert error.line == 4 and "doors.1: o valor precisa ser um texto" in error.problem


def test_a_wrong_value_deep_in_a_mapping_is_named_with_its_own_line(refused):
    error = refused("name: Loja\nrooms:\n  hall: a\n  attic: [b]\n")
    assert error.line == 4 and "rooms.attic: o valor precisa ser um texto" in error.problem


def test_a_mapping_that_is_a_list_is_told_so(refused):
    error = refused("name: Loja\nrooms: [a]\n")
    assert error.line == 2 and "precisa ser um conjunto de campos" in error.problem


def test_broken_yaml_is_named_with_the_line_where_it_breaks(refused):
    error = refused('name: "Loja\ndoors: []\n')
    assert error.line is not None and "não é YAML válido" in error.problem and "recuo e aspas" in error.problem


def test_a_tab_for_indentation_is_named_with_its_line(refused):
    error = refused("name: Loja\nrooms:\n\thall: a\n")
    assert error.line == 3 and "não é YAML válido" in error.problem


def test_a_file_that_is_not_there_says_where_to_take_it_from(tmp_path):
    with pytest.raises(ConfigurationError, match=r"none\.yml: o arquivo não existe; copie-o"):
        read_yaml(tmp_path / "none.yml", Shop)


def test_a_file_that_is_not_utf_8_says_how_to_save_it(refused):
    assert "UTF-8" in refused("name: Solução\n".encode("latin-1")).problem


@pytest.mark.parametrize(
    ("field", "line"),
    [("ticket_prefix: pc-1", 2), ("first_ticket_number: zero", 3), ("email: sem arroba", 4), ("name: ''", 1)],
)
def test_each_wrong_value_of_the_company_is_named_with_its_line(tmp_path, field, line):
    key = field.partition(":")[0]
    right = {
        "name": "Loja",
        "ticket_prefix": "LJ",
        "first_ticket_number": "1",
        "email": "a@b.example",
    }
    lines = [field if name == key else f"{name}: {value}" for name, value in right.items()]
    (tmp_path / "company.yml").write_text("\n".join(lines) + "\n")
    with pytest.raises(ConfigurationError) as caught:
        load_company(tmp_path)
    assert caught.value.line == line and key in caught.value.problem


def test_ticket_numbers_count_from_the_first_one():
    company = load_company(COMPANY).model_copy(update={"ticket_prefix": "LJ", "first_ticket_number": 1001})
    assert [company.ticket_number(n) for n in (1, 2, 42)] == ["LJ-1001", "LJ-1002", "LJ-1042"]


@pytest.mark.parametrize(
    "content", ["name: Loja\nrooms:\n  a: um\n  a: dois\n", "name: Loja\nrooms: {}\n\nrooms: {}\n"]
)
def test_a_key_written_twice_is_named_with_the_line_of_the_second(refused, content):
    error = refused(content)
    assert error.line == 4 and "aparece duas vezes" in error.problem


def test_a_value_of_a_whole_file_is_named_without_a_field(refused):
    assert refused("[]").problem == "o valor precisa ser um conjunto de campos"


def test_what_a_model_checks_against_is_handed_to_it(written):
    class Known(BaseModel):
        name: str

        @field_validator("name")
        @classmethod
        def _known(cls, value, info):
            assert value in info.context["names"]
            return value

    assert read_yaml(written("name: Loja"), Known, names=["Loja"]).name == "Loja"
    with pytest.raises(ConfigurationError):
        read_yaml(written("name: Banca"), Known, names=["Loja"])

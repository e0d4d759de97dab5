"""The table of settings in the README is the settings."""

import re

import pytest

from bot.settings import ROOT, Settings


@pytest.fixture(scope="module")
def table():
    """Default and description by variable, as README tells them."""
    rows = re.findall(r"^\| `(TRIAGEM_\w+)` \| (.*?) \| (.*?) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    return {name: (default.strip("`"), description) for name, default, description in rows}


def variable(name):
    return f"TRIAGEM_{name.upper()}"


def test_the_readme_names_every_setting_and_no_other_in_their_order(table):
    assert list(table) == [variable(name) for name in Settings.model_fields]


def test_the_readme_describes_each_setting_as_the_code_does(table):
    described = {variable(name): field.description for name, field in Settings.model_fields.items()}
    assert {name: description for name, (_, description) in table.items()} == described


def test_the_readme_tells_each_default(table):
    for name, field in Settings.model_fields.items():
        told, default = table[variable(name)][0], field.default
        if name == "identity_secret":  # the README says what it is, not how it reads
            assert default not in (ROOT / "README.md").read_text()
        elif default == "":
            assert told == "vazio"
        else:
            assert told == str(default).removeprefix(f"{ROOT}/"), name

"""What is built from the settings, and that nothing is before it is needed."""

import shutil

import pytest

from bot.assembly import Assembly, CompanyData
from bot.channels.mailbox import FolderMailbox, SmtpMailbox
from bot.errors import ConfigurationError
from bot.settings import Settings
from tests.bot.clock import Clock
from tests.bot.filings import filing
from tests.bot.people import ANA, CARLA, as_requester
from tests.conftest import COMPANY

SMTP = "smtp://eu:senha@127.0.0.1:2525"


def test_an_assembly_alone_makes_no_file_and_opens_nothing(tmp_path):
    Assembly(Settings(home=tmp_path / "home"))
    assert list(tmp_path.iterdir()) == []


def test_the_companys_own_data_fit_together():
    data = CompanyData.load(Settings())
    assert data.matrix.products() <= set(data.catalog.products)


@pytest.fixture
def own_company(tmp_path):
    """A copy of the company's data that a test may spoil."""
    return shutil.copytree(COMPANY, tmp_path / "company")


def test_a_matrix_that_names_an_unknown_product_is_refused_with_its_line(own_company):
    path = own_company / "sla_matrix.csv"
    lines = path.read_text().splitlines()
    lines[3] = lines[3].replace("OMNI", "ONMI", 1)
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ConfigurationError, match=r"produto ONMI não está em catalog\.yml; inclua-o lá") as caught:
        CompanyData.load(Settings(company_dir=own_company))
    assert (caught.value.file, caught.value.line) == (path, 4)


@pytest.mark.parametrize("name", ["company.yml", "catalog.yml", "sla_matrix.csv", "calendar.yml", "preflight.yml"])
def test_a_file_of_the_company_that_is_missing_is_named(own_company, name):
    (own_company / name).unlink()
    with pytest.raises(ConfigurationError, match=name):
        CompanyData.load(Settings(company_dir=own_company))


@pytest.mark.parametrize(("smtp_url", "kind"), [("", FolderMailbox), (SMTP, SmtpMailbox)])
def test_a_setting_chooses_the_mailbox(tmp_path, smtp_url, kind):
    assembly = Assembly(Settings(home=tmp_path, smtp_url=smtp_url))
    assert isinstance(assembly.mailbox, kind)


def test_the_sender_is_the_companys_address_unless_a_setting_names_another(tmp_path):
    of_company = Assembly(Settings(home=tmp_path))
    assert of_company.marks.address == of_company.data.company.email
    of_setting = Assembly(Settings(home=tmp_path, mail_from="eu@desk.example"))
    assert of_setting.marks.address == "eu@desk.example"


def test_the_fields_of_a_ticket_are_for_those_who_may_see_it(tmp_path, database_url):
    assembly = Assembly(Settings(home=tmp_path, database_url=database_url), Clock())
    assembly.inbox.open("conversa-ana", "web", None)
    number = assembly.tickets.file(filing(as_requester(ANA, "conversa-ana"))).number
    assert assembly.fields_of(number, as_requester(ANA))["number"] == number
    assert assembly.fields_of(number, as_requester(CARLA)) is None


def test_the_desks_clock_is_in_the_desks_zone(tmp_path):
    clock = Clock()
    local = Assembly(Settings(home=tmp_path), clock).local_now()
    assert local == clock() and local.utcoffset().total_seconds() == -3 * 3600

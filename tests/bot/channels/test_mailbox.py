"""E-mail out: to a real mail server, and to its twin, a folder."""

import email
from email.message import EmailMessage
from email.policy import default

import pytest

from bot.channels.mailbox import FolderMailbox, SmtpMailbox
from bot.errors import ConfigurationError, DeliveryError
from tests.bot.channels.sink import Sink


@pytest.fixture
def sink():
    with Sink() as sink:
        yield sink


@pytest.fixture
def message():
    message = EmailMessage()
    message["Subject"] = "Olá, ação nº 1 👍"
    message["From"] = "Suporte <suporte@desk.example>"
    message["To"] = "ana@aurora.example"
    message["Message-ID"] = "<abc123@desk.example>"
    message.set_content("Não abre desde às 8h 👍\n")
    return message


async def test_a_message_arrives_as_it_was_written(sink, message):
    await SmtpMailbox(sink.url).send(message)
    (arrived,) = sink.received
    assert arrived["Subject"] == "Olá, ação nº 1 👍"
    assert arrived["To"] == "ana@aurora.example" and arrived["Message-ID"] == "<abc123@desk.example>"
    assert arrived.get_content().strip() == "Não abre desde às 8h 👍"


async def test_a_refusal_for_good_is_permanent(sink, message):
    sink.refuses = "550 no such user"
    with pytest.raises(DeliveryError) as caught:
        await SmtpMailbox(sink.url).send(message)
    assert caught.value.permanent and caught.value.__cause__ is not None


async def test_a_refusal_for_now_is_not_permanent(sink, message):
    sink.refuses = "451 try later"
    with pytest.raises(DeliveryError) as caught:
        await SmtpMailbox(sink.url).send(message)
    assert not caught.value.permanent


async def test_a_server_that_is_not_there_is_not_permanent(message):
    with Sink() as gone:
        url = gone.url
    with pytest.raises(DeliveryError) as caught:
        await SmtpMailbox(url, timeout_seconds=2).send(message)
    assert not caught.value.permanent


async def test_nothing_arrives_of_what_was_refused(sink, message):
    sink.refuses = "550 no"
    with pytest.raises(DeliveryError):
        await SmtpMailbox(sink.url).send(message)
    assert sink.received == []


@pytest.mark.parametrize("url", ["mail.desk.example", "http://mail.desk.example", "smtp://", "smtp:587"])
def test_an_address_that_is_no_mail_server_is_refused_with_an_example(url):
    with pytest.raises(ConfigurationError, match="TRIAGEM_SMTP_URL: use smtp://usuario:senha@servidor:587"):
        SmtpMailbox(url)


def read(path):
    return email.message_from_bytes(path.read_bytes(), policy=default)


async def test_the_folder_keeps_a_message_as_it_was_written(tmp_path, message):
    await FolderMailbox(tmp_path / "mail").send(message)
    (path,) = (tmp_path / "mail").iterdir()
    assert path.suffix == ".eml" and read(path)["Subject"] == "Olá, ação nº 1 👍"
    assert read(path).get_content().strip() == "Não abre desde às 8h 👍"


async def test_the_same_message_again_is_the_same_file(tmp_path, message):
    for _ in range(2):
        await FolderMailbox(tmp_path).send(message)
    assert len(list(tmp_path.iterdir())) == 1


async def test_another_message_is_another_file(tmp_path, message):
    await FolderMailbox(tmp_path).send(message)
    message.replace_header("Message-ID", "<def456@desk.example>")
    await FolderMailbox(tmp_path).send(message)
    assert len(list(tmp_path.iterdir())) == 2


async def test_a_message_id_cannot_lead_out_of_the_folder(tmp_path, message):
    message.replace_header("Message-ID", "<../../fora@desk.example>")
    await FolderMailbox(tmp_path / "mail").send(message)
    assert [path.parent for path in tmp_path.rglob("*.eml")] == [tmp_path / "mail"]


async def test_a_folder_that_cannot_be_written_is_not_permanent(tmp_path, message):
    (tmp_path / "mail").write_text("uma coisa no lugar da pasta")
    with pytest.raises(DeliveryError) as caught:
        await FolderMailbox(tmp_path / "mail").send(message)
    assert not caught.value.permanent

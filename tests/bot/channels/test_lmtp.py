"""Mail taken by LMTP, from a real client of the protocol."""

import asyncio
import smtplib
from contextlib import asynccontextmanager, suppress

import pytest

from bot.channels.mail_in.lmtp import LmtpDoor
from bot.channels.mail_in.reading import read_mail
from bot.errors import StartError
from tests.bot.channels.mails import mail
from tests.stack import free_ports


@asynccontextmanager
async def door(keep, max_bytes=100_000):
    (port,) = free_ports(1)
    running = asyncio.create_task(
        LmtpDoor(port, lambda address: address.endswith("@desk.example"), max_bytes, keep).run()
    )
    await asyncio.sleep(0.1)
    try:
        yield port
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def send(port, message, to=("suporte@desk.example",), sender="ana@aurora.example"):
    def send():
        with smtplib.LMTP("127.0.0.1", port, timeout=10) as client:
            return client.sendmail(sender, list(to), message if isinstance(message, bytes) else message.as_bytes())

    return await asyncio.to_thread(send)


async def test_a_mail_is_kept_with_what_its_envelope_told():
    kept = []
    async with door(lambda raw, size: kept.append((raw, size))) as port:
        await send(port, mail("Olá"), to=("suporte+PC-1.abc@desk.example",))
    ((raw, size),) = kept
    told = read_mail(raw)
    assert told.text == "Olá" and size == len(raw) and told.automatic is None
    assert "suporte+pc-1.abc@desk.example" in told.recipients


async def test_each_of_several_recipients_gets_an_answer_and_the_mail_is_one():
    kept = []
    async with door(lambda raw, size: kept.append(raw)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()  # the greeting
        recipients = ["RCPT TO:<suporte@desk.example>", "RCPT TO:<outra@desk.example>"]
        for line in ["LHLO eu", "MAIL FROM:<ana@aurora.example>", *recipients, "DATA"]:
            writer.write(f"{line}\r\n".encode())
            while (await reader.readline())[3:4] == b"-":
                pass
        writer.write(b"From: ana@aurora.example\r\n\r\nOi\r\n.\r\nQUIT\r\n")
        answers = (await asyncio.wait_for(reader.read(), 10)).decode()
        writer.close()
    assert answers.count("250 2.0.0 guardado") == 2 and len(kept) == 1


async def test_a_mail_that_nobody_takes_back_is_known_for_a_machine_s():
    kept = []
    async with door(lambda raw, size: kept.append(raw)) as port:
        await send(port, mail("Não entregue"), sender="")
    assert read_mail(kept[0]).automatic


async def test_a_stranger_s_address_is_refused():
    async with door(lambda raw, size: None) as port:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            await send(port, mail(), to=("suporte@fora.example",))


async def test_what_cannot_be_kept_stays_with_the_other_server():
    def keep(raw, size):
        raise OSError("disco cheio")

    async with door(keep) as port:
        with pytest.raises(smtplib.SMTPDataError) as caught:
            await send(port, mail())
    assert caught.value.smtp_code == 451


async def test_a_mail_that_is_too_large_is_refused_for_good():
    async with door(lambda raw, size: None, max_bytes=5_000) as port:
        with pytest.raises(smtplib.SMTPException):
            await send(port, mail("x " * 10_000))


async def test_lines_longer_than_the_standard_s_are_taken():
    kept = []
    async with door(lambda raw, size: kept.append(raw)) as port:
        await send(port, b"From: ana@aurora.example\r\n\r\n" + b"x" * 20_000 + b"\r\n")
    assert b"x" * 20_000 in kept[0]


async def test_a_port_that_is_taken_is_said_in_a_sentence():
    async with door(lambda raw, size: None) as port:
        with pytest.raises(StartError, match=f"A porta {port} já está em uso"):
            await LmtpDoor(port, lambda address: True, 1_000, lambda raw, size: None).run()

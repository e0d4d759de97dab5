"""Mails of invented people, as their programs wrote them: tests/payloads/mail."""

from __future__ import annotations

from email.message import EmailMessage

from bot.settings import ROOT

FOLDER = ROOT / "tests" / "payloads" / "mail"


def payload(name: str) -> bytes:
    return (FOLDER / f"{name}.eml").read_bytes()


def mail(text: str = "Segue o que pediram.", **headers: str) -> EmailMessage:
    """From Ana to the desk unless `headers` say otherwise; `reply_to` becomes Reply-To, and so on."""
    message = EmailMessage()
    told = {"from": "Ana Prado <ana@aurora.example>", "to": "suporte@desk.example", "message_id": "<1@aurora.example>"}
    for name, value in {**told, **headers}.items():
        message[name.replace("_", "-").title()] = value
    message.set_content(text)
    return message

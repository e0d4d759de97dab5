"""What a person wrote, without the letter that they answer below it and without what their telephone adds.

Nothing is cut that may be theirs: what follows a heading of an answer goes only when it is quoted or bears a mark of
ours, answers between the quoted lines keep the whole text, and a text that would be empty afterwards stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.text import plain

SEPARATOR = "Responda acima desta linha"
"""Stands at the top of our letters."""

_QUOTE = r"[ \t]{0,8}(?:>[ \t]?){0,8}"
_HEADING = re.compile(
    # "Em ter., 3 de mar. de 2026 às 10:00, Suporte <…> escreveu:", on one line or wrapped onto up to four
    rf"^{_QUOTE}(?:Em|No dia|Na|On)\b[^\n]{{1,300}}(?:\n[^\n]{{1,300}}){{0,3}}?\s?(?:escreveu|wrote):[ \t]*$"
    # "De: …", "Enviado: …", "Para: …", with or without asterisks, as desktop programs put it
    rf"|^{_QUOTE}[*_]{{0,2}}(?:De|From)[*_]{{0,2}}:[^\n]{{1,300}}\n{_QUOTE}[*_]{{0,2}}"
    r"(?:Enviad[oa](?: em)?|Data|Date|Sent|Para|To|Cc|Assunto|Subject)[*_]{0,2}:"
    rf"|^{_QUOTE}-{{3,}}[ \t]?(?:Mensagem original|Original Message)[ \t]?-{{3,}}[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_SEPARATOR = re.compile(rf"^[^\n]{{0,40}}{SEPARATOR}[^\n]{{0,40}}$", re.MULTILINE | re.IGNORECASE)
_DEVICE = (
    r"iPhone|iPad|celular|smartphone|tablet|Android|Galaxy|Samsung|Motorola|Moto|Xiaomi|Redmi|Poco|Huawei|LG|Nokia"
    r"|dispositivo|aparelho|Outlook|Gmail|Yahoo|E-?mail|Mail|Windows|BlackBerry|mobile|device|phone|UOL|Proton"
)
_SENT_FROM = re.compile(
    rf"^(?:(?:Enviad[oa] (?:d[oa]|pel[oa]|via|com|usando|a partir d[oa])(?: meu| minha)?|Sent (?:from|with|via)(?: my)?"
    rf"|Obtenha o|Obter o|Baixe o|Get) (?:o )?(?:{_DEVICE})\b[^\n]{{0,60}})$",
    re.MULTILINE | re.IGNORECASE,
)
_RULE = re.compile(r"\n[ \t]*[_-]{10,}[ \t]*\Z")
_SIGNATURE = "\n-- \n"
_FORWARDED = re.compile(r"^\s*(?:enc|fwd?|fw|encaminhad[oa])\s*:", re.IGNORECASE)


def trimmed(text: str, subject: str, marks: Iterable[str]) -> str:
    """`marks` are words that only letters of ours carry: our address, the number of the ticket."""
    text = text.replace("\r\n", "\n").strip()
    if _FORWARDED.match(subject):  # what stands below is what the person wants us to read
        return text
    own = _without_footer(_without_quotation(text, [SEPARATOR, *marks]))
    return own if own.strip(" \n>*_-") else text


def _without_quotation(text: str, marks: list[str]) -> str:
    for heading in _HEADING.finditer(text):
        if _is_ours(text[heading.end() :], marks):
            return _kept(text, heading.start(), heading.end())
    separator = _SEPARATOR.search(text)
    if separator:
        return _kept(text, separator.start(), separator.end())
    return text


def _is_ours(below: str, marks: list[str]) -> bool:
    told = plain(below)
    return below.lstrip().startswith(">") or any(plain(mark) in told for mark in marks)


def _kept(text: str, start: int, end: int) -> str:
    """What stands above; everything, when the person answered between the quoted lines."""
    lines = [line for line in _without_footer(text[end:]).split("\n") if line.strip()]
    quoted = [line.startswith(">") for line in lines]
    if any(quoted) and not all(quoted[quoted.index(True) :]):
        return text
    return _RULE.sub("", text[:start].rstrip()).rstrip()


def _without_footer(text: str) -> str:
    text = text.partition(_SIGNATURE)[0].rstrip()
    while (found := _last_line(text)) and _SENT_FROM.match(found):
        text = text.removesuffix(found).rstrip()
    return text


def _last_line(text: str) -> str:
    return text.rpartition("\n")[2]

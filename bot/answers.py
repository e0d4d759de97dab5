"""Short answers in Portuguese: yes, no, I do not know, the second one, an address, a number."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.text import plain

_YES = re.compile(
    r"^(?:sim+|s|ss|isso(?: mesmo| ai)?|claro|com certeza|certo|correto|exato|exatamente|positivo|perfeito|ok(?:ay)?|okk|blz|beleza|"
    r"pode(?: sim| ser| abrir| mandar| seguir| confirmar)?|confirmo|confirmado|confirma|aham|uhum|agora (?:sim|foi|ta certo|esta certo)|ta (?:certo|ok|bom)|esta (?:certo|correto|ok)|"
    r"tudo certo|manda|bora|vamos|fechou|fechado|combinado|de acordo|concordo|autorizo|show|joia|massa|certinho|feito|abr[ae]|registr[ae]|envi[ae]|"
    r"prossiga|prossegue|segue|siga|otimo|maravilha|esta otimo|ta otimo|quero sim|quero|por favor|deu certo|resolveu|funcionou|ajudou)\b"
)
_NO = re.compile(
    r"^(?:nao|n|nn|naum|nop|negativo|nada(?: disso)?|nenhum[a]?|nunca|ainda nao|nem|de jeito nenhum|claro que nao|errado|ta errado|esta errado|quase|tenho nao|tem nao)\b"
)
_NOT_RESOLVED = re.compile(r"\b(?:nao|n|nem|nada)\s+(?:me\s+)?(?:resolv|ajud|adiant|funcion|serv|deu certo)")
_RESOLVED = re.compile(r"\b(?:resolv(?:eu|ido|i)|era isso|deu certo|funcionou|ajudou|consegui)\b")
_DONT_KNOW = re.compile(
    r"^(?:(?:ih+|xi+|olha|poxa|puts|ah|hum+|vixe)\W+)?(?:(?:eu )?(?:nao|n|num) (?:sei|faco (?:a (?:menor|minima) )?ideia|tenho certeza|tenho ideia|"
    r"lembro)|nem (?:ideia|sei)|sei la|sei nao|sem ideia|pular?|pula|proxim[ao]|skip|tanto faz|prefiro nao)\b"
)
_LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def yes_or_no(text: str, goal: str | None = None) -> bool | None:
    """True, False, or None when the text is neither. `goal` decides where the words do not."""
    words = plain(text).lstrip("¡!?.,- ")
    if _NOT_RESOLVED.search(words) or _NO.match(words):
        return False
    if _YES.match(words) or _RESOLVED.search(words):
        return True
    return {"affirm": True, "deny": False}.get(goal or "")


def does_not_know(text: str) -> bool:
    """ "não sei", "pular", "sei lá": the person cannot or does not want to answer."""
    return _DONT_KNOW.match(plain(text)) is not None


def email_in(text: str) -> str | None:
    match = _EMAIL.search(text)
    return match.group().lower() if match and len(match.group()) <= _LONGEST_EMAIL else None


def code_in(text: str) -> str | None:
    """Six digits, also written with spaces or a dash between."""
    match = re.search(r"(?<!\d)(\d{3})[\s-]?(\d{3})(?!\d)", text)
    return "".join(match.groups()) if match else None


def ticket_number_in(text: str, prefix: str) -> str | None:
    """`PC-1042` out of "pc 1042", "PC1042", "chamado 1042" or a bare number of three digits or more."""
    words = plain(text)
    match = re.search(rf"\b{prefix.lower()}\s*[-–#nº°]*\s*(\d{{1,9}})\b", words)
    match = match or re.search(r"\b(?:chamado|ticket|protocolo|numero|n[º°o.]?|solicitacao)\s*#?\s*(\d{3,9})\b", words)
    match = match or re.fullmatch(r"#?(\d{3,9})\??", words)
    return f"{prefix}-{match.group(1)}" if match else None


def option_by_position(text: str, size: int) -> int | None:
    """Index of the option that "2", "a segunda", "o último" or "a primeira opção" points at."""
    words = plain(text).strip(".!) ")
    number = re.fullmatch(r"(?:(?:a|o)\s+)?(?:opcao\s+|numero\s+)?(\d{1,2})(?:a|o|ª|º)?", words)
    if number:
        index = int(number.group(1)) - 1
    else:
        index = next((i for i, names in enumerate(_ordinals(size)) if _only_says(words, names)), -1)
    return index if 0 <= index < size else None


def _ordinals(size: int) -> Iterable[tuple[str, ...]]:
    stems = ["primeir", "segund", "terceir", "quart", "quint", "sext", "setim", "oitav", "non", "decim"]
    for index in range(min(size, len(stems))):
        last = ("ultimo", "ultima") if index == size - 1 else ()
        yield (stems[index] + "o", stems[index] + "a", *last)


def _only_says(words: str, names: tuple[str, ...]) -> bool:
    bare = re.sub(r"\b(?:a|o|opcao|quero|escolho|e|seria|essa|esse)\b", " ", words).split()
    return len(bare) == 1 and bare[0] in names

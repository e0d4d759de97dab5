"""What the words of a correction say: that there is one, of which field, and the new value without what announces it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.text import fold, plain

# Words with which a correction begins, or that are one wherever they stand.
_TAKES_BACK = re.compile(
    r"^(?:(?:nao|ah|e|ih|hum)\W+)*(?:na verdade|na real|alias|ops|opa|perai|pera|correcao|corrigindo|me enganei|errei|quase|desculp\w+|digo|falei errado|(?:me )?confundi|pensando bem|pensando melhor|melhor dizendo|mudei de ideia|(?:so )?uma? (?:correcao|ajuste|acerto|detalhe)|(?:ou|nao|eita) pera)\b|"
    r"\b(?:na verdade|na vdd|me enganei|falei errado|me confundi|pensando bem|nao e mais|o certo (?:e|eh|seria)|o correto (?:e|eh|seria))\b"
)
# What announces a corrected value and is not part of it.
_ANNOUNCES = re.compile(
    r"^[\s,.:;!-]*(?:(?:na verdade|na vdd|na real|alias|ops|opa|perai|pera|correcao|corrigindo|me enganei|errei|quase|desculp\w+(?: ai)?|digo|"
    r"falei errado|(?:me )?confundi|pensando bem|pensando melhor|melhor dizendo|mudei de ideia|(?:so )?uma? (?:correcao|ajuste|acerto|detalhe)|ou pera|o certo|o correto|afetad[oa]s?|nao|e|eh|era|foi|foram|sao|seria|comecou(?: foi| em)?)\b[\s,.:;!-]*)+"
)
_AFTERTHOUGHT = re.compile(r"[\s,.;:!-]*(?:\bmesmo|falei errado|me enganei|errei|desculp\w+)[\s.!]*$")
# An order to change something. A wish or a symptom may begin alike: "muda a cor da letra no e-mail".
_ORDERS_CHANGE = re.compile(
    r"^(?:por favor\W+|pode\w*\W+|favor\W+|preciso\W+|quero\W+)?(?:corrig\w+|corrija|alter[ae]r?|mud[ae]r?|troc[ae]r?|troque)\b"
)


def takes_back(text: str) -> bool:
    return _TAKES_BACK.search(plain(text)) is not None


def sounds_like_correction(text: str) -> bool:
    return takes_back(text) or _ORDERS_CHANGE.search(plain(text)) is not None


def corrected(text: str) -> str:
    """The value that a correction gives: "na verdade é na filial" → "na filial"."""
    announced = _ANNOUNCES.match(fold(text))
    value = text[announced.end() :] if announced else text
    after = _AFTERTHOUGHT.search(fold(value))
    value = value[: after.start()] if after and after.start() else value
    return value.strip(" ,.;:!") or text.strip()


@dataclass(frozen=True)
class Contrast:
    """A new value set against an old one, both as typed."""

    new: str
    old: str


_IS = r"(?:e|eh|era|sao|foi|foram|seria)"
_CONTRASTS = (
    re.compile(rf"\b(?:nao|n)\s+{_IS}\s+(?:mais\s+)?(?P<old>[^,;.]+?)(?:\s*[,;.]\s*|\s+)(?:(?:e\s+sim|mas\s+sim|mas|e)\s+)?(?:{_IS}\s+|sim\s+)(?P<new>[^,;]+)"),
    re.compile(r"\b(?:nao|n)\s+(?P<old>(?:n[ao]s?|em|d[ao]s?|as|os|a|o)\s[^,;.]+?)\s*,\s*(?:e sim\s+|mas\s+)?(?P<new>(?:n[ao]s?|em|d[ao]s?|as|os|a|o)\s[^,;]+)"),
    re.compile(rf"(?:\b(?:o (?:certo|correto)\s+)?{_IS}\s+|^)(?P<new>[^,;]+?)\s*(?:,\s*(?:e\s+)?|\s+e\s+)(?:nao|n)\s+(?:{_IS}\s+)?(?P<old>[^,;.]+)"),
    re.compile(r"\b(?:troc\w+|substitu\w+)\s+(?P<old>[^,;]+?)\s+por\s+(?P<new>[^,;]+)"),
)  # fmt: skip


def contrast(text: str) -> Contrast | None:
    """ "o certo é X, não Y", "não é Y, é X", "troca Y por X"; None for any other sentence."""
    folded = fold(text)
    for pattern in _CONTRASTS:
        if match := pattern.search(folded):
            new, old = (text[match.start(name) : match.end(name)] for name in ("new", "old"))
            new, old = corrected(new), re.sub(r"\s+n(?:[aã]o)?$", "", old.strip(" ,.;:!"), flags=re.I)
            if new and old:
                return Contrast(new, old)
    return None


_RIGHT = re.compile(r"\bo\s+(?:certo|correto)\s+(?:mesmo\s+)?(?:e|eh|seria|era)\s+(?P<value>[^,;.]+)")


def right_value(text: str) -> str | None:
    """ "escrevi X, mas o correto é Y" → "Y"."""
    match = _RIGHT.search(fold(text))
    return text[match.start("value") : match.end("value")].strip() if match else None


def without_article(words: str) -> str:
    """ "na filial" → "filial"."""
    match = re.match(r"(?:n[ao]s?|em|d[aeo]s?|as?|os?|uma?)\s+", fold(words))
    return words[match.end() :] if match else words


# Field names as customers say them; the longest first, so that "por quê" is not "quê".
_FIELD_NAMES = (
    ("type", r"tipo(?: de (?:pedido|chamado|solicitacao))?"),
    ("product", r"produto"),
    ("module", r"modulo"),
    ("subject", r"assunto|titulo"),
    (
        "contact",
        r"contato|telefone|tel|fone|celular|cel|whats(?:app)?|numero(?: de telefone)?|ramal|horario de contato",
    ),
    ("why", r"por ?que|motivo|efeito|consequencia"),
    ("what", r"o que|descricao|problema|erro"),
    ("who", r"quem|afetados?|pessoas afetadas"),
    ("where", r"onde|lugar|local|tela|canal|unidade"),
    ("when", r"quando|data|horario|hora|desde quando|inicio"),
    ("attachments", r"anexos?|arquivos?"),
)


def named_fields(text: str) -> dict[str, str | None]:
    """Fields named in a correction and the value said right after "é": "o telefone é 4002-8922"."""
    named: dict[str, str | None] = {}
    folded = fold(text)
    for name, pattern in _FIELD_NAMES:
        match = re.search(
            rf"\b(?:{pattern})\b(?P<value>\s*(?:certo|correto|correta|certa)?\s*(?::|\b(?:e|eh|era|foi|sao|seria|para|pra)\b)\s*(?P<said>.+))?",
            folded,
        )
        if match and name not in named:
            said = match.span("said") if match.group("said") else None
            named[name] = _until_next(text[said[0] : said[1]]) if said else None
    return named


def labelled_field(text: str) -> tuple[str, str] | None:
    """ "quem: a monitoria e a supervisão": the field and what is said of it."""
    match = _LABELLED.match(fold(text))
    if match is None:
        return None
    name = next(name for name, pattern in _FIELD_NAMES if re.fullmatch(pattern, match["name"]))
    return name, text[match.end() :].strip()


_LABELLED = re.compile(rf"^\W*(?:o |a )?(?P<name>{'|'.join(pattern for _, pattern in _FIELD_NAMES)})\s*:\s*(?=\S)")


def _until_next(value: str) -> str:
    """The value without what it replaces ("8h30, não 9h") and without the next correction."""
    value = re.split(r",?\s+(?:e\s+(?:o|a|os|as)\s+\w+\s+(?:é|eh|são)\b)|,\s*(?:não|nao|n|e não)\s", value)[0]
    return value.strip(" .,;")


_ONLY = re.compile(
    r"\b(?:e|eh|sao|foi|era|afeta|acontece)\s+(?:so|somente|apenas)\s+(?P<who>(?:(?:com\s+)?(?:[ao]s?|uma?|ess[ae]s?)\s+\w|comigo|eu\b)[^,.;!?]*)"
)


def only_those(text: str) -> str | None:
    """ "o Caio conseguiu, é só a Fernanda" → "a Fernanda"."""
    match = _ONLY.search(fold(text))
    return text[match.start("who") : match.end("who")].strip() if match else None

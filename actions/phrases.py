"""What short phrases of customers say: a wish for a ticket, a call for a person, a correction, a supposition, no files.

Text in, a yes or the words found out. What follows from them is decided in `reading`.
"""

from __future__ import annotations

import re

from bot.text import fold, plain

_WANTS_TICKET = re.compile(
    r"\b(?:abr\w+|registr\w+|report\w+|relat\w+|inform\w+|criar|preciso de|quero|gostaria de)\s+(?:mais\s+)?(?:um|uma|o|a|outro|outra)?\s*(?:novo\s+|nova\s+)?"
    r"(?:chamado|ticket|solicitacao|erro|problema|incidente|ocorrencia|duvida|ajuda|suporte)\b"
)


def wants_a_ticket(text: str) -> bool:
    return _WANTS_TICKET.search(plain(text)) is not None


def only_wants_a_ticket(text: str) -> bool:
    """ "gostaria de registrar um erro que está ocorrendo": a wish for a ticket in which no problem is told."""
    words = plain(text)
    return not words or (wants_a_ticket(text) and len(words.split()) <= 14)


_SUPPOSES = re.compile(r"^\W*(?:(?:mas|e|ah|ta|entao|ai)\W+)*(?:se|caso)\b\W*(?P<what>.+)$", re.DOTALL)


def supposition(text: str) -> str | None:
    """What a "e se …?" supposes; None for any other message."""
    match = _SUPPOSES.match(fold(text))
    return text[match.start("what") : match.end("what")].strip(" ?!.") if match else None


_CALLS_A_PERSON = re.compile(
    r"\b(?:falar com|me transf\w+|me pass\w+|me cham\w+|chama\w*)\b.{0,25}\b(?:alguem|pessoa(?! (?:fisica|juridica))|humano|gente|atendente)\b"
)
# Said at an article: go on with the ticket.
_GOES_ON = re.compile(
    r"\b(?:abr\w+|registr\w+)\b.{0,20}\b(?:chamado|ticket|solicitacao)\b|"
    r"\bja (?:fiz|tentei|limpei|testei|conferi|verifiquei|reiniciei|troquei|olhei|li|vi)\b(?!.*\b(?:resolveu|funcionou|deu certo)\b)|"
    r"\bnao (?:resolve\w*|ajud\w+|e isso)\b|\b(?:seguir|seguimos|segue|siga|continu\w+)\b"
)


_TRIES_NOTHING = re.compile(
    r"^(?:pul\w+|skip|proxim\w+)\b|\b(?:nao|n|nem|prefiro nao) (?:fiz|tentei|limpei|testei|conferi|posso|consigo|quero|vou|tenho (?:como|tempo|permissao|acesso)|da|sei)\b|\bdepois (?:eu )?(?:faco|tento|vejo)\b"
)


def tries_nothing(text: str) -> bool:
    """At a check to make: "pular", "não tenho permissão para limpar", "depois eu tento"."""
    return _TRIES_NOTHING.search(plain(text)) is not None


def calls_a_person(text: str) -> bool:
    return _CALLS_A_PERSON.search(plain(text)) is not None


def goes_on(text: str) -> bool:
    """At an article: "não ajudou", "pode abrir o chamado"."""
    return _GOES_ON.search(plain(text)) is not None


# Words with which a correction begins, or that are one wherever they stand.
_TAKES_BACK = re.compile(
    r"^(?:na verdade|alias|ops|opa|perai|correcao|corrigindo|me enganei|errei|quase|desculp\w+|digo|falei errado)\b|"
    r"\b(?:na verdade|na vdd|me enganei|falei errado|nao e mais|o certo e|o correto e)\b"
)
# An order to change something. A wish or a symptom may begin alike: "muda a cor da letra no e-mail".
_ORDERS_CHANGE = re.compile(
    r"^(?:por favor\W+|pode\w*\W+|favor\W+|preciso\W+|quero\W+)?(?:corrig\w+|corrija|alter[ae]r?|mud[ae]r?|troc[ae]r?|troque)\b"
)


def takes_back(text: str) -> bool:
    return _TAKES_BACK.search(plain(text)) is not None


def sounds_like_correction(text: str) -> bool:
    return takes_back(text) or _ORDERS_CHANGE.search(plain(text)) is not None


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


def _until_next(value: str) -> str:
    """The value without what it replaces ("8h30, não 9h") and without the next correction."""
    value = re.split(r",?\s+(?:e\s+(?:o|a|os|as)\s+\w+\s+(?:é|eh|são)\b)|,\s*(?:não|nao|n|e não)\s", value)[0]
    return value.strip(" .,;")


# Those hit, said with words that name nobody: "só comigo", "pra todo mundo", "nenhum dos 12 atendentes", "ninguém".
_WHO = re.compile(
    r"\b(?:so|apenas|somente)\s+(?:comigo|eu(?:\s+mesm[oa])?|(?:pra|para|p)\s+mim)\b|"
    r"\b(?:(?:para|pra|p|a)\s+)?(?:todo mundo|tod[oa]s\s+(?:(?:os|as)\s+)?(?:nos\b|\d*\s*(?:operador|atendente|usuari|cliente|agente|analista|colaborador|funcionari)\w*))"
    r"(?:\s+(?:daqui|aqui)?\s*d[ae]\s+\w+)?|"
    r"\b(?:para|pra|p)\s+(?:tod[oa]s|geral|nos tod[oa]s)\b(?!\s+[ao]s)|"
    r"\b(?:ninguem|ngm)\b(?=\s+(?:consegue|ta|esta|entra|acessa|loga|responde|atende|recebe|usa|trabalha))|"
    r"\bnenhum[a]?\s+(?:d[oa]s\s+)?\d*\s*(?:operador|atendente|usuari|cliente|agente|analista|colaborador|funcionari)\w*"
)


def who_in(text: str) -> str | None:
    """The words, as typed, that tell who is hit without naming anybody; None without any."""
    match = _WHO.search(fold(text))
    return text[match.start() : match.end()] if match else None


_NO_FILES = re.compile(
    r",?\s*(?:e\s+)?(?:n(?:ão|ao)?\s+(?:tenho|tem|há|ha)|sem)\s+(?:nenhum\s+)?(?:anexos?|prints?|arquivos?)\b", re.I
)


def says_no_files(text: str) -> bool:
    return _NO_FILES.search(text) is not None


def without_no_files(text: str) -> str:
    """The text without the words that say so: "51 3003-4004 e não tenho print"."""
    return _NO_FILES.sub("", text).strip(" ,")


def sentence_around(text: str, start: int, end: int) -> str:
    before = max((text.rfind(mark, 0, start) for mark in (". ", "! ", "? ", "; ", "\n")), default=-1)
    after = min((i for mark in (". ", "! ", "? ", "; ", "\n") if (i := text.find(mark, end)) >= 0), default=len(text))
    return text[before + 1 : after].strip(" .;\n")

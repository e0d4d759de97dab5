"""What short phrases of customers say: a wish for a ticket, a call for a person, a supposition, a curse, no files.

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


# "preciso de ajuda pra parametrizar as regras" tells what it is about.
_TO_DO = re.compile(
    r"\b(?:ajuda|apoio|suporte|duvida)\b.*?\b(?:pra|para|com|em|sobre|a)\s+(?!abrir|registr|report|relat|inform|falar|um\b|o chamado)(?:\w+[aei]r|[ao]s?\s+\w+)\s+\w+"
)


def only_wants_a_ticket(text: str) -> bool:
    """ "gostaria de registrar um erro que está ocorrendo": a wish for a ticket in which no problem is told."""
    words = plain(text)
    return not words or (wants_a_ticket(text) and len(words.split()) <= 14 and not _TO_DO.search(words))


_NAMES_NO_SYMPTOM = re.compile(
    r"^(?:(?:(?:eu |a gente )?(?:tem|tenho|temos|ha|houve|teve|deu|dando|ta dando|esta dando|apareceu|acontec\w+|estou com|to com|estamos com)\W+)?"
    r"(?:um|uma|o|esse|este|algum)?\W*(?:erros?|problemas?|problemao|defeitos?|falhas?|bugs?|incidentes?)(?:\W+(?:aqui|ai|estranho|serio|grave))*)$"
)


def names_no_symptom(words: str) -> bool:
    """ "tem um erro": that something is wrong, and not what."""
    return _NAMES_NO_SYMPTOM.match(plain(words)) is not None


# Said before the matter itself.
_PREAMBLE = re.compile(
    r"^(?:\W*(?:oi+|ola|opa|e ai|bom dia|boa tarde|boa noite|prezad[oa]s?|senhores|car[oa]s|pessoal|gente|galera|moc[oa]|"
    r"por favor|pfv|tudo bem|td bem|tudo bom|entao|olha|seguinte|socorro|urgente)\b[\s,.:;!?-]+)+"
)


def without_preamble(text: str) -> str:
    """ "bom dia, então... o chat caiu" → "o chat caiu"; a text that is nothing else stays."""
    match = _PREAMBLE.match(fold(text))
    return (text[match.end() :] if match else text).strip() or text.strip()


def says_only_a_preamble(text: str) -> bool:
    """ "gente, socorro!": somebody is there, and nothing is told."""
    match = _PREAMBLE.match(fold(f"{text} "))
    return match is not None and not text[match.end() :].strip()


_ALL_OF_IT = re.compile(
    r"\b(?:tudo|td)\b(?!\s+(?:bem|bom|certo|blz))|\b(?:tds|tod[oa]s?)\b(?!\s+(?:(?:os|as)\s+)?(?:dias?|horas?|vez|semanas?|mes))|"
    r"\b(?:inteir[oa]s?|geral|qualquer (?:um|uma|tela|modulo|lugar|aba|parte)|nao sei|n sei|sei la|nenhum[a]?)\b"
)


def says_all_of_it(text: str) -> bool:
    """At the question for a module: "o sistema todo", "em qualquer tela", and who cannot tell."""
    return _ALL_OF_IT.search(plain(text)) is not None


_SUPPOSES = re.compile(r"^\W*(?:(?:mas|e|ah|ta|entao|ai)\W+)*(?:se|caso)\b\W*(?P<what>.+)$", re.DOTALL)


def supposition(text: str) -> str | None:
    """What a "e se …?" supposes; None for any other message."""
    match = _SUPPOSES.match(fold(text))
    return text[match.start("what") : match.end("what")].strip(" ?!.") if match else None


# A supposition of not knowing: "e se eu não souber o módulo?".
_NOT_KNOWN = re.compile(
    r"\b(?:nao|n|num|nem)\s+(?:souber|soubermos|sei|sabemos|saiba|lembr\w+|tiver|tivermos|conseguir|achar|encontrar|tenho certeza)\b|"
    r"\b(?:nenhum|nenhuma)\b"
)


def supposes_not_to_know(text: str) -> bool:
    return _NOT_KNOWN.search(plain(supposition(text) or "")) is not None


_ASKS = re.compile(
    r"^(?:(?:e|mas|ah|oi|ok)\W+)*(?:quem|qual|quais|quando|onde|como|quant[oa]s?|por ?que|pq|o que|que|voces?|vcs?|tem como|da pra|posso|sera|isso)\b.*\?$"
)


def asks_back(text: str) -> bool:
    """ "quem vai ver isso?": a question where an answer was expected."""
    return _ASKS.match(plain(text)) is not None


_ASKS_WHY = re.compile(
    r"^\W*(?:(?:mas|e|ue|uai|ah|oxe|gente)\W+)*(?:por ?que|pq|pra que|para que|qual (?:o motivo|a razao|a necessidade))\b.*"
    r"\b(?:voces?|vcs?|tu|pergunt\w+|precis\w+|quer\w*|sab\w+|import\w+|serve|inform\w+|diz\w*|falar|passar|isso|dado|necessari\w+)\b"
)


def asks_why_it_is_asked(text: str) -> bool:
    """ "por que você precisa saber isso?", "pra que serve?": a question about the question."""
    return "?" in text and len(text.split()) <= 12 and _ASKS_WHY.search(plain(text)) is not None


_CALLS_A_PERSON = re.compile(
    r"\b(?:falar com|me transf\w+|me pass\w+|me cham\w+|me poe|me bota|me coloca|chama\w*)\b.{0,25}\b(?:alguem|pessoa(?! (?:fisica|juridica))|humano|gente|atendente)\b"
)
# Said at an article: go on with the ticket.
_GOES_ON = re.compile(
    r"\b(?:abr\w+|registr\w+)\b.{0,20}\b(?:chamado|ticket|solicitacao)\b|"
    r"\bja (?:fiz|tentei|limpei|testei|conferi|verifiquei|reiniciei|troquei|olhei|li|vi)\b(?!.*\b(?:resolveu|funcionou|deu certo)\b)|"
    r"\bnao (?:resolve\w*|ajud\w+|e isso)\b|\b(?:seguir|seguimos|segue|siga|continu\w+)\b"
)


_DECLINES = re.compile(r"^(?:ah\W+)?(?:nao|n|nem|nada)\b(?!.*\b(?:mais|cancel\w*|desist\w*|esquec\w*|chamado|abrir)\b)")


def only_declines(text: str) -> bool:
    """ "não precisa", "não vou mandar": a no to what was asked, not to everything."""
    return _DECLINES.search(plain(text)) is not None


_TRIES_NOTHING = re.compile(
    r"^(?:pul\w+|skip|proxim\w+)\b|\b(?:nao|n|nem|prefiro nao) (?:fiz|tentei|limpei|testei|conferi|posso|consigo|quero|vou|tenho (?:como|tempo|permissao|acesso)|da|sei)\b|\bdepois (?:eu )?(?:faco|tento|vejo)\b"
)


_SOLVED = re.compile(
    r"\b(?:achei|encontrei|consegui|era (?:so |bem )?(?:isso|so)|entendi|resolv(?:eu|ido|i)|deu certo|funcionou|ajudou)\b"
)
_UNSOLVED = re.compile(r"\b(?:nao|n|nem|nada|mas|ainda|so que)\b")


def is_solved(text: str) -> bool:
    """At an article: "ahh achei aqui, era só isso"."""
    words = plain(text)
    return _SOLVED.search(words) is not None and _UNSOLVED.search(words) is None


def tries_nothing(text: str) -> bool:
    """At a check to make: "pular", "não tenho permissão para limpar", "depois eu tento"."""
    return _TRIES_NOTHING.search(plain(text)) is not None


def calls_a_person(text: str) -> bool:
    return _CALLS_A_PERSON.search(plain(text)) is not None


def goes_on(text: str) -> bool:
    """At an article: "não ajudou", "pode abrir o chamado"."""
    return _GOES_ON.search(plain(text)) is not None


# The law's two kinds of persons; neither is somebody to talk to.
_LEGAL_PERSON = re.compile(r"\bpessoas?\s+(?:fisicas?|juridicas?)\b")


def names_a_legal_person(text: str) -> bool:
    return _LEGAL_PERSON.search(plain(text)) is not None and not calls_a_person(text)


# Curses, and sighs that are none and tell as little.
_CURSE = re.compile(
    r"\b(?:porcarias?|merdas?|bostas?|lixos?|vergonha|palhacadas?|ridicul[oa]s?|inuteis|inutil|porra|caralho|pqp|vtnc|fdp|desgraca|droga|absurdo|aff+e?|afe|oxe|nossa senhora|pelo amor de deus)\b"
)
# Beside these a curse is part of a report: "essa merda não abre".
_REPORTS = re.compile(
    r"\b(?:nao|n|nem|erro|trav\w+|lent\w+|ca(?:iu|i|indo)|par(?:ou|ado|ada)|desde|todos|ninguem|clientes?|operador\w*|equipe)\b|\d"
)


def reports_with_a_curse(text: str) -> bool:
    """ "essa porcaria travou de novo": a report, whatever its tone."""
    return _REPORTS.search(plain(text)) is not None


def only_curses(text: str) -> bool:
    words = plain(text)
    return len(words.split()) <= 6 and _CURSE.search(words) is not None and _REPORTS.search(words) is None


_FILES = r"(?:anexos?|prints?|arquivos?|fotos?(?: da tela)?|imagem|imagens|evid[êe]ncias?)"
_NO_FILES = re.compile(
    rf",?\s*(?:e\s+)?(?:n(?:ão|ao)?\s+(?:tenho|tem|temos|há|ha|vou mandar|consigo mandar)|sem)\s+(?:nenhum[a]?\s+|como mandar\s+)?{_FILES}\b|"
    rf",?\s*(?:e\s+)?(?:o\s+)?{_FILES}\s+(?:eu\s+)?n(?:ão|ao)?\s+(?:tenho|tem|temos|há|ha|consegui\w*)\b",
    re.I,
)


def says_no_files(text: str) -> bool:
    return _NO_FILES.search(text) is not None


def without_no_files(text: str) -> str:
    """The text without the words that say so: "51 3003-4004 e não tenho print"."""
    return _NO_FILES.sub("", text).strip(" ,")


_SAME = re.compile(
    r"^(?:(?:pode (?:ser|usar)|usa|use|e|eh|no|pelo|sim)\W+)*(?:o|a|no|esse)?\s*(?:mesm[oa]|esse|igual)\b(?!.*\d)|\b(?:o|no) mesmo (?:numero|telefone|contato|celular|ramal)\b(?!.*\d)|"
    r"\b(?:do|no|que (?:ja )?(?:passei|dei|informei)) (?:outro|ultimo|anterior|primeiro)?\s*chamado\b(?!.*\d)"
)


def means_the_same(text: str) -> bool:
    """At the question for a contact: "o mesmo de antes"."""
    return _SAME.search(plain(text)) is not None

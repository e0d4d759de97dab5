"""What short phrases of customers say: a wish for a ticket, a call for a person, a correction, a supposition, no files.

Text in, a yes or the words found out. What follows from them is decided in `reading`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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


# Said before the matter itself.
_PREAMBLE = re.compile(
    r"^(?:\W*(?:oi+|ola|opa|e ai|bom dia|boa tarde|boa noite|prezad[oa]s?|senhores|car[oa]s|pessoal|gente|galera|moc[oa]|"
    r"por favor|pfv|tudo bem|td bem|tudo bom|entao|olha|seguinte|socorro|urgente)\b[\s,.:;!?-]+)+"
)


def without_preamble(text: str) -> str:
    """ "bom dia, então... o chat caiu" → "o chat caiu"; a text that is nothing else stays."""
    match = _PREAMBLE.match(fold(text))
    return (text[match.end() :] if match else text).strip() or text.strip()


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


# Words with which a correction begins, or that are one wherever they stand.
_TAKES_BACK = re.compile(
    r"^(?:(?:nao|ah|e|ih|hum)\W+)*(?:na verdade|na real|alias|ops|opa|perai|pera|correcao|corrigindo|me enganei|errei|quase|desculp\w+|digo|falei errado|(?:me )?confundi|pensando bem|pensando melhor|melhor dizendo|mudei de ideia)\b|"
    r"\b(?:na verdade|na vdd|me enganei|falei errado|me confundi|pensando bem|nao e mais|o certo (?:e|eh|seria)|o correto (?:e|eh|seria))\b"
)
# What announces a corrected value and is not part of it.
_ANNOUNCES = re.compile(
    r"^[\s,.:;!-]*(?:(?:na verdade|na vdd|na real|alias|ops|opa|perai|pera|correcao|corrigindo|me enganei|errei|quase|desculp\w+(?: ai)?|digo|"
    r"falei errado|(?:me )?confundi|pensando bem|pensando melhor|melhor dizendo|mudei de ideia|o certo|o correto|afetad[oa]s?|nao|e|eh|era|foi|foram|sao|seria|comecou(?: foi| em)?)\b[\s,.:;!-]*)+"
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


_OF_TIME = re.compile(
    r"^(?:desde|hoje|ontem|anteontem|as \d|(?:na |no |em )?(?:dia \d|(?:segunda|terca|quarta|quinta|sexta|sabado|domingo|janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro|semana|mes|inicio|comeco|fim)\b)|\d{1,2}\s?(?:h|:\d\d)|ha \d|faz \d|tod[ao] )"
)
_OF_PLACE = re.compile(r"^(?:(?:la|aqui|so|somente|apenas)\s+)?(?:n[ao]s?|em|num|numa|ness[ae]|nest[ae]|dentro d\w+)\s")


def field_by_form(value: str) -> str | None:
    """The why that words have the form of: a time, a place; None where the form tells nothing."""
    words = plain(value)
    if _OF_TIME.match(words):
        return "when"
    return "where" if _OF_PLACE.match(words) else None


_TIME = re.compile(
    r"\d|\b(?:desde|hoje|hj|ontem|anteontem|agora|cedo|manha|tarde|noite|madrugada|semanas?|mes(?:es)?|anos?|dias?|"
    r"horas?|minutos?|segunda|terca|quarta|quinta|sexta|sabado|domingo|feira|janeiro|fevereiro|marco|abril|maio|junho|"
    r"julho|agosto|setembro|outubro|novembro|dezembro|temp\w*|momento|sempre|nunca|vezes?|vira e mexe|toda|todo|quando|"
    r"depois|dps|antes|apos|recente\w*|\w+mente|periodo|turno|inicio|comeco\w*|comecou|fim|final|feriado|pouco)\b"
)


def speaks_of_time(text: str) -> bool:
    """False for words in which nothing tells when or how often."""
    return _TIME.search(plain(text)) is not None


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
            new, old = corrected(new), old.strip(" ,.;:!")
            if new and old:
                return Contrast(new, old)
    return None


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


# The law's two kinds of persons; neither is somebody to talk to.
_LEGAL_PERSON = re.compile(r"\bpessoas?\s+(?:fisicas?|juridicas?)\b")


def names_a_legal_person(text: str) -> bool:
    return _LEGAL_PERSON.search(plain(text)) is not None and not calls_a_person(text)


_CURSE = re.compile(
    r"\b(?:porcarias?|merdas?|bostas?|lixos?|vergonha|palhacadas?|ridicul[oa]s?|inuteis|inutil|porra|caralho|pqp|vtnc|fdp|desgraca|droga|absurdo)\b"
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


# Words for people at work, as far as a number or "todos" before them says that they are those hit.
_PEOPLE = (
    r"(?:operador|atendente|usuari|cliente|agente|analista|colaborador|funcionari|vendedor|pessoa|supervisor|gerente|consumidor|"
    r"gestor|tecnic|medic|enfermeir|professor|alun|motorista|corretor|consultor|recepcionista|entregador|coordenador|"
    r"menin|colega|promotor|representante|auditor|advogad|estagiari|lojist|franquead)\w*"
)
_NUMBER = (
    r"(?:\d+|dois|duas|tres|quatro|cinco|seis|sete|oito|nove|dez|onze|doze|treze|quatorze|catorze|quinze|dezesseis|dezessete|"
    r"dezoito|dezenove|vinte|trinta|quarenta|cinquenta|sessenta|setenta|oitenta|noventa|cem|duzentos|duzentas)"
)
# Those hit, where the words name nobody or count them: "só comigo", "pra todo mundo", "nenhum dos 12 atendentes".
_WHO = re.compile(
    r"\b(?:so|apenas|somente)\s+(?:comigo|eu(?:\s+mesm[oa])?|(?:pra|para|p)\s+mim|n[ao]\s+(?:minha|meu)\s+\w+)\b|"
    rf"\b(?:(?:para|pra|p|a)\s+)?(?:todo mundo|tod[oa]s\s+(?:os|as|nos)?\s*\d*\s*{_PEOPLE})(?:\s+(?:daqui|aqui)?\s*d[ae]\s+\w+)?|"
    r"\b(?:para|pra|p)\s+(?:tod[oa]s|geral|nos tod[oa]s)\b(?!\s+[ao]s)|"
    r"\b(?:ninguem|ngm)\b(?=\s+(?:consegue|ta|esta|entra|acessa|loga|responde|atende|recebe|usa|trabalha))|"
    r"\btod[oa]s?\s+[ao]s?\s+(?:equipes?|times?|diretoria|gerencia|operacao|empresa|pessoal|turma|area|central|lojas?|supervisao|coordenacao)\b(?:\s+d[aeo]s?\s+\w+)?|"
    rf"\bnenhum[a]?\s+(?:d[oa]s\s+)?\d*\s*{_PEOPLE}|"
    rf"\b(?:(?:os|as|uns|umas|cerca de|mais de)\s+)?{_NUMBER}(?:\s+e\s+{_NUMBER})?\s+{_PEOPLE}(?:\s+(?:extern|intern|d[aeo]s?\s)\w+)?|"
    rf"\b(?:pros|pras|para [oa]s|p[ao]s)\s+{_NUMBER}\s+(?!horas|dias)[a-z]{{4,}}(?:\s+d[aeo]s?\s+\w+){{0,2}}|"
    r"\b(?:[oa]\s+)?(?:time|equipe|pessoal|turma)\s+d[aeo]s?\s+\w+"
)
_TIMES = r"(?!\d|desde|hoje|ontem|agora|quando|para|pra|que|e\b|por)"
_SITES = (
    r"loj(?:a|as)|unidades?|filia(?:l|is)|agencias?|matriz|centra(?:l|is)|sede|regiona(?:l|is)|clinicas?|escritorios?"
)
_OF_SOMETHING = rf"(?:\s+d[aeo]s?\s+{_TIMES}\w+)?(?:\s+d[aeo]s?\s+{_TIMES}\w+)?"
_WHERE = re.compile(
    r"\b(?:na|no|nas|nos|em|num|numa|nest[ae]|ness[ae]|pelo|pela)\s+(?:(?:tod[oa]s?|nenhum[a]?|qualquer|cada|uma?)\s+(?:[ao]s?\s+)?)?"
    r"(?:telas?|abas?|menu|canal|canais|site|filas?|conversas?|celular(?:es)?|listas?|listagem|fichas?|botao|campos?|"
    rf"computador(?:es)?|navegador|etapas?|painel|caixa de \w+|{_SITES})\b{_OF_SOMETHING}"
)
# A site that is told as part of something else: "os vendedores da filial de Recife".
_SITE = re.compile(rf"\b(?<=d[ao]\s)(?:{_SITES})\s+d[aeo]s?\s+{_TIMES}\w+")
_NO_PLACE = re.compile(
    r"^(?:n[ao]s?|em)\s+(?:verdade|real|vdd|geral|caso|anexo|aguardo|branco|mao|papel|escuro|nome|relacao|resumo|seguida|contrapartida|"
    r"palpite|ar|vazio|dia|total|media|cima|duvida|questao|minha opiniao)\b"
)
_LONGEST_PLACE = 7
_HOUR = (
    rf"(?:\d{{1,2}}(?:\s?h(?:oras?)?\s?\d{{0,2}}|:\d\d)|{_NUMBER}\s+(?:horas|e\s+(?:meia|pouco|{_NUMBER})|da\s+(?:manha|tarde|noite))|meio[ -]dia)"
    rf"(?:\s+e\s+(?:meia|pouco))?(?:\s+da\s+(?:manha|tarde|noite|madrugada))?"
)
_WHEN = re.compile(
    rf"\b(?:(?:desde\s+)?(?:hoje|hj|ontem|anteontem)\s+)?(?:desde\s+)?(?:as|umas|por volta d[ae]s?|a partir d[ae]s?)\s+{_HOUR}|"
    r"\b(?:desde|dsd)\s+(?:que\s+\w+|(?:[ao]s?\s+)?\w+(?:-feira)?(?:\s+(?:passad[oa]|retrasad[oa]|cedo|de manha|a noite|a tarde|d[aeo]\s+\w+))?)|"
    r"\btoda\s+(?:vez|hora)\s+(?:que|q)\s+[^,.;!?\n]{3,30}?(?=[,.;!?\n]|$)"
)
_EFFECT = re.compile(
    r"\b(?:fica(?:m|mos|ndo)?|est(?:a|ao|amos|avam?)|ta|tao|tamos?)\s+(?:sem|perdendo|parad[oa]s?|atrasad[oa]s?|atrasando|acumul\w+|reclamando)\b"
    r"[^.,;!?\n]*|"
    r"[^.,;!?\n]*\b(?:em|corre(?:ndo)?) risco\b|"
    r"\b(?:[ao]s?\s+)?\w+\s+(?:vai|vao|pode|podem)\s+(?:atrasar|parar|perder|vencer|estourar|cancelar|reclamar|ficar)\b[^.,;!?\n]*|"
    r"\b(?:(?:a gente|nos|eles|elas|todos|o cliente|os clientes)\s+)?(?:tem|temos|tenho|tendo|precisa(?:m|mos)?)\s+(?:que|q|de)\s+\w+[^.,;!?\n]*"
)


def who_in(text: str) -> str | None:
    """The words, as typed, that tell who is hit; None where none are sure to."""
    return _found(_WHO, text)


def where_in(text: str) -> str | None:
    """Words that name a screen, a channel or a site, or a part of the sentence that has the form of a place."""
    return _found(_WHERE, text) or _place_among_parts(text) or _found(_SITE, text)


def screen_in(text: str) -> str | None:
    """Only what surely is one: "na tela de cadastro"."""
    return _found(_WHERE, text)


def _place_among_parts(text: str) -> str | None:
    """ "…, numa etapa da campanha, …": a part by itself that begins as a place does and tells no time."""
    parts = (part.strip() for part in re.split(r"[,.;:!?\n()]", text))
    return next((part for part in parts if _is_place(part)), None)


def _is_place(part: str) -> bool:
    words = plain(part)
    short = 2 <= len(words.split()) <= _LONGEST_PLACE
    return bool(short and _OF_PLACE.match(words)) and not (_NO_PLACE.match(words) or speaks_of_time(part))


_ONLY = re.compile(
    r"\b(?:e|eh|sao|foi|era|afeta|acontece)\s+(?:so|somente|apenas)\s+(?P<who>(?:(?:com\s+)?(?:[ao]s?|uma?|ess[ae]s?)\s+\w|comigo|eu\b)[^,.;!?]*)"
)


def only_those(text: str) -> str | None:
    """ "o Caio conseguiu, é só a Fernanda" → "a Fernanda"."""
    match = _ONLY.search(fold(text))
    return text[match.start("who") : match.end("who")].strip() if match else None


_ASKS = re.compile(
    r"^(?:(?:e|mas|ah|oi|ok)\W+)*(?:quem|qual|quais|quando|onde|como|quant[oa]s?|por ?que|pq|o que|que|voces?|vcs?|tem como|da pra|posso|sera|isso)\b.*\?$"
)


def asks_back(text: str) -> bool:
    """ "quem vai ver isso?": a question where an answer was expected."""
    return _ASKS.match(plain(text)) is not None


def when_in(text: str) -> str | None:
    """ "desde as 9h", "às nove e meia da manhã", "toda vez que transfere"."""
    return _found(_WHEN, text)


def effect_in(text: str) -> str | None:
    """ "ficam sem resposta", "está perdendo vendas"."""
    return _found(_EFFECT, text)


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(fold(text))
    return text[match.start() : match.end()].strip() if match else None


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

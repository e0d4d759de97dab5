"""Facts known by the form of their words, where the recogniser saw none: people, places, moments, effects."""

from __future__ import annotations

import re

from bot.text import fold, plain

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
_PROPER_NAME = re.compile(r"(?:\s+[A-ZÀ-Ý][\w-]*)+")
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
    return screen_in(text) or _place_among_parts(text) or _found(_SITE, text)


def screen_in(text: str) -> str | None:
    """Only what surely is one: "na tela de cadastro", "na fila SAC E-mail"."""
    match = _WHERE.search(fold(text))
    if match is None:
        return None
    name = _PROPER_NAME.match(text, match.end())
    return text[match.start() : name.end() if name else match.end()].strip()


def _place_among_parts(text: str) -> str | None:
    """ "…, numa etapa da campanha, …": a part by itself that begins as a place does and tells no time."""
    parts = (part.strip() for part in re.split(r"[,.;:!?\n()]", text))
    return next((part for part in parts if _is_place(part)), None)


def _is_place(part: str) -> bool:
    words = plain(part)
    short = 2 <= len(words.split()) <= _LONGEST_PLACE
    return bool(short and _OF_PLACE.match(words)) and not (_NO_PLACE.match(words) or speaks_of_time(part))


def when_in(text: str) -> str | None:
    """ "desde as 9h", "às nove e meia da manhã", "toda vez que transfere"."""
    return _found(_WHEN, text)


def effect_in(text: str) -> str | None:
    """ "ficam sem resposta", "está perdendo vendas"."""
    return _found(_EFFECT, text)


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(fold(text))
    return text[match.start() : match.end()].strip() if match else None


_BEGAN = re.compile(
    r"^(?:(?:ah|e|ih|hum|olha|entao|isso|acho que|foi que|tudo|so)\W+)*(?:comec(?:ou|a|aram)|inici(?:ou|aram))\b"
)


def tells_when_it_began(text: str) -> bool:
    """ "começou 9h20", "ah, isso começou na segunda", whatever was asked."""
    words = plain(text)
    return _BEGAN.search(words) is not None and speaks_of_time(
        words.replace("comecou", "")
    )  # the verb alone tells none


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

"""The page of errors: from recorded answers to what a person reads. No service is asked."""

import json
from html.parser import HTMLParser

import httpx
import pytest

from benchmarks import ROOT
from benchmarks.errors.__main__ import main
from benchmarks.errors.cases import PARTS, NoAnswers, Played, Stack, load
from benchmarks.errors.figures import confusion, marked, percent, reliability, wilson
from benchmarks.errors.page import Run, known_names, render, targets
from benchmarks.errors.sections import Names, Target, goal_file, sections
from benchmarks.words import word_f1 as f1
from bot.sla.matrix import SlaRow

RUN = Run("conjunto", "http://servico", "24/11/2026 11:30, commit abc")
TITLES = ("Como trocar o pneu", "Como calibrar o pneu", "Como lavar o carro", "Como encerar o carro")


def row(id, severity, service):
    return SlaRow(id, "CARRO", "RODA", service, "", severity, 2, 4)


NAMES = Names(
    {
        "SLA-1": row("SLA-1", 1, "Roda indisponível"),
        "SLA-2": row("SLA-2", 4, "Erro não impeditivo na roda"),
        "SLA-3": SlaRow("SLA-3", "CARRO", "MOTOR", "Motor indisponível", "", 1, 2, 4),
    },
    {"Como trocar o pneu": "kb_index/articles/001-trocar.md"},
)


def understood(goal, confidence=0.9, **fields):
    whys = dict.fromkeys(("who", "what", "where", "when", "why"))
    return {"goal": goal, "confidence": confidence, "type": None, **whys, **fields}


def assessed(row, severity, probability=0.9, question=None):
    applicable = row is not None
    asked = question and {"text": question, "options": [{"title": "Parado", "value": "kind:down"}]}
    return {
        "applicable": applicable,
        "row": row,
        "severity": severity,
        "probability": probability if applicable else None,
        "question": asked,
    }


def found(*titles, answerable=True):
    return {"answerable": answerable, "results": [{"title": title} for title in titles]}


def goal(id, wanted, got, confidence=0.9, text="oi", **case):
    return Played({"id": id, "text": text, "goal": wanted, **case}, (understood(got, confidence),))


def whys(id, text, got=None, **wanted):
    slots = dict.fromkeys(("who", "what", "where", "when", "why")) | wanted
    return Played({"id": id, "text": text, **slots}, (understood("report_error", **(got or {})),))


def incident(id, wanted, severity, reply):
    case = {"id": id, "row": wanted, "severity": severity, "subject": "Roda", "description": "Não gira"}
    return Played(case, (reply,))


def query(id, topic, reply, **case):
    return Played({"id": id, "topic": topic, "query": "furou, e agora?", **case}, (reply,))


def section(part, *played):
    place = list(PARTS).index(part)
    return sections({part: played}, NAMES)[place]


def group(section, title):
    return next(group for group in section.groups if group.title == title).findings


def ids(findings):
    return [finding.id for finding in findings]


def figures(section):
    return {figure.name: figure.share for figure in section.figures}


class Elements(HTMLParser):
    """Names of the elements that a browser would make of a page, and the addresses they load."""

    def __init__(self, page):
        super().__init__()
        self.names, self.loads = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.names.append(tag)
        self.loads += [value for name, value in attributes if name in ("src", "href") and not value.startswith("#")]


# figures


def test_a_confusion_has_only_rows_and_columns_with_cases():
    table = confusion([("a", "b"), ("a", "a")], order=("c", "b", "a"))
    assert (table.rows, table.columns) == (("a",), ("b", "a"))


def test_the_most_frequent_swap_comes_first():
    table = confusion([("a", "b"), ("c", "a"), ("c", "a"), ("a", "a")])
    assert table.swaps() == [("c", "a", 2), ("a", "b", 1)]


def test_a_curve_has_a_point_for_each_tenth_of_confidence_that_has_cases():
    curve = reliability([(0.91, True), (0.97, False), (1.0, True), (0.31, False)])
    assert [(bin.count, round(bin.right, 2), round(bin.confidence, 2)) for bin in curve.bins] == [
        (1, 0.0, 0.31),
        (3, 0.67, 0.96),
    ]
    assert curve.error == pytest.approx((0.31 + 3 * abs(0.96 - 2 / 3)) / 4)


def test_nothing_measured_has_no_curve():
    assert reliability([]) is None


def test_few_cases_have_a_wide_interval():
    low, high = wilson(1.0, 2)
    assert low < 0.4 and high == 1.0
    assert wilson(1.0, 200)[0] > 0.97


@pytest.mark.parametrize(
    ("wanted", "got", "value"),
    [
        ("Não abre", "nao ABRE!", 1.0),
        ("na tela de ocorrência", "tela de ocorrência", 6 / 7),
        ("ontem", "hoje", 0.0),
        ("ontem", None, 0.0),
    ],
)
def test_f1_counts_folded_words(wanted, got, value):
    assert f1(wanted, got) == pytest.approx(value)


def test_a_sentence_is_cut_where_its_spans_begin_and_end():
    pieces = marked("ontem a roda caiu", "a roda", "roda caiu")
    assert [(piece.text, piece.marks) for piece in pieces] == [
        ("ontem ", ()),
        ("a ", ("wanted",)),
        ("roda", ("wanted", "found")),
        (" caiu", ("found",)),
    ]


def test_a_span_said_twice_is_marked_near_the_other():
    pieces = marked("a roda, sim, a roda caiu", "roda caiu", "roda")
    assert [piece.text for piece in pieces if "found" in piece.marks] == ["roda"]
    assert pieces[0].text == "a roda, sim, a "


def test_a_span_that_is_not_in_the_sentence_marks_nothing():
    assert [piece.marks for piece in marked("oi", "tchau", None)] == [()]


def test_percentages_are_written_as_in_portuguese():
    assert (percent(0.875), percent(None)) == ("87,5%", "–")


# sections


def test_wrong_goals_come_the_surest_first_with_the_file_to_add_to():
    part = section(
        "intents",
        goal("1", "greet", "greet"),
        goal("2", "restart", "cancel", 0.5),
        goal("3", "thanks", "abuse", 0.8),
    )
    wrong = group(part, "Objetivo errado")
    assert ids(wrong) == ["3", "2"]
    assert [finding.target.file for finding in wrong] == ["nlu_data/goals/thanks.yml", "nlu_data/goals/start_over.yml"]
    assert figures(part)["objetivo certo"] == pytest.approx(1 / 3)


def test_a_goal_that_is_also_defensible_is_not_an_error_but_is_not_the_strict_goal():
    part = section("intents", goal("1", "greet", "thanks", also=["thanks"]))
    assert group(part, "Objetivo errado") == []
    assert figures(part)["objetivo certo"] == 0 and figures(part)["certo ou também aceitável"] == 1


def test_a_text_without_a_goal_is_an_error():
    wrong = group(section("intents", goal("1", "greet", None, 0.0)), "Objetivo errado")
    assert [finding.got for finding in wrong] == ["nenhum"]


def test_the_goal_hit_least_often_comes_first():
    part = section("intents", goal("1", "greet", "greet"), goal("2", "abuse", "greet"))
    assert [(bar.label, bar.value) for bar in part.bars] == [("abuse", "0 de 1"), ("greet", "1 de 1")]


def test_each_wrong_slot_is_missed_invented_or_a_wrong_span():
    text = "Ontem a roda da filial caiu"
    part = section(
        "five_w",
        whys("1", text, {"what": "roda da filial", "when": None, "why": "caiu"}, what="a roda da filial", when="Ontem"),
    )
    assert [finding.tag for finding in group(part, "Perdidos")] == ["quando"]
    assert [finding.tag for finding in group(part, "Inventados")] == ["por quê"]
    wrong = group(part, "Trecho errado")
    assert [(finding.tag, finding.wanted, finding.got) for finding in wrong] == [
        ("o quê", "“a roda da filial”", "“roda da filial”")
    ]
    assert figures(part)["F1 por palavra"] == pytest.approx(f1("a roda da filial", "roda da filial") / 2)
    assert figures(part)["vazio que ficou vazio"] == pytest.approx(2 / 3)


def test_a_span_that_differs_in_case_and_punctuation_only_is_right():
    part = section("five_w", whys("1", "Ontem, parou", {"when": "Ontem,"}, when="ontem"))
    assert [len(group.findings) for group in part.groups] == [0, 0, 0]


def test_every_wrong_severity_is_in_one_group():
    part = section(
        "severity",
        incident("sure", "SLA-1", 1, assessed("SLA-2", 4, 0.95)),
        incident("less", "SLA-1", 1, assessed("SLA-2", 4, 0.60)),
        incident("asked", "SLA-1", 1, assessed("SLA-2", 4, 0.50, "Como está?")),
        incident("refused", "SLA-1", 1, assessed(None, None)),
        incident("beside", "SLA-1", 1, assessed("SLA-3", 1)),
        incident("needless", "SLA-1", 1, assessed("SLA-1", 1, 0.6, "Como está?")),
        incident("right", "SLA-1", 1, assessed("SLA-1", 1)),
    )
    assert {group.title: ids(group.findings) for group in part.groups} == {
        "Severidade errada sem perguntar": ["sure", "less"],
        "Severidade errada, mas perguntou": ["asked"],
        "Incidente recusado": ["refused"],
        "Linha errada, severidade certa": ["beside"],
        "Perguntou sem precisar": ["needless"],
    }
    assert part.confusion.columns == ("1", "4", "não é incidente")
    assert figures(part)["errada sem perguntar"] == pytest.approx(3 / 7)
    assert figures(part)["a no máximo um nível"] == pytest.approx(3 / 7)


def test_the_question_asked_is_shown_with_its_options():
    part = section("severity", incident("1", "SLA-1", 1, assessed("SLA-2", 4, 0.5, "Como está?")))
    assert group(part, "Severidade errada, mas perguntou")[0].note == "Perguntou: Como está?\nOpções: Parado"


def test_rows_taken_for_one_another_are_named_in_plain_words():
    part = section("severity", incident("1", "SLA-1", 1, assessed("SLA-3", 1)))
    assert [(swap.wanted, swap.got) for swap in part.swaps] == [
        ("SLA-1 (severidade 1): Roda indisponível", "SLA-3 (severidade 1): Motor indisponível")
    ]


def ambiguous(*replies, rows=("SLA-1", "SLA-2")):
    answers = [
        {"answer_text": "parou", "row": "SLA-1", "severity": 1},
        {"answer_text": "dá para usar", "row": "SLA-2", "severity": 4},
    ]
    return Played({"id": "1", "text": "a roda", "candidate_rows": list(rows), "answers": answers}, replies)


def test_an_ambiguous_text_that_is_not_asked_about_points_to_the_vague_reports_of_its_place():
    part = section("ambiguous", ambiguous(assessed("SLA-1", 1), assessed("SLA-1", 1), assessed("SLA-2", 4)))
    assert [finding.target for finding in group(part, "Não perguntou")] == [
        Target("company/vague_examples.yml", "CARRO|RODA")
    ]
    assert group(part, "Errada depois da resposta") == []


def test_candidates_of_several_places_are_of_an_unknown_one():
    replies = assessed("SLA-1", 1), assessed("SLA-1", 1), assessed("SLA-2", 4)
    part = section("ambiguous", ambiguous(*replies, rows=("SLA-1", "SLA-3")))
    assert group(part, "Não perguntou")[0].target.key == "unknown"


def test_an_answer_that_leads_to_the_wrong_severity_points_to_the_answers_of_its_kind():
    question = assessed("SLA-1", 1, 0.5, "Como está?")
    part = section("ambiguous", ambiguous(question, assessed("SLA-1", 1), assessed("SLA-1", 1)))
    assert group(part, "Não perguntou") == []
    wrong = group(part, "Errada depois da resposta")
    assert [finding.target for finding in wrong] == [Target("company/kind_answers.yml", "works")]
    assert figures(part)["severidade certa depois da resposta"] == 0.5


def request(id, wanted, row, type):
    case = {"id": id, "text": "como giro a roda?", "type": wanted}
    return Played(case, (assessed(row, row and 4), understood(type or "greet", type=type)))


def test_what_is_no_incident_is_judged_by_the_matrix_and_by_its_type():
    part = section(
        "not_incident",
        request("let in", "duvida", "SLA-2", "usability_question"),
        request("type", "apoio_tecnico", None, "usability_question"),
        request("none", "melhoria", None, None),
        request("right", "duvida", None, "usability_question"),
    )
    assert ids(group(part, "Entrou na matriz")) == ["let in"]
    assert group(part, "Entrou na matriz")[0].target == Target(
        "company/not_incident_examples.yml", "usability_question"
    )
    assert ids(group(part, "Tipo errado")) == ["type", "none"]
    assert group(part, "Tipo errado")[0].target == Target("nlu_data/goals/technical_support.yml")


def test_articles_are_late_refused_or_offered():
    topic = "Como trocar o pneu"
    part = section(
        "kb_queries",
        query("first", topic, found(topic)),
        query("third", topic, found(*TITLES[1:3], topic)),
        query("fourth", topic, found(*TITLES[1:], topic)),
        query("absent", topic, found(*TITLES[1:3])),
        query("also", topic, found(TITLES[1]), also=[TITLES[1]]),
        query("refused", topic, found(topic, answerable=False)),
        query("offered", None, found(TITLES[2])),
        query("kept quiet", None, found(TITLES[2], answerable=False)),
    )
    late = group(part, "Fora dos três primeiros")
    assert {finding.id: finding.note for finding in late} == {
        "fourth": "O esperado veio em 4º.",
        "absent": "O esperado não veio entre os dez primeiros.",
    }
    assert late[0].target == Target("kb_index/articles/001-trocar.md", "questions")
    assert ids(group(part, "Recusado sem motivo")) == ["refused"]
    assert ids(group(part, "Oferecido sem motivo")) == ["offered"]
    assert figures(part)["em primeiro"] == pytest.approx(3 / 6)


def test_every_file_that_a_finding_can_name_is_in_the_repository():
    goals = {path.stem for path in (ROOT / "nlu_data" / "goals").glob("*.yml")} - {"start_over"} | {"restart"}
    named = {goal_file(goal).file for goal in goals} | {
        "company/severity_examples.yml", "company/vague_examples.yml", "company/kind_answers.yml",
        "company/not_incident_examples.yml", "kb_index/unanswerable.yml",
        "nlu_data/whys/near_misses.yml", "nlu_data/whys/causes_not_effects.yml",
        *known_names(ROOT).articles.values(),
    }  # fmt: skip
    assert [file for file in named if not (ROOT / file).is_file()] == []


def test_every_advice_names_a_file_or_folder_of_the_repository():
    for part in sections({}, NAMES):
        named = part.advice.split("`")[1::2]
        assert any((ROOT / name).exists() for name in named), part.title


def test_the_place_that_would_mend_most_cases_comes_first():
    played = [goal("1", "greet", "abuse"), goal("2", "thanks", "abuse"), goal("3", "thanks", "greet")]
    assert targets([section("intents", *played)]) == [
        (Target("nlu_data/goals/thanks.yml"), 2),
        (Target("nlu_data/goals/greet.yml"), 1),
    ]


def test_a_case_wrong_twice_for_one_file_counts_once():
    one = query("1", TITLES[0], found(TITLES[1], answerable=False))
    assert [count for _, count in targets([section("kb_queries", one)])] == [1]


# page


def everything(text):
    """A page on which a customer's text stands in every part."""
    question = assessed("SLA-2", 4, 0.5, text)
    answer = {"answer_text": text, "row": "SLA-1", "severity": 1}
    return {
        "intents": [goal("1", "greet", "abuse", text=text)],
        "five_w": [whys("1", text, {"who": text[2:]}, who=text[:5])],
        "severity": [Played({"id": "1", "row": "SLA-1", "severity": 1, "subject": text, "description": text}, (question,))],
        "ambiguous": [
            Played({"id": "1", "text": text, "candidate_rows": ["SLA-1"], "answers": [answer]}, (question, question))
        ],
        "not_incident": [Played({"id": "1", "text": text, "type": "duvida"}, (question, understood(text)))],
        "kb_queries": [Played({"id": "1", "topic": None, "query": text}, (found(text),))],
    }  # fmt: skip


def test_what_a_customer_writes_is_escaped():
    page = render(sections(everything("<script>alert('x')</script><img src=x onerror=y>"), NAMES), RUN)
    elements = Elements(page)
    assert not {"script", "img"} & set(elements.names)
    assert "&lt;script&gt;alert(" in page


def test_the_page_loads_nothing():
    page = render(sections(everything("não gira"), NAMES), RUN)
    assert Elements(page).loads == []
    assert "@import" not in page and "url(" not in page
    assert Elements(page).names.count("svg") == 2


def test_ids_of_the_page_are_unique():
    page = render(sections(everything("não gira"), NAMES), RUN)
    found_ids = [piece.split('"')[0] for piece in page.split(' id="')[1:]]
    assert len(found_ids) == len(set(found_ids))


def test_a_set_without_cases_gives_a_page_that_says_so():
    assert "Este conjunto não tem nenhum caso" in render(sections({}, NAMES), RUN)


def test_a_part_without_cases_says_so_beside_those_that_have_some():
    page = render(sections({"intents": [goal("1", "greet", "greet")]}, NAMES), RUN)
    assert page.count("Não há casos desta parte neste conjunto.") == len(PARTS) - 1
    assert "Nenhum caso errado pede dados novos." in page


# playing


CASES = {
    "intents": {"id": "1", "text": "oi", "goal": "greet"},
    "five_w": {"id": "1", "text": "oi", **dict.fromkeys(("who", "what", "where", "when", "why"))},
    "severity": {"id": "1", "row": "SLA-1", "severity": 1, "subject": "Roda", "description": "Não gira"},
    "ambiguous": ambiguous().case,
    "not_incident": {"id": "1", "text": "como giro?", "type": "duvida"},
    "kb_queries": {"id": "1", "topic": None, "query": "furou"},
}
REPLIES = {
    "/api/understand": understood("greet"),
    "/api/severity": assessed("SLA-1", 1),
    "/api/articles/search": found("Como trocar o pneu"),
}


def stack(answer):
    return Stack("http://servico", httpx.MockTransport(answer))


@pytest.fixture
def folder(tmp_path):
    for part, case in CASES.items():
        (tmp_path / f"{part}.jsonl").write_text(json.dumps(case, ensure_ascii=False) + "\n\n", "utf-8")
    return tmp_path


def test_every_part_is_played_as_its_calls_say(folder):
    asked = []

    def answer(request):
        asked.append((request.url.path, json.loads(request.content) if request.content else dict(request.url.params)))
        return httpx.Response(200, json=REPLIES[request.url.path])

    service = stack(answer)
    played = {part: [service.play(part, case) for case in cases] for part, cases in load(folder).items()}
    assert [part.cases for part in sections(played, NAMES)] == [1] * len(PARTS)
    assert asked == [
        ("/api/understand", {"text": "oi"}),
        ("/api/understand", {"text": "oi"}),
        ("/api/severity", {"text": "Roda. Não gira"}),
        ("/api/severity", {"text": "a roda"}),
        ("/api/severity", {"text": "a roda", "answer": "parou"}),
        ("/api/severity", {"text": "a roda", "answer": "dá para usar"}),
        ("/api/severity", {"text": "como giro?"}),
        ("/api/understand", {"text": "como giro?"}),
        ("/api/articles/search", {"q": "furou", "limit": "10"}),
    ]


def test_a_refusal_is_told_in_the_service_s_own_words():
    problem = httpx.Response(503, json={"detail": "O motor de diálogo não responde."})
    with pytest.raises(NoAnswers, match=r"/api/understand respondeu 503: O motor de diálogo não responde\."):
        stack(lambda _: problem).play("intents", CASES["intents"])


@pytest.mark.parametrize("reply", [{"text": "olá"}, {"json": ["olá"]}, {"json": {"goal": "greet"}}])
def test_another_service_at_the_address_is_noticed(reply):
    with pytest.raises(NoAnswers, match="confira --url"):
        stack(lambda _: httpx.Response(200, **reply)).play("intents", CASES["intents"])


@pytest.mark.parametrize("line", ["{", "7", '{"id": "1", "text": "oi"}'])
def test_a_line_that_is_no_case_is_named(folder, line):
    with (folder / "intents.jsonl").open("a") as file:
        file.write(line)
    with pytest.raises(NoAnswers, match=r"intents\.jsonl, linha 3: "):
        load(folder)


def test_a_file_in_another_encoding_is_named(folder):
    (folder / "intents.jsonl").write_bytes("olá".encode("latin-1"))
    with pytest.raises(NoAnswers, match="não está em UTF-8"):
        load(folder)


def test_a_set_without_files_is_written_as_a_page_and_needs_no_service(tmp_path):
    out = tmp_path / "new" / "errors.html"
    assert main(["--url", "http://127.0.0.1:1", "--sets", str(tmp_path), "--out", str(out)]) == 0
    assert "Este conjunto não tem nenhum caso" in out.read_text("utf-8")


def test_without_the_service_one_sentence_is_told_and_no_page_written(folder, capsys):
    out = folder / "errors.html"
    assert main(["--url", "http://127.0.0.1:1", "--sets", str(folder), "--out", str(out)]) == 2
    assert capsys.readouterr().err == "Ninguém responde em http://127.0.0.1:1; rode `make up` e tente de novo.\n"
    assert not out.exists()


def test_a_page_that_cannot_be_written_is_told_in_one_sentence(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["--sets", str(tmp_path), "--out", str(tmp_path / "file" / "errors.html")]) == 2
    assert capsys.readouterr().err.startswith("Não foi possível")


def test_without_the_set_one_sentence_is_told(tmp_path, capsys):
    assert main(["--sets", str(tmp_path / "nada")]) == 2
    assert capsys.readouterr().err.count("\n") == 1

"""Tickets as a desk has them after some weeks: late, waiting, resolved, reopened, of colleagues and of other companies."""

from __future__ import annotations

import io
from datetime import timedelta

from PIL import Image

from bot.assembly import Assembly
from bot.sla.clock import started
from bot.tickets.draft import TicketDraft
from bot.tickets.handling import Said
from bot.tickets.ports import Filing
from bot.tickets.ticket import Ticket
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, Person, as_requester

SUPPORT = as_requester(DAVI)


def picture(colour: str = "teal") -> bytes:
    """A small PNG."""
    content = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(content, "PNG")
    return content.getvalue()


def file_ticket(
    assembly: Assembly,
    person: Person,
    id: str,
    *,
    row: str | None = None,
    ago: timedelta = timedelta(0),
    picture_named: str | None = None,
    **told,
) -> Ticket:
    """Files as the desk does, `ago` before now; with a row of the matrix, both clocks run from there."""
    at, conversation = assembly.local_now() - ago, f"conversa-{id}"
    who = as_requester(person, conversation)
    assembly.inbox.open(conversation, "web", person.email)
    found = assembly.data.matrix.by_id[row] if row else None
    terms = assembly.data.contracts.terms(found, person.company) if found else None
    files = ()
    if picture_named:
        files = (assembly.attachments.save(conversation, picture_named, "image/png", picture()).id,)
    told = {"product": "OMNI", "module": "CHAT", "type": "report_error", "what": "O chat não abre", **told}
    subject = told.pop("subject", told["what"])
    return assembly.tickets.file(
        Filing(
            draft=TicketDraft(id, subject=subject, attachments=files, **told), requester=who, subject=subject,
            severity=found.severity if found else None, sla_row=row,
            diagnosis_due=terms.calendar.add(at, terms.diagnosis) if terms else None,
            solution_due=terms.calendar.add(at, terms.solution) if terms else None,
            began_at=None, evidence={}, at=at,
            clock_events=started(found.severity, terms, at) if found and terms else (),
        )
    )  # fmt: skip


def said(text: str, key: str, channel: str = "portal") -> Said:
    return Said(text, key, channel)


def furnish(assembly: Assembly, ana: Person = ANA, bruno: Person = BRUNO, carla: Person = CARLA) -> dict[str, str]:
    """Numbers of the tickets by what they are good for. Ana and Bruno are colleagues, Carla is of another company."""
    handling, rows = assembly.handling, {row.severity: row.id for row in assembly.data.matrix.rows}
    late = file_ticket(
        assembly, ana, "atrasado", row=rows[3], ago=timedelta(days=20), subject="Relatório de atendimentos não exporta",
        what="Ao exportar aparece “tempo esgotado” e o arquivo vem vazio.", who="A equipe de gestão, 12 pessoas",
        where="Na tela de relatórios, botão Exportar", when="Desde ontem de manhã",
        why="A diretoria está sem os números da semana.", contact="(11) 5555-0100, das 9h às 12h",
        picture_named="erro ao exportar.png",
    )  # fmt: skip
    waiting = file_ticket(
        assembly, bruno, "esperando", row=rows[2], ago=timedelta(hours=3), what="Chat lento para todos os operadores",
        who="Todos os operadores", where="No Chat", when="Desde as 9h", why="A fila de espera dobrou.",
    )  # fmt: skip
    resolved = file_ticket(
        assembly, ana, "resolvido", row=rows[4], ago=timedelta(days=2), what="Botão de busca desalinhado na pessoa"
    )
    question = file_ticket(
        assembly, bruno, "duvida", ago=timedelta(days=40), type="usability_question",
        what="Como agendo o envio de um relatório?",
    )  # fmt: skip
    running = file_ticket(assembly, ana, "correndo", row=rows[4], what="Coluna “Última visita” vem em branco")
    stranger = file_ticket(assembly, carla, "alheio", row=rows[1], what="Segredo do Banco Sul: nada abre")
    handling.reply(
        late.number,
        SUPPORT,
        said("Olá, Ana. Já estamos olhando. O período do relatório é de quantos dias?", "a-1"),
        diagnosis=True,
    )
    handling.reply(late.number, as_requester(ana), said("São 30 dias. Com 7 dias funciona.", "a-2", "email"))
    handling.change_severity(late.number, SUPPORT, rows[2], "O fechamento do mês depende desse relatório.")
    handling.ask(waiting.number, SUPPORT, said("Bruno, você pode mandar um print da tela com a lentidão?", "a-3"))
    handling.resolve(
        resolved.number, SUPPORT, said("Corrigimos o alinhamento na versão de hoje. Obrigado por avisar!", "a-4")
    )
    told = {
        "late": late,
        "waiting": waiting,
        "resolved": resolved,
        "question": question,
        "running": running,
        "stranger": stranger,
    }
    return {name: ticket.number for name, ticket in told.items()}

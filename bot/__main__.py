"""The commands of the service: `python -m bot --help` lists them."""

from __future__ import annotations

import argparse
import asyncio
import csv
import logging
import sys
import time
from pathlib import Path

import jwt
from pydantic import ValidationError

from bot import supervisor
from bot.assembly import Assembly
from bot.build import build_all
from bot.errors import TriagemError
from bot.settings import ROOT, Settings
from bot.sla.lint import findings
from bot.sla.matrix import load_matrix
from bot.store.engine import migrate, refuse_unmigrated
from bot.store.mail_store import STATE_WORDS, UNDECIDED, KeptMail, MailState
from bot.store.whatsapp_inbox import WhatsAppInbox
from bot.text import has_words
from bot.tickets.desk import description, draft_of

_NEED_TABLES = ("serve", "deliver", "mail", "whatsapp", "corrections", "privacy")


def main() -> int:
    """Runs one command; gives the exit status. An error of ours is one line, never a stack trace."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="Triagem")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("up", "prepara e mantém tudo no ar"),
        ("serve", "só o gateway"),
        ("deliver", "só a entrega de avisos e mensagens, a leitura de e-mails e a vigia dos prazos"),
        ("migrate", "atualiza o banco de dados"),
        ("build", "treina os modelos e monta o índice de artigos"),
    ):
        commands.add_parser(name, help=what)
    token = commands.add_parser("token", help="gera um JWT de identidade, para testes e integrações")
    token.add_argument("email")
    token.add_argument("--name")
    token.add_argument("--company")
    token.add_argument("--agent", action="store_true")
    token.add_argument("--hours", type=float, default=8)
    commands.add_parser("lint-matrix", help="aponta contradições e lacunas da matriz de SLA")
    learning = commands.add_parser("learn", help="ensina ao modelo de severidade o que os agentes corrigiram")
    learning.add_argument("corrections", type=Path, help="CSV com as colunas text e row")
    learning.add_argument("--test", type=Path, default=ROOT / "benchmarks" / "sets" / "test" / "severity.jsonl")
    mail = commands.add_parser("mail", help="o e-mail retido: ver, liberar, tentar de novo, descartar")
    acts = mail.add_subparsers(dest="act", required=True)
    acts.add_parser("list", help="o que espera uma decisão").add_argument("--all", action="store_true")
    for name, what in (
        ("show", "de quem é e onde está o original"),
        ("release", "põe no chamado, seja quem for o remetente"),
        ("retry", "trata de novo, como se tivesse acabado de chegar"),
        ("discard", "não vai a chamado nenhum"),
    ):
        acts.add_parser(name, help=what).add_argument("id", type=int)
    acts.choices["release"].add_argument("--ticket", help="número do chamado, se não for o que o e-mail indica")
    whatsapp = commands.add_parser("whatsapp", help="o que chegou pelo WhatsApp")
    whatsapp.add_argument("what", choices=("counts", "replay"), help="conta tudo, ou trata de novo o que falhou")
    commands.add_parser("corrections", help="escreve em CSV o que os agentes corrigiram, para `learn`")
    _privacy_options(
        commands.add_parser("privacy", help="dados pessoais (LGPD): exportar, apagar, esquecer os antigos")
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for wordy in ("httpx", "alembic"):
        logging.getLogger(wordy).setLevel(logging.WARNING)
    try:
        return _run(options, Settings())
    except TriagemError as error:
        print(f"triagem: {error}", file=sys.stderr)
    except OSError as error:
        print(f"triagem: não consigo usar {error.filename or 'um arquivo'}: {error.strerror or error}", file=sys.stderr)
    except ValidationError as error:
        names = ", ".join(f"TRIAGEM_{item['loc'][0]}".upper() for item in error.errors())
        print(f"triagem: valor inválido em {names}; veja a tabela de configurações no README", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if options.command in _NEED_TABLES:
        refuse_unmigrated(settings.database)
    match options.command:
        case "up":
            return supervisor.up(settings, _say)
        case "serve":
            from bot.gateway import app  # the other commands need no web framework

            app.serve(settings)
        case "deliver":
            settings.refuse_half_a_whatsapp()
            asyncio.run(Assembly(settings).deliver())
        case "migrate":
            migrate(settings.database)
        case "build":
            build_all(settings, _say)
        case "lint-matrix":
            return _lint(settings)
        case "learn":
            return _learn(options, settings)
        case "mail":
            _mail(options, Assembly(settings))
        case "whatsapp":
            _whatsapp(options.what, Assembly(settings).whatsapp_inbox)
        case "corrections":
            _write_corrections(Assembly(settings))
        case "privacy":
            return asyncio.run(_privacy(options, Assembly(settings)))
        case "token":
            print(_token(options, settings))
    return 0


def _lint(settings: Settings) -> int:
    """1 when there is something to look at."""
    from bot.sla.severity_training import read_all

    matrix = load_matrix(settings.company_dir / "sla_matrix.csv")
    found = list(findings(matrix, read_all(settings.company_dir, matrix).rows))
    for finding in found:
        print(finding)
    print(f"{len(matrix.rows)} linhas, {len(found)} ponto(s) a conferir.")
    return 1 if found else 0


def _learn(options: argparse.Namespace, settings: Settings) -> int:
    """1 when the corrections would have made the model worse, and so were not kept."""
    from bot.sla import corrections

    matrix = load_matrix(settings.company_dir / "sla_matrix.csv")
    told = corrections.read_corrections(options.corrections, matrix)
    _say("Treinando antes e depois; leva cerca de um minuto…")
    lesson = corrections.learn(settings.company_dir, matrix, told, corrections.read_cases(options.test))
    print(f"{lesson.learned} correção(ões) nova(s).\nantes:  {lesson.before}\ndepois: {lesson.after}")
    if lesson.is_worse:
        print("O modelo ficaria pior: nada foi guardado. Confira as correções ou acrescente mais exemplos.")
        return 1
    print("Guardadas. Rode `python -m bot build` (ou `make up`) para que passem a valer.")
    return 0


def _mail(options: argparse.Namespace, assembly: Assembly) -> None:
    mails, held = assembly.mails, assembly.held_mails
    match options.act:
        case "list":
            for mail in mails.listed(tuple(MailState) if options.all else UNDECIDED):
                print(_line(mail))
        case "show":
            mail = mails.find(options.id)
            print(_line(mail), f"original: {mails.path(mail)}", sep="\n")
        case "release":
            held.release(options.id, options.ticket, None, discarded=mails.find(options.id).can_be_taken_back)
        case "retry":
            held.retry(options.id, None)
        case "discard":
            held.discard(options.id, None)


def _line(mail: KeptMail) -> str:
    told = (STATE_WORDS[mail.state], mail.reason, mail.number, mail.sender, mail.subject)
    return " │ ".join([str(mail.id), f"{mail.received_at:%d/%m/%Y %H:%M} UTC", *(part or "-" for part in told)])


def _whatsapp(what: str, inbox: WhatsAppInbox) -> None:
    if what == "replay":
        print(f"{inbox.replay()} item(ns) a tratar de novo; o gateway faz isso em seguida.")
    for name, count in inbox.counts().items():
        print(f"{name} {count}")


def _write_corrections(assembly: Assembly) -> None:
    """What the model saw of each ticket whose row an agent changed, and the row that it got last."""
    matrix = assembly.data.matrix
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("text", "row"))
    for ticket in assembly.tickets.corrected():
        if ticket.sla_row in matrix.by_id and has_words(text := description(draft_of(ticket))):
            rows.writerow((text, ticket.sla_row))


def _privacy_options(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("export", help="tudo o que está guardado sobre uma pessoa, em JSON").add_argument("email")
    erase = acts.add_parser("erase", help="apaga textos, endereços e arquivos de uma pessoa")
    erase.add_argument("email")
    erase.add_argument("--yes", action="store_true", help="não pede confirmação")
    acts.add_parser("sweep", help="apaga o que passou de TRIAGEM_RETENTION_DAYS")


async def _privacy(options: argparse.Namespace, assembly: Assembly) -> int:
    """1 when nothing was done because the person at the keyboard did not confirm."""
    try:
        match options.act:
            case "export":
                print(assembly.privacy.export(options.email))
            case "erase":
                if not (options.yes or _confirmed(assembly, options.email)):
                    print("Nada foi apagado.")
                    return 1
                print(f"Apagado: {await assembly.privacy.erase(options.email)}.")
            case "sweep":
                kept = assembly.settings
                swept = await assembly.privacy.sweep(kept.retention_days, kept.keep_loose_uploads_days)
                print(f"Apagado: {swept}.")
    finally:
        await assembly.sessions.close()
    return 0


def _confirmed(assembly: Assembly, email: str) -> bool:
    found = assembly.privacy.found(email)
    print(
        f"{len(found.tickets)} chamado(s) e {len(found.conversations)} conversa(s) de {email} perdem textos e arquivos."
    )
    return input("Não há volta. Digite o e-mail de novo para apagar: ").strip().lower() == email.strip().lower()


def _token(options: argparse.Namespace, settings: Settings) -> str:
    claims = {"sub": options.email, "name": options.name, "company": options.company}
    claims = {key: value for key, value in claims.items() if value}
    claims |= {"exp": int(time.time() + options.hours * 3600), "role": "agent" if options.agent else "requester"}
    return jwt.encode(claims, settings.identity_secret, algorithm="HS256")


def _say(line: str) -> None:
    print(f"triagem │ {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""The action server: builds the services, registers the actions with them, listens on loopback."""

from __future__ import annotations

import warnings
from datetime import timedelta

from rasa_sdk import Action
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from actions import adding, filing, following, identity, intake
from actions.context import Services
from actions.reading import Reader
from actions.remedies import Remedies
from bot.assembly import Assembly
from bot.settings import Settings


def build_services(assembly: Assembly) -> Services:
    return Services(
        data=assembly.data,
        reader=Reader(assembly.data.catalog, assembly.data.company.ticket_prefix),
        desk=assembly.desk,
        handling=assembly.handling,
        tickets=assembly.tickets,
        attachments=assembly.attachments,
        verification=assembly.verification,
        people=assembly.people,
        remedies=Remedies(assembly.articles, assembly.desk, assembly.data.catalog, assembly.data.preflight),
        now=assembly.local_now,
        resume_after=timedelta(hours=assembly.settings.resume_after_hours),
    )


def all_actions(services: Services) -> list[Action]:
    """Every action that domain.yml names; a test holds the two against each other."""
    return [
        intake.ValidateTicketForm(services),
        intake.AskProduct(services),
        intake.AskModule(services),
        intake.AskType(services),
        intake.AskArticle(services),
        intake.AskWhat(),
        intake.AskImpact(services),
        intake.AskContact(services),
        intake.AskResume(),
        intake.AskConfirm(services),
        intake.AskCorrection(),
        filing.FileTicket(services),
        filing.End("action_close_deflected", "utter_deflected", "deflected"),
        filing.End("action_cancel_ticket", "utter_cancelled", "cancelled"),
        filing.End("action_restart_ticket", "utter_restarted", None),
        filing.HandOver(services),
        intake.MeetCurse(),
        following.TrackTicket(services),
        following.ListTickets(services),
        following.AnswerPending(services),
        following.ExplainSla(services),
        adding.AddInformation(services),
        identity.ValidateIdentityForm(services),
    ]


def serve(settings: Settings) -> None:
    """Runs until stopped, in one process: a worker of its own would outlive a killed parent."""
    warnings.filterwarnings("ignore", message=".*might not be compatible.*")
    executor = ActionExecutor()
    for action in all_actions(build_services(Assembly(settings))):
        executor.register_action(action)
    app = create_app(executor, cors_origins=[])
    app.run(host="127.0.0.1", port=settings.actions_port, single_process=True, access_log=False, motd=False)

"""Mail that waits for somebody of the desk: looked at, put onto a ticket, tried again or thrown away.

The console and `python -m bot mail` decide by this, and each decision stays on record with its time and who made it.
"""

from __future__ import annotations

import logging

from bot.channels.mail_in.reading import IncomingMail, read_mail
from bot.errors import InvalidRequest, NotFound
from bot.store.mail_store import KeptMail, MailStore
from bot.store.ticket_store import SqlTicketStore
from bot.tickets.files import check_file

log = logging.getLogger(__name__)


class HeldMails:
    """`by` is the address of the agent who decides, None at the command line. `max_file_bytes` is the largest file.

    Whoever decides raises NotFound for a mail that is not there and Conflict for one that does not wait.
    """

    def __init__(self, mails: MailStore, tickets: SqlTicketStore, max_file_bytes: int) -> None:
        self._mails, self._tickets, self._max_file_bytes = mails, tickets, max_file_bytes

    def release(self, id: int, number: str | None, by: str | None, *, discarded: bool = False) -> None:
        """Onto the ticket `number`, else the one it would belong to. Raises InvalidRequest when there is none.

        `discarded` says that it was discarded before, and is taken back.
        """
        wanted = (number or self._mails.find(id).number or "").strip().upper()
        if self._tickets.by_number(wanted) is None:
            raise InvalidRequest("Diga em que chamado o e-mail entra: esse número não existe.")
        self._mails.release(id, wanted, by, discarded=discarded)
        log.info("mail %s released onto %s", id, wanted)

    def retry(self, id: int, by: str | None) -> None:
        self._mails.retry(id, by)
        log.info("mail %s is tried again", id)

    def discard(self, id: int, by: str | None) -> None:
        self._mails.discard(id, by)
        log.info("mail %s discarded", id)

    def read(self, kept: KeptMail) -> IncomingMail | None:
        """None where its bytes are gone or cannot be read: such a mail waits because of that. Takes up to seconds."""
        try:
            return read_mail(self._mails.raw(kept))
        except Exception as error:  # whatever the standard library raises, and only its name: the rest is the mail's
            log.warning("mail %s cannot be shown (%s)", kept.id, type(error).__name__)
            return None

    def file(self, kept: KeptMail, place: int) -> tuple[str, str, bytes]:
        """Name, type and content of a file in it, counted from 0. Raises NotFound, or why such a file is not accepted."""
        mail = self.read(kept)
        if mail is None or not 0 <= place < len(mail.files):
            raise NotFound("Este arquivo não está no e-mail.")
        found = mail.files[place]
        return *check_file(found.name, found.content, self._max_file_bytes), found.content

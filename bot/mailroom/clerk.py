"""The clerk: takes kept mail, one after the other, and puts it where it belongs.

1. claim the oldest (a dead clerk's claim runs out);
2. read it, decide (sorting), keep its files, put it on the ticket under a key that makes a second time harmless;
3. note what became of it. A mail that breaks something is put off and, after a few tries, set aside as failed.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.channels.mail_in.reading import IncomingMail, MailFile, read_head, read_mail
from bot.channels.mail_in.trimming import trimmed
from bot.channels.mail_marks import MailMarks
from bot.errors import Conflict, RequestRefused
from bot.mailroom.sorting import Decision, Sorting
from bot.store.attachment_store import AttachmentStore
from bot.store.correspondents import Correspondents
from bot.store.mail_store import KeptMail, MailState, MailStore
from bot.store.outbox import Outbox
from bot.tickets.draft import Requester
from bot.tickets.files import check_file
from bot.tickets.handling import Handling, Said

log = logging.getLogger(__name__)

_MAX_TRIES = 4
# Longer texts come as a file too, and the ticket shows their beginning.
_LONGEST_TEXT = 15_000
_MOST_REFUSALS_TOLD = 15
_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,300}>)", re.IGNORECASE | re.MULTILINE)
_WINMAIL = (
    "o programa do remetente embrulhou os anexos (winmail.dat). Peça que envie como HTML ou texto sem formatação."
)


class Clerk:
    """`max_bytes` is the largest mail, `max_file_bytes` the largest file in it."""

    def __init__(
        self,
        mails: MailStore,
        sorting: Sorting,
        correspondents: Correspondents,
        handling: Handling,
        attachments: AttachmentStore,
        outbox: Outbox,
        marks: MailMarks,
        now: Callable[[], datetime],
        *,
        max_bytes: int,
        max_file_bytes: int,
    ) -> None:
        self._mails, self._sorting, self._correspondents, self._handling = mails, sorting, correspondents, handling
        self._attachments, self._outbox, self._marks, self._now = attachments, outbox, marks, now
        self._max_bytes, self._max_file_bytes = max_bytes, max_file_bytes

    def keep(self, raw: bytes, size: int) -> None:
        """The first thing that happens to a mail. Raises OSError when its bytes cannot be written."""
        head = read_head(raw)
        limit = f"{self._max_bytes // 1_000_000} MB"
        refused = f"maior que o limite de {limit}" if max(size, len(raw)) > self._max_bytes else None
        self._mails.keep(raw, head.key, head.sender, head.subject, size=size, refused=refused)

    def work(self) -> int:
        """Handles everything that is there; gives how many mails were taken."""
        taken = 0
        while mail := self._mails.claim():
            self._handle(mail)
            taken += 1
        return taken

    def _handle(self, kept: KeptMail) -> None:
        if kept.tries > _MAX_TRIES:  # it took the process down with it each time
            self._settle(kept, Decision(MailState.FAILED, "o processamento parou no meio várias vezes", kept.number))
            return
        try:
            decision = self._placed(kept)
        except Conflict as error:
            self._mails.put_off(kept, self._now() + timedelta(minutes=1), str(error))
        except RequestRefused as error:
            self._settle(kept, Decision(MailState.QUARANTINED, str(error), kept.number))
        except Exception as error:
            self._broke(kept, error)
        else:
            self._settle(kept, decision)

    def _broke(self, kept: KeptMail, error: Exception) -> None:
        reason = f"erro ao tratar: {type(error).__name__}"
        log.warning("mail %s broke (%s), try %s", kept.id, type(error).__name__, kept.tries)
        if kept.tries >= _MAX_TRIES:
            self._settle(kept, Decision(MailState.FAILED, reason, kept.number))
        else:
            self._mails.put_off(kept, self._now() + timedelta(seconds=15) * 4**kept.tries, reason)

    def _settle(self, kept: KeptMail, decision: Decision) -> None:
        self._mails.settle(kept, decision.state, decision.reason, decision.number)
        log.info("mail %s %s (%s)", kept.id, decision.state.value, decision.reason or decision.number)

    def _placed(self, kept: KeptMail) -> Decision:
        raw = self._mails.raw(kept)
        mail = read_mail(raw)
        if mail.undelivered:
            self._note_undelivered(raw)
        decision = self._vouched(kept, mail) if kept.released else self._sorting.decide(mail)
        if decision.requester and decision.number:
            self._add(kept, mail, decision.number, decision.requester)
        return decision

    def _vouched(self, kept: KeptMail, mail: IncomingMail) -> Decision:
        number = kept.number or ""
        requester = self._correspondents.for_released(number, mail.sender, mail.sender_name)
        if requester is None:
            return Decision(MailState.QUARANTINED, "o chamado não existe")
        return Decision(MailState.ADDED, "liberado pela equipe", number, requester)

    def _add(self, kept: KeptMail, mail: IncomingMail, number: str, requester: Requester) -> None:
        text = trimmed(mail.text, mail.subject, (self._marks.address, number))
        files, told = list(mail.files), text
        if len(text) > _LONGEST_TEXT:
            files.insert(0, MailFile("mensagem.txt", text.encode()))
            told = f"{text[:_LONGEST_TEXT].rstrip()}…\n\n[O texto inteiro está no anexo mensagem.txt.]"
        ids, refusals = self._keep_files(kept, files, requester.conversation, number)
        told = "\n\n".join(part for part in (told, _refused(refusals)) if part)
        self._handling.reply(number, requester, Said(told, f"mail:{kept.key}", "email", ids))

    def _keep_files(
        self, kept: KeptMail, files: list[MailFile], conversation: str, number: str
    ) -> tuple[tuple[str, ...], list[str]]:
        """Ids of the files kept, and why others were not."""
        ids, refusals = [], []
        for place, file in enumerate(files):
            # The same id when a crash makes it happen again.
            id = hashlib.sha256(f"{kept.key}\n{place}".encode()).hexdigest()[:32]
            try:
                name, mime = check_file(file.name, file.content, self._max_file_bytes)
                saved = self._attachments.save(conversation, name, mime, file.content, id=id, number=number)
                ids.append(saved.id)
            except RequestRefused as error:
                refusals.append(_WINMAIL if file.name.lower() == "winmail.dat" else str(error))
        return tuple(ids), refusals

    def _note_undelivered(self, raw: bytes) -> None:
        """The letter is the one whose own id the report has in it; what that one answered stands there too."""
        text = raw.decode("latin-1")
        for message_id in dict.fromkeys(found.lower() for found in _MESSAGE_ID.findall(text)):
            if self._marks.is_our_message(message_id):
                self._outbox.bounced(message_id)


def _refused(refusals: list[str]) -> str:
    if not refusals:
        return ""
    told = [f"- {reason}" for reason in refusals[:_MOST_REFUSALS_TOLD]]
    if len(refusals) > _MOST_REFUSALS_TOLD:
        told.append(f"- e mais {len(refusals) - _MOST_REFUSALS_TOLD}")
    return "\n".join(["[Arquivos do e-mail que não foram aceitos:]", *told])

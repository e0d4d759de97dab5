"""A mail as it came, read into what can be decided about. Nothing in it is believed, and little can break it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from bot.channels.mail_in.page_text import page_text
from bot.text import has_words

_DEEPEST = 15
_MOST_PARTS = 200
# Smaller pictures inside a page count openings; they show nothing.
_TRACKING_BYTES = 512
_LONGEST_TEXT = 500_000
_LONGEST_HEAD = 100_000
_ADDRESS = re.compile(r"[^@\s<>\"(),:;]{1,64}@[^@\s<>\"(),:;]{1,255}")
_TEXT_HEADERS = ("Auto-Submitted", "Precedence", "Return-Path")


@dataclass(frozen=True)
class MailFile:
    name: str
    content: bytes


@dataclass(frozen=True)
class IncomingMail:
    """`sender` and `recipients` are addresses in lower case; `text` is the whole of it, with what it quotes.

    `automatic` says why it is a machine's, None when it is a person's. `undelivered` is true for the report that
    something of ours did not arrive. `results` are the Authentication-Results headers, topmost first.
    """

    key: str
    message_id: str | None
    sender: str | None
    sender_name: str | None
    recipients: tuple[str, ...]
    subject: str
    references: tuple[str, ...]
    text: str
    files: tuple[MailFile, ...]
    automatic: str | None
    undelivered: bool
    results: tuple[str, ...]
    loops: tuple[str, ...] = ()
    """Addresses that put their mark against loops on it."""


def read_mail(raw: bytes) -> IncomingMail:
    """Raises whatever the standard library raises for the few things it cannot take; then the mail is kept as failed."""
    message = message_from_bytes(raw)
    body = _Body()
    body.add(message)
    head = read_head(raw, message)
    return IncomingMail(
        key=head.key, message_id=head.message_id, sender=head.sender, sender_name=_sender_name(message),
        recipients=_addresses(message, "To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"),
        subject=head.subject, references=_references(message), text=body.text, files=tuple(body.files),
        automatic=_automatic(message), undelivered=_is_undelivered(message),
        results=tuple(_header(message, "Authentication-Results", every=True)), loops=_addresses(message, "X-Loop"),
    )  # fmt: skip


@dataclass(frozen=True)
class MailHead:
    """What can be told of any mail, also of one that cannot be read."""

    key: str
    message_id: str | None
    sender: str | None
    subject: str


def read_head(raw: bytes, message: Message | None = None) -> MailHead:
    """`key` is the same for a mail that comes twice, by whatever way.

    It has the sender and the body in it beside the Message-ID: somebody who knows the id of a mail under way could
    otherwise send another under it first.
    """
    if message is None:
        message = BytesHeaderParser().parsebytes(raw[:_LONGEST_HEAD])
    senders = _addresses(message, "From")
    message_id = next(iter(_ids(_one(message, "Message-ID"))), None)
    sender = senders[0] if len(senders) == 1 else None  # several senders at once are nobody
    body = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[-1].replace(b"\r\n", b"\n").strip()
    digest = hashlib.sha256("\n".join([message_id or _one(message, "Date"), sender or ""]).encode() + body).hexdigest()
    key = f"{(message_id or 'sem-id')[:200]}/{digest[:24]}"
    return MailHead(key, message_id, sender, " ".join(_decoded(_one(message, "Subject")).split())[:300])


@dataclass
class _Body:
    """Gathers text and files of all parts."""

    texts: list[str] = field(default_factory=list)
    files: list[MailFile] = field(default_factory=list)
    parts: int = 0

    @property
    def text(self) -> str:
        return "\n\n".join(text.strip() for text in self.texts if text.strip())[:_LONGEST_TEXT]

    def add(self, part: Message, depth: int = 0) -> None:
        self.parts += 1
        if depth > _DEEPEST or self.parts > _MOST_PARTS:
            return
        kind = part.get_content_type()
        if kind == "multipart/alternative":
            self._add_best(part, depth)
        elif part.is_multipart() and part.get_content_maintype() == "multipart":
            for child in _children(part):
                self.add(child, depth + 1)
        elif kind == "message/rfc822":
            self._add_forwarded(part)
        elif part.get_content_maintype() != "message":
            self._add_leaf(part, kind)

    def _add_best(self, part: Message, depth: int) -> None:
        """The same text in several forms: the plain one, unless it says nothing. Files count in all of them."""
        choices = []
        for child in _children(part):
            body = _Body(parts=self.parts)
            body.add(child, depth + 1)
            self.parts = body.parts
            self.files += body.files
            choices.append(body.text)
        best = next((text for text in choices if has_words(text)), "")
        self.texts.append(best)

    def _add_forwarded(self, part: Message) -> None:
        children = _children(part)
        content = children[0].as_bytes() if children else b""
        name = _decoded(_one(children[0], "Subject")) if children else ""
        self.files.append(MailFile(f"{name[:80] or 'mensagem'}.eml", content))

    def _add_leaf(self, part: Message, kind: str) -> None:
        name, disposition = _file_name(part), part.get_content_disposition()
        content = _content(part)
        if kind in ("text/plain", "text/html") and not name and disposition != "attachment":
            text = _text(content, part.get_content_charset())
            self.texts.append(page_text(text) if kind == "text/html" else text)
        elif content and not _is_tracking(part, content):
            self.files.append(MailFile(name or _made_up_name(kind), content))


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _is_tracking(part: Message, content: bytes) -> bool:
    inline = part.get_content_disposition() != "attachment"
    return inline and part.get_content_maintype() == "image" and len(content) < _TRACKING_BYTES


def _file_name(part: Message) -> str | None:
    name = part.get_filename()
    return _decoded(name).strip() or None if name else None


def _made_up_name(kind: str) -> str:
    main, _, sub = kind.partition("/")
    endings = {"jpeg": "jpg", "plain": "txt", "calendar": "ics", "ms-tnef": "dat"}
    return f"{'imagem' if main == 'image' else 'arquivo'}.{endings.get(sub, sub)}"


def _text(content: bytes, charset: str | None) -> str:
    """What is called latin-1 is Windows' own set, which has the same letters and more."""
    named = charset or "utf-8"
    if named.lower() in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"):
        named = "utf-8" if _is_utf8(content) else "windows-1252"
    try:
        text = content.decode(named)
    except (LookupError, UnicodeError):
        text = content.decode("utf-8" if _is_utf8(content) else "windows-1252", "replace")
    return _printable(text.replace("\r\n", "\n"))


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _printable(text: str) -> str:
    """Without control characters, which databases refuse and screens obey, and without half characters."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", text)


def _header(message: Message, name: str, *, every: bool = False) -> list[str]:
    """Header values as text on one line, still encoded; bytes that have no business there are decoded."""
    values = [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]
    tidy = [_text(value.encode("utf-8", "surrogateescape"), None) for value in values]
    return [" ".join(value.split()) for value in (tidy if every else tidy[:1])]


def _one(message: Message, name: str) -> str:
    return next(iter(_header(message, name)), "")


def _decoded(value: str) -> str:
    try:
        return _printable(str(make_header(decode_header(value))))
    except (LookupError, ValueError):
        return _printable(value)


def _addresses(message: Message, *names: str) -> tuple[str, ...]:
    values = [value for name in names for value in _header(message, name, every=True)]
    found = [address.strip().lower() for _, address in getaddresses(values)]
    return tuple(dict.fromkeys(address for address in found if _ADDRESS.fullmatch(address)))


def _sender_name(message: Message) -> str | None:
    pairs = getaddresses(_header(message, "From"))
    found = next((name for name, address in pairs if _ADDRESS.fullmatch(address.strip())), "")
    return " ".join(_decoded(found).split())[:200] or None


def _ids(value: str) -> list[str]:
    return re.findall(r"<[^<>\s]{1,400}>", value)


def _references(message: Message) -> tuple[str, ...]:
    """The mail answered first, then those before it, newest first."""
    answered, before = _ids(_one(message, "In-Reply-To")), _ids(_one(message, "References"))
    return tuple(dict.fromkeys([*answered, *reversed(before)]))[:50]


def _automatic(message: Message) -> str | None:
    """Why nobody wrote this, after RFC 3834 and what is in use beside it."""
    told = {name: _one(message, name).lower() for name in _TEXT_HEADERS}
    if message.get_content_type() == "multipart/report" or _is_from_a_server(message):
        return "relatório de entrega"
    if told["Auto-Submitted"].partition(";")[0].strip() not in ("", "no"):
        return "resposta automática"
    if told["Precedence"] in ("bulk", "junk", "list", "auto_reply"):
        return "envio em massa"
    if any(_one(message, name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder")):
        return "resposta automática"
    if any(_one(message, name) for name in ("List-Id", "List-Unsubscribe", "List-Post")):
        return "lista de e-mails"
    if told["Return-Path"].replace(" ", "") == "<>":
        return "sem remetente de retorno"
    return None


def _is_from_a_server(message: Message) -> bool:
    senders = _addresses(message, "From") or ("",)
    return senders[0].partition("@")[0] in ("mailer-daemon", "postmaster")


def _is_undelivered(message: Message) -> bool:
    """A report of a final failure (RFC 3464), or an old-fashioned one from the mail server's own address."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            return any(_one(block, "Action").lower() == "failed" for block in _children(part))
    return _is_from_a_server(message) and message.get_content_type() != "multipart/report"

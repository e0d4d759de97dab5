"""What the network posts to the webhook, taken apart: one envelope holds any number of updates.

An envelope has entries, an entry has changes, a change has messages and statuses; each may be a list of several.
Older senders leave `user_id` out, newer ones leave the number out: a person is either or both.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

_SIGNATURE = "sha256="
_MEDIA = ("image", "document", "video", "audio")
# What a number written without the ninth digit looks like: country, area, and eight digits of a mobile.
_BEFORE_NINTH_DIGIT = re.compile(r"55(\d{2})([6-9]\d{7})")


def is_signed(body: bytes, header: str | None, secret: str) -> bool:
    """True when `X-Hub-Signature-256` fits the bytes as they came."""
    expected = _SIGNATURE + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), (header or "").encode())


def canonical_phone(wa_id: str) -> str:
    """Digits with country code; a Brazilian mobile always with its ninth digit."""
    digits = re.sub(r"\D", "", wa_id)
    old = _BEFORE_NINTH_DIGIT.fullmatch(digits)
    return f"55{old[1]}9{old[2]}" if old else digits


@dataclass(frozen=True)
class Update:
    """One message, or one status of a message that we sent.

    `kind` is message, status or unreadable; `(wamid, kind, status)` is what makes it unique.
    """

    kind: str
    wamid: str
    status: str = ""
    to: str | None = None
    """Id of our own number."""
    wa_id: str | None = None
    bsuid: str | None = None
    name: str | None = None
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """Updates of one line are handled in order: a person's messages, a message's statuses."""
        if self.kind != "message":
            return f"{self.kind}:{self.wamid}"
        return f"person:{canonical_phone(self.wa_id) if self.wa_id else self.bsuid}"

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(int(self.body["timestamp"]), UTC)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def split(envelope: Any) -> Iterator[Update]:
    """Every update of an envelope, in its order. What is not shaped like one comes out as unreadable."""
    for entry in _items(envelope, "entry"):
        for change in _items(entry, "changes"):
            value = change.get("value")
            if change.get("field") != "messages" or not isinstance(value, dict):
                continue
            for message in _items(value, "messages"):
                yield _message(message, value)
            for status in _items(value, "statuses"):
                yield _status(status, value)


def _items(parent: Any, name: str) -> list[dict[str, Any]]:
    items = parent.get(name) if isinstance(parent, dict) else None
    if not isinstance(items, list):
        return []
    return [item if isinstance(item, dict) else {"unreadable": item} for item in items]


def _message(message: dict[str, Any], value: dict[str, Any]) -> Update:
    wamid, contact = _text(message.get("id")), _contact(message, value)
    wa_id = _text(message.get("from")) or _text(contact.get("wa_id"))
    bsuid = _text(message.get("from_user_id")) or _text(contact.get("user_id"))
    if not wamid or not (wa_id or bsuid) or not str(message.get("timestamp", "")).isdigit():
        return _unreadable(message)
    profile = contact.get("profile")
    name = _text(profile.get("name")) if isinstance(profile, dict) else None
    return Update("message", wamid, "", _number_of(value), wa_id, bsuid, name, message)


def _contact(message: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """The contact that sent the message; in a batch of several people each message has its own."""
    contacts = _items(value, "contacts")
    for contact in contacts:
        same_number = message.get("from") and contact.get("wa_id") == message["from"]
        same_user = message.get("from_user_id") and contact.get("user_id") == message["from_user_id"]
        if same_number or same_user:
            return contact
    return contacts[0] if len(contacts) == 1 else {}


def _status(status: dict[str, Any], value: dict[str, Any]) -> Update:
    wamid, name = _text(status.get("id")), _text(status.get("status"))
    if not wamid or not name or not str(status.get("timestamp", "")).isdigit():
        return _unreadable(status)
    return Update("status", wamid, name[:20], _number_of(value), body=status)


def _unreadable(body: dict[str, Any]) -> Update:
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return Update("unreadable", digest, body=body)


def _number_of(value: dict[str, Any]) -> str | None:
    metadata = value.get("metadata")
    return _text(metadata.get("phone_number_id")) if isinstance(metadata, dict) else None


def _text(value: Any) -> str | None:
    """A short identifier, or None for anything else."""
    return value if isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() else None


@dataclass(frozen=True)
class Media:
    """A file that can be downloaded for some minutes by its id. `name` is what to keep it under."""

    id: str
    mime: str
    name: str


@dataclass(frozen=True)
class Incoming:
    """A message as we can use it. `kind` is the network's own word; `told` says for a reader what else came."""

    kind: str
    text: str | None = None
    choice: str | None = None
    media: Media | None = None
    told: str | None = None


def read_message(body: dict[str, Any]) -> Incoming:
    """Raises KeyError, TypeError or ValueError for a message of a known kind without its content."""
    kind = str(body.get("type") or "unknown")
    if kind == "text":
        return Incoming(kind, text=str(body["text"]["body"]))
    if kind == "button":  # the quick reply of a template
        return Incoming(kind, text=str(body["button"]["text"]), choice=str(body["button"]["payload"]))
    if kind == "interactive":
        return _reply(body["interactive"])
    if kind in _MEDIA:
        content = body[kind]
        return Incoming(kind, text=content.get("caption") or None, media=_media(kind, content, str(body["id"])))
    return Incoming(kind, told=_told(kind, body))


def _reply(interactive: dict[str, Any]) -> Incoming:
    kind = str(interactive.get("type"))
    if kind not in ("button_reply", "list_reply"):
        return Incoming(kind)
    reply = interactive[kind]
    return Incoming(kind, text=str(reply["title"]), choice=str(reply["id"]))


# What the network calls a type, and the extension that people know it by.
_EXTENSIONS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "video/mp4": "mp4", "video/3gpp": "3gp",
    "audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/aac": "aac", "audio/amr": "amr",
    "application/pdf": "pdf", "text/plain": "txt", "text/csv": "csv",
}  # fmt: skip
_NAMES = {"image": "imagem", "video": "vídeo", "audio": "áudio", "document": "documento"}


def _media(kind: str, content: dict[str, Any], wamid: str) -> Media:
    mime = str(content.get("mime_type") or "").partition(";")[0].strip().lower()
    given = content.get("filename")
    if not isinstance(given, str) or not given.strip():
        # Files without a name of their own are told apart by the message that brought them.
        mark = hashlib.sha256(wamid.encode()).hexdigest()[:6]
        given = f"{_NAMES[kind]}-{mark}.{_EXTENSIONS.get(mime, 'bin')}"
    return Media(str(content["id"]), mime, given)


def _told(kind: str, body: dict[str, Any]) -> str | None:
    """What a human who takes part in the conversation should see of it."""
    if kind == "location":
        place = body["location"]
        words = (place.get("name"), place.get("address"), f"{place['latitude']}, {place['longitude']}")
        return "Localização: " + " — ".join(str(word) for word in words if word)
    if kind == "contacts":
        return "Contato: " + "; ".join(_card(card) for card in body["contacts"])
    if kind == "reaction":
        emoji = body["reaction"].get("emoji")
        return f"Reação: {emoji}" if emoji else None
    return {"sticker": "Figurinha"}.get(kind)


def _card(card: dict[str, Any]) -> str:
    phones = [str(phone.get("phone")) for phone in card.get("phones", ()) if phone.get("phone")]
    return " ".join([str(card["name"]["formatted_name"]), *phones])


def change_of_number(body: dict[str, Any]) -> str | None:
    """The new number, when a system message tells that the person changed it."""
    system = body.get("system") if body.get("type") == "system" else None
    if not isinstance(system, dict) or system.get("type") not in ("user_changed_number", "customer_changed_number"):
        return None
    return _text(system.get("wa_id")) or _text(system.get("new_wa_id"))

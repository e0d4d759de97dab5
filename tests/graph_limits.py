"""What Meta refuses in a message, written down from its pages and not from our renderer."""

from __future__ import annotations

from typing import Any


def complaints(message: dict[str, Any]) -> list[str]:
    """Everything that is wrong with the body of `POST /{phone}/messages`; empty when Meta would take it."""
    if message.get("messaging_product") != "whatsapp":
        return ["messaging_product"]
    if not (message.get("to") or message.get("recipient")):
        return ["no recipient"]
    if len(message.get("biz_opaque_callback_data") or "") > 512:
        return ["biz_opaque_callback_data"]
    kind = message.get("type")
    checks = {"text": _text, "interactive": _interactive, "template": _template}
    return checks[kind](message[kind]) if kind in checks else [f"type {kind}"]


def _text(text: dict[str, Any]) -> list[str]:
    return [] if _within(text.get("body"), 4096) else ["text.body"]


def _interactive(interactive: dict[str, Any]) -> list[str]:
    wrong = [] if _within(interactive["body"].get("text"), 1024) else ["interactive.body"]
    action = interactive["action"]
    return wrong + {"button": _buttons, "list": _list}[interactive["type"]](action)


def _buttons(action: dict[str, Any]) -> list[str]:
    replies = [button["reply"] for button in action["buttons"]]
    wrong = [] if 1 <= len(replies) <= 3 else ["number of buttons"]
    wrong += [f"title {reply['title']!r}" for reply in replies if not _within(reply["title"], 20)]
    wrong += [f"id {reply['id']!r}" for reply in replies if not _within(reply["id"], 256)]
    wrong += [] if _differ(reply["title"] for reply in replies) else ["equal titles"]
    return wrong + ([] if _differ(reply["id"] for reply in replies) else ["equal ids"])


def _list(action: dict[str, Any]) -> list[str]:
    sections, rows = action["sections"], [row for section in action["sections"] for row in section["rows"]]
    wrong = [] if _within(action["button"], 20) else ["list button"]
    wrong += [] if 1 <= len(rows) <= 10 and 1 <= len(sections) <= 10 else ["number of rows"]
    wrong += [f"section {s.get('title')!r}" for s in sections if not _within(s.get("title"), 24)]
    wrong += [f"row {row['title']!r}" for row in rows if not _within(row["title"], 24)]
    wrong += [f"description {row['description']!r}" for row in rows if len(row.get("description") or "") > 72]
    wrong += [f"id {row['id']!r}" for row in rows if not _within(row["id"], 200)]
    return wrong + ([] if _differ(row["id"] for row in rows) else ["equal ids"])


def _template(template: dict[str, Any]) -> list[str]:
    parameters = [p for part in template.get("components") or () for p in part.get("parameters") or ()]
    texts = [parameter.get("text") or "" for parameter in parameters]
    wrong = [f"parameter {text!r}" for text in texts if not _within(text, 1024) or "\n" in text or "    " in text]
    return wrong + ([] if template.get("name") and template["language"].get("code") else ["template"])


def _within(text: Any, limit: int) -> bool:
    return isinstance(text, str) and bool(text.strip()) and len(text) <= limit


def _differ(values: Any) -> bool:
    values = list(values)
    return len(set(values)) == len(values)

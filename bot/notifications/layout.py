"""How a letter looks, as text and as HTML. Everything that is put in is data: in HTML it is escaped."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from bot.channels.mail_in.trimming import SEPARATOR

_BODY = "font-family:Arial,Helvetica,sans-serif;font-size:15px;line-height:1.5;color:#1f2933"
_SAID = "margin:16px 0;padding:12px 16px;border-left:4px solid #2f6fde;background:#f5f8fd"
_HEAD = "padding:4px 16px 4px 0;color:#52606d;font-weight:normal;text-align:left;vertical-align:top"


@dataclass(frozen=True)
class Page:
    """`said` are a person's words, `rows` names and values, `closing` what to do next, `link` a title and an address.

    An `answerable` page bears the line above which people answer.
    """

    intro: str
    said: str | None = None
    rows: tuple[tuple[str, str], ...] = ()
    closing: tuple[str, ...] = ()
    link: tuple[str, str] | None = None
    answerable: bool = False


def as_text(page: Page) -> str:
    parts = [f"--- {SEPARATOR} ---"] if page.answerable else []
    parts.append(page.intro)
    if page.said:
        parts.append("\n".join(f"  {line}".rstrip() for line in page.said.splitlines()))
    if page.rows:
        parts.append("\n".join(f"{name}: {value}" for name, value in page.rows))
    parts += page.closing
    if page.link:
        parts.append("{}: {}".format(*page.link))
    return "\n\n".join(parts)


def as_html(page: Page) -> str:
    parts = [f"<p style='color:#7b8794;font-size:12px'>--- {SEPARATOR} ---</p>"] if page.answerable else []
    parts.append(_paragraph(page.intro))
    if page.said:
        parts.append(f"<div style='{_SAID}'>{_lines(page.said)}</div>")
    if page.rows:
        parts.append(f"<table style='{_BODY};border-collapse:collapse'>{''.join(map(_row, page.rows))}</table>")
    parts += map(_paragraph, page.closing)
    if page.link:
        title, address = page.link
        parts.append(f"<p><a href='{escape(address)}'>{escape(title)}</a></p>")
    return f"<div style='{_BODY}'>{''.join(parts)}</div>"


def _paragraph(text: str) -> str:
    return f"<p>{_lines(text)}</p>"


def _row(row: tuple[str, str]) -> str:
    name, value = row
    return f"<tr><th scope='row' style='{_HEAD}'>{escape(name)}</th><td style='padding:4px 0'>{_lines(value)}</td></tr>"


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")

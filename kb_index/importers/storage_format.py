"""A Confluence page, kept as XHTML with elements of Confluence's own, as plain HTML.

https://confluence.atlassian.com/doc/confluence-storage-format-790796544.html
"""

from __future__ import annotations

import html
import re
from datetime import date
from urllib.parse import urlencode

from bs4 import BeautifulSoup, NavigableString, Tag

from kb_index.importers.conversion import refuse_depth
from kb_index.importers.document import PAGE_SCHEME, Notes

LOST_ATTACHMENT = "links para anexos, que viraram texto"

_MACROS = ["ac:structured-macro", "ac:macro"]
# Inside a dump, where one CDATA cannot hold another, the end of the inner one is written with a gap.
_CDATA_OR_COMMENT = re.compile(r"<!\[CDATA\[(.*?)\]\][\s\u200b]?>|<!--.*?(?:-->|\Z)", re.DOTALL)
_LABELS = {"info": "Informação", "note": "Observação", "tip": "Dica", "warning": "Atenção", "panel": ""}
_CODE = {"code", "noformat"}
_INCLUDES = {"include", "excerpt-include"}
# What they show is made of other pages, or moves about in this one.
_NAVIGATION = {
    "toc", "toc-zone", "children", "pagetree", "pagetreesearch", "livesearch", "recently-updated", "contentbylabel",
    "anchor", "index", "change-history", "contributors", "gallery", "attachments", "navmap", "blog-posts", "listlabels",
    "profile", "popular-labels", "related-labels", "favpages", "content-by-user", "space-details", "page-index",
}  # fmt: skip
_DROPPED = ["ac:parameter", "ac:default-parameter", "ac:placeholder", "ac:task-id", "ac:task-uuid", "ac:adf-attribute",
            "ac:adf-node", "ac:adf-mark"]  # fmt: skip


def to_html(storage: str, notes: Notes) -> str:
    """Broken markup gives what can be read of it. What has no counterpart is counted in `notes`.

    Raises RecursionError for elements nested more than a hundred deep.
    """
    markup = _CDATA_OR_COMMENT.sub(lambda found: html.escape(found[1] or ""), storage)
    refuse_depth(markup)
    soup = BeautifulSoup(markup, "html.parser")
    # From the end, so that what lies inside a macro is ready before the macro is.
    for link in reversed(soup.find_all("ac:link")):
        _replace_link(link, notes)
    for image in reversed(soup.find_all("ac:image")):
        _replace_image(image)
    for macro in reversed(soup.find_all(_MACROS)):
        _replace_macro(macro, notes)
    _replace_small_things(soup)
    return str(soup)


def _replace_link(link: Tag, notes: Notes) -> None:
    page, attachment, address = (link.find(name) for name in ("ri:page", "ri:attachment", "ri:url"))
    body = link.find(["ac:link-body", "ac:plain-text-link-body"])
    text = body.decode_contents() if body else ""
    if attachment:
        notes[LOST_ATTACHMENT] += 1
        _put(link, text or html.escape(_attribute(attachment, "ri:filename")))
    elif page:
        _put(link, _page_link(page, text))
    elif address:
        href = _attribute(address, "ri:value")
        _put(link, f'<a href="{html.escape(href)}">{text or html.escape(href)}</a>')
    else:
        _put(link, text)


def _page_link(page: Tag, text: str = "") -> str:
    title = _attribute(page, "ri:content-title")
    href = f"{PAGE_SCHEME}:?{urlencode({'space': _attribute(page, 'ri:space-key'), 'title': title})}"
    return f'<a href="{html.escape(href)}">{text or html.escape(title)}</a>'


def _replace_image(image: Tag) -> None:
    address = image.find("ri:url")
    caption = image.find("ac:caption")
    said = caption.get_text(" ", strip=True) if caption else ""
    alt = _attribute(image, "ac:alt") or _attribute(image, "ac:title") or said
    src = _attribute(address, "ri:value") if address else ""
    _put(image, f'<img src="{html.escape(src)}" alt="{html.escape(alt)}"/>')


def _replace_macro(macro: Tag, notes: Notes) -> None:
    name = _attribute(macro, "ac:name").lower()
    body = _own(macro, "ac:rich-text-body")
    inside = body.decode_contents() if body else ""
    if name in _LABELS:
        _put(macro, _notice(_parameter(macro, "title") or _LABELS[name], inside))
    elif name in _CODE:
        _put(macro, _code(macro))
    elif name == "expand":
        _put(macro, f"<div>{_strong(_parameter(macro, 'title'))}{inside}</div>")
    elif name == "status":
        _put(macro, f"<strong>{html.escape(_parameter(macro, 'title'))}</strong>")
    elif name in _INCLUDES:
        _put(macro, _see_also(macro))
    elif body or name in _NAVIGATION:
        _put(macro, f"<div>{inside}</div>" if body else "")
    else:
        notes[f"macros sem equivalente ({name or 'sem nome'})"] += 1
        macro.decompose()


def _see_also(macro: Tag) -> str:
    """A page shown inside this one is an article of its own; its link has been replaced already, or stands bare."""
    link, page = macro.find("a"), macro.find("ri:page")
    shown = str(link) if link else _page_link(page) if page else ""
    return f"<p>Veja também: {shown}</p>" if shown else ""


def _notice(label: str, inside: str) -> str:
    return f"<blockquote>{_strong(label)}{inside}</blockquote>"


def _strong(label: str) -> str:
    return f"<p><strong>{html.escape(label)}</strong></p>" if label else ""


def _code(macro: Tag) -> str:
    body = _own(macro, "ac:plain-text-body")
    language = re.sub(r"\W", "", _parameter(macro, "language"))
    text = html.escape(body.get_text()) if body else ""
    return f'{_strong(_parameter(macro, "title"))}<pre><code class="language-{language}">{text}</code></pre>'


def _replace_small_things(soup: Tag) -> None:
    for tag in soup.find_all(_DROPPED):
        tag.decompose()
    for status in soup.find_all("ac:task-status"):
        status.replace_with("☑ " if status.get_text(strip=True) == "complete" else "☐ ")
    for old, new in (("ac:task-list", "ul"), ("ac:task", "li"), ("ac:task-body", "span")):
        for tag in soup.find_all(old):
            tag.name = new
    for emoticon in soup.find_all("ac:emoticon"):
        fallback = _attribute(emoticon, "ac:emoji-fallback")
        emoticon.replace_with("" if fallback.startswith(":") else fallback)
    for time in soup.find_all("time"):
        time.replace_with(_day(_attribute(time, "datetime")) or time.get_text())
    for tag in soup.find_all(re.compile("^(ac|ri|at):")):
        tag.unwrap()


def _day(written: str) -> str | None:
    try:
        return date.fromisoformat(written[:10]).strftime("%d/%m/%Y")
    except ValueError:
        return None


def _put(tag: Tag, markup: str) -> None:
    """Puts HTML in a tag's place."""
    fragment = BeautifulSoup(markup, "html.parser")
    tag.replace_with(*list(fragment.contents) or [NavigableString("")])


def _own(macro: Tag, name: str) -> Tag | None:
    return macro.find(name, recursive=False)


def _parameter(macro: Tag, name: str) -> str:
    found = macro.find("ac:parameter", attrs={"ac:name": name}, recursive=False)
    return found.get_text(" ", strip=True) if found else ""


def _attribute(tag: Tag, name: str) -> str:
    return str(tag.get(name) or "").strip()

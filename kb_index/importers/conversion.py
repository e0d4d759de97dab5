"""HTML of any origin as Markdown that the knowledge base renders: no scripts, no pictures, no link into the void.

Pictures become links: the pages of the service show none that lie elsewhere. Struck-out text is left out, since our
Markdown cannot show that it no longer holds.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import nh3
from bs4 import BeautifulSoup, NavigableString, Tag
from markdownify import MarkdownConverter

from kb_index.importers.document import PAGE_SCHEME, Notes
from kb_index.importers.reading import without_controls
from kb_index.terms import fold

# Address → where it leads from an article of ours, or None if it leads to no article.
Resolve = Callable[[str], str | None]

LOST_PICTURE = "imagens sem endereço público"
LOST_LINK = "links sem destino, que viraram texto"
STRUCK_OUT = "trechos riscados"

# Of these not even the text is kept.
_DROPPED = {
    "script", "style", "noscript", "template", "object", "embed", "applet", "svg", "math", "canvas", "title", "nav",
    "footer", "form", "select", "textarea", "button",
}  # fmt: skip
_KEPT = {
    "main", "article", "section", "div", "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl",
    "dt", "dd", "blockquote", "pre", "code", "kbd", "samp", "strong", "b", "em", "i", "a", "img", "s", "del", "strike",
    "details", "summary", "figure", "figcaption", "iframe", "video", "audio", "source", "table", "caption", "thead",
    "tbody", "tfoot", "tr", "td", "th",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href"}, "img": {"src", "alt"}, "iframe": {"src"}, "video": {"src"}, "audio": {"src"}, "source": {"src"},
    "td": {"rowspan", "colspan"}, "th": {"rowspan", "colspan"}, "ol": {"start"}, "pre": {"class"}, "code": {"class"},
}  # fmt: skip
_BLOCKS = [
    "p", "div", "ul", "ol", "table", "pre", "blockquote", "section", "article", "dl", "h1", "h2", "h3", "h4", "h5", "h6",
]  # fmt: skip
HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_PLAYERS = ["iframe", "video", "audio"]
_SCHEMES = {"http", "https", "mailto", "tel"}
_SPACES = str.maketrans({"\xa0": " ", "\u200b": None, "\ufeff": None, "\xad": None, "\u2028": " ", "\u2029": " "})
_FILE_NAME = re.compile(r"[\w .()-]+\.(png|jpe?g|gif|svg|webp|bmp)", re.IGNORECASE)
_LONGEST_QUESTION, _MOST_QUESTIONS = 200, 20
_WIDEST_SPAN = 50
_TAG = re.compile(r"""<(/?)([a-zA-Z][\w:-]*)(?:[^<>"']|"[^"]*"|'[^']*')*?(/?)>""")
_VOID = {"br", "hr", "img", "input", "col", "source", "meta", "link", "wbr", "area", "base", "embed", "param", "track"}
_DEEPEST = 100


@dataclass(frozen=True)
class Converted:
    """`questions` are the headings that ask something: people who write FAQs phrase them as their readers would."""

    markdown: str
    questions: tuple[str, ...]


def to_markdown(html: str, title: str, resolve: Resolve, notes: Notes) -> Converted:
    """Raises RecursionError for elements nested more than a hundred deep. What had to be left out is counted in `notes`."""
    soup = parse(html)
    _drop_struck_out(soup, notes)
    for picture in soup.find_all("img"):
        _replace_picture(picture, notes)
    for link in soup.find_all("a"):
        _mend_link(link, resolve, notes)
    _mend_blocks(soup)
    _mend_headings(soup, title)
    questions = tuple(dict.fromkeys(_questions(soup)))[:_MOST_QUESTIONS]
    for table in reversed(soup.find_all("table")):
        _square(table)
    return Converted(
        _Markdown(heading_style="atx", bullets="-", autolinks=False).convert_soup(soup).strip() + "\n", questions
    )


def plain(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def parse(html: str) -> Tag:
    """The text of a page without what stands around it, as a browser would understand it; of a fragment, all of it."""
    tidy = nh3.clean(
        html,
        tags=_KEPT,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES | {PAGE_SCHEME},
        link_rel=None,
    )
    refuse_depth(tidy)
    soup = BeautifulSoup(without_controls(tidy.replace("&nbsp;", " ")).translate(_SPACES), "html.parser")
    return soup.find("main") or soup.find("article") or soup


def refuse_depth(markup: str) -> None:
    """Raises RecursionError for elements nested so deep that converting them would take for ever, or the stack."""
    depth = 0
    for closing, name, empty in _TAG.findall(markup):
        if not empty and name.lower() not in _VOID:
            depth += -1 if closing else 1
        if depth > _DEEPEST:
            raise RecursionError(f"more than {_DEEPEST} elements in one another")


def _drop_struck_out(soup: Tag, notes: Notes) -> None:
    for struck in soup.find_all(["s", "del", "strike"]):
        notes[STRUCK_OUT] += bool(plain(struck))
        struck.decompose()


def _replace_picture(picture: Tag, notes: Notes) -> None:
    """A link to a picture with a public address; of any other its description, if it has one worth reading."""
    alt = " ".join(str(picture.get("alt") or "").split())
    address = _safe(str(picture.get("src") or ""))
    described = "" if _FILE_NAME.fullmatch(alt) else alt
    if address is None:
        notes[LOST_PICTURE] += 1
        picture.replace_with(NavigableString(described))
    elif picture.find_parent("a"):
        picture.replace_with(NavigableString(described or "imagem"))
    else:
        picture.replace_with(_link(address, f"Imagem: {described}" if described else "Imagem"))


def _mend_link(link: Tag, resolve: Resolve, notes: Notes) -> None:
    href = str(link.get("href") or "").strip()
    target = resolve(href) or _safe(href)
    if target is None:
        notes[LOST_LINK] += bool(href) and not href.startswith("#")
        link.unwrap()
        return
    link.attrs = {"href": target}
    if link.find(_BLOCKS):
        link.string = plain(link)


def _safe(href: str) -> str | None:
    """An address that a reader elsewhere can follow, without what would end a link in Markdown."""
    address = f"https:{href}" if href.startswith("//") else href
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme.lower() not in _SCHEMES or not (parts.netloc or parts.path):
        return None
    return quote(address, safe="%/:?#@!$&'*+,;=~[]-._")


def _link(address: str, text: str) -> Tag:
    link = Tag(name="a", attrs={"href": address})
    link.string = text
    return link


def _mend_blocks(soup: Tag) -> None:
    for player in soup.find_all(_PLAYERS):
        source = player if player.get("src") else player.find("source")
        address = _safe(str(source.get("src") or "")) if source else None
        player.replace_with(_link(address, "Vídeo") if address else NavigableString(""))
    for title in soup.find_all(["summary", "dt"]):
        title.name = "p"
        title.attrs = {}
        _embolden(title)
    for tag in soup.find_all(["dd", "dl", "details", "figure", "figcaption"]):
        tag.name = "div"
    for tag in soup.find_all(["strong", "b", "em", "i"]):
        if tag.find(_BLOCKS):
            tag.unwrap()


def _embolden(tag: Tag) -> None:
    text = plain(tag)
    tag.clear()
    strong = Tag(name="strong")
    strong.string = text
    tag.append(strong)


def _mend_headings(soup: Tag, title: str) -> None:
    """The title stands above the article already, and headings of the first level are its own."""
    first = soup.find(HEADINGS)
    if first and fold(plain(first)) == fold(" ".join(title.split())):
        first.decompose()
    if soup.find("h1"):
        for heading in soup.find_all(HEADINGS):
            heading.name = f"h{min(int(heading.name[1]) + 1, 6)}"


def _questions(soup: Tag) -> Iterator[str]:
    for tag in soup.find_all([*HEADINGS, "p"]):
        text = plain(tag)
        if text.endswith("?") and len(text) <= _LONGEST_QUESTION and (tag.name != "p" or _is_bold(tag, text)):
            yield text


def _is_bold(paragraph: Tag, text: str) -> bool:
    strong = paragraph.find(["strong", "b"])
    return strong is not None and plain(strong) == text


def _square(table: Tag) -> None:
    """Gives every row the same number of cells, the first row being the heading; a table for looks only is undone."""
    rows = list(_rows(table))
    width = max(map(len, rows), default=0)
    if width < 2 or len(rows) < 2 or table.find_parent("table"):
        _undo(table, rows)
        return
    caption = table.find("caption")
    if caption:
        caption.name = "p"
        table.insert_before(caption.extract())
    table.clear()
    for number, row in enumerate(rows):
        line = Tag(name="tr")
        line.extend(_cell(cell, "th" if number == 0 else "td") for cell in [*row, *[None] * (width - len(row))])
        table.append(line)


def _rows(table: Tag) -> Iterator[list[Tag | None]]:
    """Cells by column; one that spans rows is repeated in each, one that spans columns stands in the first."""
    spanning: dict[int, tuple[int, Tag]] = {}
    for row in table.find_all("tr"):
        waiting = row.find_all(["td", "th"])
        cells: list[Tag | None] = []
        while waiting or len(cells) in spanning:
            if len(cells) in spanning:
                cells.append(_take(spanning, len(cells)))
                continue
            cell = waiting.pop(0)
            if _span(cell, "rowspan") > 1:
                spanning[len(cells)] = (_span(cell, "rowspan") - 1, cell)
            cells += [cell, *[None] * (_span(cell, "colspan") - 1)]
        if any(cell is not None and plain(cell) for cell in cells):
            yield cells


def _take(spanning: dict[int, tuple[int, Tag]], column: int) -> Tag:
    left, cell = spanning.pop(column)
    if left > 1:
        spanning[column] = (left - 1, cell)
    return copy.copy(cell)


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name) or "1").strip()
    return min(int(value), _WIDEST_SPAN) if value.isdecimal() and int(value) > 0 else 1


def _cell(cell: Tag | None, name: str) -> Tag:
    if cell is None:
        return Tag(name=name)
    cell.name = name
    cell.attrs = {}
    for item in cell.find_all("li"):
        item.name = "p"
        item.insert(0, "• ")
    for block in cell.find_all(["ul", "ol", "pre"]):
        block.name = "div"
    return cell


def _undo(table: Tag, rows: list[list[Tag | None]]) -> None:
    cells = [cell for row in rows for cell in row if cell is not None]
    for cell in cells:
        cell.extract()
        cell.name = "div"
        cell.attrs = {}
    table.name = "div"
    table.clear()
    table.extend(cells)


class _Markdown(MarkdownConverter):
    """Escapes what would be Markdown by accident and no more, so that a person can go on editing the text."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        text = re.sub(r"([\\`*\[\]|])", r"\\\1", text)
        text = re.sub(r"<(?=[a-zA-Z/!?])", r"\\<", text)
        text = re.sub(r"&(?=#?\w{1,32};)", r"\\&", text)
        text = re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)
        text = re.sub(r"^(#{1,6}|>|[-+]|-{2,}|=+|~{3,})(?=\s|$)", r"\\\1", text, flags=re.MULTILINE)
        return re.sub(r"^(\d{1,9})([.)])(?=\s|$)", r"\1\\\2", text, flags=re.MULTILINE)

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return " " + re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split())) + " |"

    convert_th = convert_td

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
        fence = "`" * (longest + 1)
        return f"\n\n{fence}{_language(el)}\n{text.strip(chr(10))}\n{fence}\n\n" if text.strip() else ""


def _language(block: Tag) -> str:
    classes = [name for tag in [block, *block.find_all("code")] for name in tag.get("class") or []]
    names = (re.fullmatch(r"(?:lang|language)-(\w{1,20})", name) for name in classes)
    return next((name[1] for name in names if name), "")

"""The text of an HTML mail. Quotations get the `>` of plain mail.

The standard library's parser takes minutes for half a megabyte of unclosed comments, so the tokens are cut here: every
character is looked at a bounded number of times, whatever the page is like.
"""

from __future__ import annotations

import re
from html import unescape

_LONGEST = 500_000
_DEEPEST_QUOTE = 5
_TOKEN = re.compile(
    r"""<!--.*?(?:-->|\Z)
      | <(?P<end>/?)(?P<tag>[a-z][a-z0-9:]*+)(?P<attributes>(?:[^<>"']++|"[^"]{0,2000}+"|'[^']{0,2000}+'){0,200}+)>
      | <[!?][^<>]*+>?
      | (?P<text>[^<]++|<)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_SILENT = {"script", "style", "title", "template", "noscript"}
_BLOCKS = {
    "address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
_SPACED = {"p", "ul", "ol", "table", "h1", "h2", "h3"}
# Elements that have no end, so that hiding one hides nothing after it.
_VOID = {"img", "br", "hr", "input", "meta", "link", "col", "wbr", "area", "base", "source"}
_HIDDEN = re.compile(r"""style\s*=\s*["'][^"']*display\s*:\s*none""", re.IGNORECASE)


def page_text(page: str) -> str:
    """Takes anything; what is not HTML comes out as it is."""
    reader = _Reader()
    for token in _TOKEN.finditer(page[:_LONGEST]):
        if token["text"]:
            reader.text(unescape(token["text"]))
        elif token["tag"] and token["end"]:
            reader.end(token["tag"].lower())
        elif token["tag"]:
            reader.begin(token["tag"].lower(), token["attributes"])
    return reader.result()


class _Reader:
    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = self._as_is = 0
        # The outermost element that is not shown, and how many of its name are open.
        self._silent, self._silent_depth = "", 0

    def begin(self, tag: str, attributes: str) -> None:
        if self._silent:
            self._silent_depth += tag == self._silent
        elif tag not in _VOID and (tag in _SILENT or _HIDDEN.search(attributes)):
            self._silent, self._silent_depth = tag, 1
        else:
            self._show(tag)

    def _show(self, tag: str) -> None:
        if tag == "br":
            self._end_line(always=True)
        elif tag in ("td", "th"):
            self._line.append(" ")
        elif tag in _BLOCKS:
            self._end_line(blank=tag in _SPACED)
        if tag == "li":
            self._line.append("- ")
        self._quotes += tag == "blockquote"
        self._as_is += tag == "pre"

    def end(self, tag: str) -> None:
        if self._silent:
            self._silent_depth -= tag == self._silent
            self._silent = self._silent if self._silent_depth else ""
            return
        if tag in _BLOCKS:
            self._end_line(blank=tag in _SPACED)
        self._quotes -= tag == "blockquote" and self._quotes > 0
        self._as_is -= tag == "pre" and self._as_is > 0

    def text(self, data: str) -> None:
        if self._silent:
            return
        if not self._as_is:
            self._line.append(re.sub(r"\s+", " ", data))
            return
        first, *others = data.split("\n")
        self._line.append(first)
        for other in others:
            self._end_line(always=True)
            self._line.append(other)

    def result(self) -> str:
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()

    def _end_line(self, *, blank: bool = False, always: bool = False) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._as_is else re.sub(r" {2,}", " ", line).strip()
        mark = "> " * min(self._quotes, _DEEPEST_QUOTE)
        if line or always:
            self._lines.append(f"{mark}{line}".rstrip())
        if blank and self._lines and self._lines[-1].strip("> "):
            self._lines.append(mark.rstrip())
        self._line = []

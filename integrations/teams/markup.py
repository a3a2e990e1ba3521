"""What people wrote, out of Teams' HTML, as plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from workbot.texts import clean

# What begins no tag that also ends: of that the reader of HTML would make errors, or search for its end each time anew.
NO_TAG = re.compile(r"<(?!/?[A-Za-z][^<>]*>)")


class Words(HTMLParser):
    """The words of HTML: paragraphs and list items on lines of their own, and of links what they lead to."""

    BREAKS = frozenset({"p", "div", "br", "li", "tr", "blockquote", "h1", "h2", "h3", "pre", "table"})
    SILENT = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._link = ""
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag in self.SILENT:
            self._silent += 1
        if tag in self.BREAKS:
            self.parts.append("\n")
        if tag == "a":
            self._link = known.get("href") or ""
        if tag in ("img", "emoji") and known.get("alt"):
            self.parts.append(str(known["alt"]))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in self.BREAKS and tag != "br":
            self.parts.append("\n")
        if tag == "a" and self._link:
            if self._link.startswith(("http://", "https://")) and self._link not in "".join(self.parts[-3:]):
                self.parts.append(f" ({self._link})")
            self._link = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain(html: str) -> str:
    """The words of a message's HTML."""
    reader = Words()
    reader.feed(NO_TAG.sub("&lt;", clean(html)))
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

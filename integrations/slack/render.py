"""Cards as Block Kit: within every limit of Slack's, with nothing lost and nothing of what people wrote read as markup.

Limits are those of https://docs.slack.dev/reference/block-kit/blocks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from integrations.slack import options
from integrations.slack.charts import charts
from integrations.slack.packing import BLOCKS, CHARACTERS, length, packed, within_page
from integrations.slack.tables import INSTEAD, columns, is_small, simplified, table_block
from integrations.slack.texts import Element, escaped, muted, plain, rich, words
from workbot.cards import (
    Attachment,
    Button,
    Buttons,
    Card,
    Fact,
    Facts,
    Image,
    Option,
    Progress,
    Select,
    Table,
    Text,
    plain_text,
)
from workbot.cards import Element as CardElement
from workbot.cards.links import whole_url
from workbot.i18n import Language
from workbot.seals import Seal, memo_key
from workbot.texts import clean, cut, labelled, size, split

LONGEST_TEXT = 2900
LONGEST_MUTED = 1900
LONGEST_FACT, LONGEST_FACT_VALUE = 500, 2300
LONGEST_TITLE = 150
LONGEST_LABEL = 75
LONGEST_ALT = 2000
LONGEST_FALLBACK = 3000
LONGEST_URL = 3000
# What Slack takes as the value of a button, and of an option.
LONGEST_VALUE, LONGEST_OPTION = 2000, 150
LONGEST_VIEW_TITLE = 24
MOST_BUTTONS = 25
BAR = 10
TONES = {"plain": "", "good": "✅ ", "warn": "⚠️ ", "bad": "⛔ "}
STYLES = {"primary", "danger"}


@dataclass(frozen=True, slots=True)
class Content:
    """A card to draw, for whom, and where its files are: Slack's ids of pictures, and addresses of documents."""

    card: Card
    lang: Language
    base_url: str
    pictures: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message: what notifications and screen readers say of it, its blocks, and the same without newer kinds."""

    text: str
    blocks: list[Element]
    simpler: list[Element]


@dataclass(frozen=True, slots=True)
class Parts:
    """A card as messages: the first, what goes under it, and the values that are too long for Slack, to be kept."""

    first: Rendered
    rest: tuple[Rendered, ...]
    memos: Mapping[str, str]


def message(content: Content, seal: Seal) -> Parts:
    """A card as one message, or as several where it is longer than one may be."""
    drawing = Drawing(seal)
    pages = packed(list(drawing.card(content)))
    title, lang = clean(content.card.title), content.lang
    texts = [_fallback(content.card), *(escaped(cut(_continued(title, lang), LONGEST_FALLBACK)) for _ in pages[1:])]
    drawn = [Rendered(text, bare(page), simplified(page)) for text, page in zip(texts, pages, strict=True)]
    return Parts(drawn[0], tuple(drawn[1:]), drawing.memos)


def page(contents: Sequence[Content], seal: Seal) -> list[Element]:
    """Cards under one another, as somebody's Home."""
    drawing, blocks = Drawing(seal, in_message=False), list[Element]()
    for content in contents:
        blocks += [{"type": "divider"}] if blocks else []
        blocks += drawing.card(content)
    if not contents:
        return []
    return within_page(blocks, contents[0].lang, contents[0].base_url)


def view_of(content: Content, seal: Seal) -> dict[str, Any]:
    """A card as a modal to read, and to press its buttons in."""
    drawing, lang = Drawing(seal, in_message=False), content.lang
    return {
        "type": "modal",
        "title": plain(cut(one_line(content.card.title), LONGEST_VIEW_TITLE) or "workbot"),
        "close": plain(lang("Close")),
        "blocks": within_page(list(drawing.card(content)), content.lang, content.base_url),
    }


def memos(contents: Sequence[Content], seal: Seal) -> Mapping[str, str]:
    """The values in a page or modal that are too long for Slack, to be kept before it is shown."""
    drawing = Drawing(seal, in_message=False)
    for content in contents:
        deque(drawing.card(content), maxlen=0)
    return drawing.memos


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


class Drawing:
    """Draws the cards of one message or page, in which no two buttons have the same id."""

    def __init__(self, seal: Seal, *, in_message: bool = True) -> None:
        self.seal = seal
        # Elsewhere there are neither tables nor threads.
        self.in_message = in_message
        self.memos: dict[str, str] = {}
        self._count = 0
        self._has_charts = False

    def card(self, content: Content) -> Iterator[Element]:
        card, title = content.card, one_line(content.card.title)
        if title:
            marked = TONES[card.tone] + title
            yield {"type": "header", "text": plain(cut(marked, LONGEST_TITLE))}
            if size(marked) > LONGEST_TITLE:
                yield from _paragraphs(title, "strong")
        for element in card.body:
            yield from self._element(element, content)
        if card.replies and self.in_message:
            text = content.lang("{invitation}: write in the thread of this message.", invitation=one_line(card.replies))
            yield from _paragraphs(f"💬 {text}", "muted")
        if not (title or card.body):
            yield muted("–")

    def _element(self, element: CardElement, content: Content) -> Iterable[Element]:
        match element:
            case Text(body=body, style=style):
                return _paragraphs(body, style)
            case Facts(items=items):
                return _facts(items, content.lang)
            case Image():
                return self._drawn(element, content)
            case Attachment():
                return _attachment(element, content)
            case Progress():
                return _progress(element)
            case Table():
                return self._table(element)
            case Buttons(buttons=buttons):
                return self._buttons(buttons, content)
            case Select():
                return self._select(element, content)
            case _:
                assert_never(element)

    def _table(self, table: Table) -> Iterator[Element]:
        if table.caption:
            yield from _paragraphs(table.caption, "strong")
        block = table_block(table)
        simple = list(columns(block))
        if self.in_message and is_small(table) and len(simple) <= BLOCKS and length(simple) <= CHARACTERS:
            yield block
        else:
            yield from simple

    def _buttons(self, buttons: Sequence[Button], content: Content) -> Iterator[Element]:
        drawn = []
        for button in buttons:
            if size(button.label) > LONGEST_LABEL:
                yield from _paragraphs(button.label, "muted")
            if button.url and not whole_url(button.url, content.base_url, LONGEST_URL):
                # Slack opens web addresses only; others can still be read.
                yield from _paragraphs(f"{labelled(button.label)} {button.url}", "muted")
            else:
                drawn.append(self._button(button, content))
        for start in range(0, len(drawn), MOST_BUTTONS):
            yield {"type": "actions", "elements": drawn[start : start + MOST_BUTTONS]}

    def _button(self, button: Button, content: Content) -> Element:
        label = cut(one_line(button.label), LONGEST_LABEL) or "–"
        drawn: Element = {"type": "button", "text": plain(label)}
        if url := whole_url(button.url, content.base_url, LONGEST_URL):
            drawn |= {"url": url, "action_id": self._id("link")}
        else:
            drawn |= {"action_id": self._id(button.action), "value": self._value(button.action, button.value)}
        if button.style in STYLES:
            drawn["style"] = button.style
        if button.hint:
            drawn["accessibility_label"] = cut(one_line(f"{labelled(button.label)} {button.hint}"), LONGEST_LABEL)
        return drawn

    def _drawn(self, image: Image, content: Content) -> Iterator[Element]:
        """A picture; the first of a message is drawn by Slack where it can be, and stands in for that."""
        blocks = charts(image.drawn) if self.in_message and not self._has_charts else []
        if not blocks:
            yield from _image(image, content)
            return
        self._has_charts = True
        yield blocks[0] | {INSTEAD: list(_image(image, content))}
        yield from (block | {INSTEAD: []} for block in blocks[1:])

    def _select(self, select: Select, content: Content) -> Iterator[Element]:
        closed = [self.seal.close(clean(select.action), clean(option.value)) for option in select.options]
        if not closed or any(size(value) > LONGEST_OPTION for value in closed):
            yield from _paragraphs(select.label, "strong")
            buttons = [Button(option.label, select.action, option.value) for option in select.options]
            yield from self._buttons(buttons, content)
            return
        if size(select.label) > LONGEST_TEXT:
            yield from _paragraphs(select.label, "muted")
        if long := options.shortened(option.label for option in select.options):
            yield from _paragraphs("\n".join(long), "muted")
        for start in range(0, len(closed), options.MOST):
            span = slice(start, start + options.MOST)
            yield self._list(select, select.options[span], closed[span])

    def _list(self, select: Select, some: Sequence[Option], closed: Sequence[str]) -> Element:
        drawn = [options.option(option.label, value) for option, value in zip(some, closed, strict=True)]
        chosen = [mine for mine, option in zip(drawn, some, strict=True) if option.value == select.selected]
        listed: Element = {"type": "static_select", "action_id": self._id(select.action), "options": drawn}
        listed["placeholder"] = plain(cut(one_line(select.label), LONGEST_TITLE) or "–")
        if chosen and select.selected:
            listed["initial_option"] = chosen[0]
        label = plain(cut(clean(select.label), LONGEST_TEXT) or "–")
        return {"type": "section", "text": label, "accessory": listed}

    def _id(self, action: str) -> str:
        self._count += 1
        return f"{cut(action, 200)}|{self._count}"

    def _value(self, action: str, value: str) -> str:
        closed = self.seal.close(action, clean(value))
        if size(closed) <= LONGEST_VALUE:
            return closed
        key = memo_key(clean(value))
        self.memos[key] = clean(value)
        return self.seal.close_memo(action, key)


def _paragraphs(body: str, style: str) -> Iterator[Element]:
    body = clean(body)
    if not body.strip():
        return
    if style == "muted":
        yield from (muted(piece) for piece in split(body, LONGEST_MUTED) if piece.strip())
        return
    kind = "quote" if style == "quote" else "section"
    for piece in split(body, LONGEST_TEXT):
        yield rich(kind, words(piece, bold=style == "strong"))


def _facts(items: Sequence[Fact], lang: Language) -> Iterator[Element]:
    """Lines of a label and its value, in as few blocks as they fit."""
    line: list[Element] = []
    length = 0
    for fact in items:
        label = lang.label(cut(one_line(fact.label), LONGEST_FACT)) + " "
        pieces = list(split(fact.value, LONGEST_FACT_VALUE)) or ["–"]
        if size(fact.label) > LONGEST_FACT:
            pieces = [*split(fact.label, LONGEST_FACT_VALUE), *pieces]
        longest = size(label) + size(pieces[0])
        if line and length + longest > LONGEST_TEXT:
            yield rich("section", *line)
            line, length = [], 0
        line += [words("\n")] if line else []
        line += [words(label, bold=True), words(pieces[0])]
        length += longest + 1
        for piece in pieces[1:]:
            yield rich("section", *line)
            line, length = [words(piece)], size(piece)
    if line:
        yield rich("section", *line)


def bare(blocks: Sequence[Element]) -> list[Element]:
    """Blocks as Slack takes them, without what stands in for those that it may not take."""
    return [{name: value for name, value in block.items() if name != INSTEAD} for block in blocks]


def _image(image: Image, content: Content) -> Iterator[Element]:
    alt = one_line(image.alt) or one_line(content.card.title) or "–"
    if slack_id := content.pictures.get(image.file):
        yield {"type": "image", "slack_file": {"id": slack_id}, "alt_text": cut(alt, LONGEST_ALT)}
        if size(alt) > LONGEST_ALT:
            yield from _paragraphs(alt, "muted")
    else:
        yield from _paragraphs(alt, "muted")


def _attachment(file: Attachment, content: Content) -> Iterator[Element]:
    name = cut(one_line(file.name), LONGEST_MUTED) or "–"
    url = content.links.get(file.file, "")
    shown = {"type": "link", "url": url, "text": name} if url else words(name)
    yield rich("section", words("📎 "), shown)
    if size(file.name) > LONGEST_MUTED:
        yield from _paragraphs(file.name, "muted")


def _progress(progress: Progress) -> Iterator[Element]:
    full, empty = progress.cells(BAR)
    return _paragraphs(f"{'▰' * full}{'▱' * empty}  {one_line(progress.label)}", "plain")


def _fallback(card: Card) -> str:
    """A card in words, for notifications, and for those who hear messages rather than see them."""
    return escaped(cut(plain_text(card), LONGEST_FALLBACK)) or "workbot"


def _continued(title: str, lang: Language) -> str:
    return lang("Continued: {title}", title=title)

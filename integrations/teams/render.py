"""Cards as Adaptive Cards 1.5: within every limit of Teams', with nothing lost and nothing of what people wrote read as
markup.

Elements are those of https://adaptivecards.io/explorer, as Teams takes them:
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from integrations.teams import tables
from integrations.teams.texts import (
    Element,
    cut_bytes,
    heading,
    is_literal,
    one_line,
    paragraphs,
    rich,
    runs,
    weight,
    words,
)
from workbot.cards import (
    Attachment,
    Button,
    Buttons,
    Card,
    Fact,
    Facts,
    Image,
    Progress,
    Select,
    Table,
    Text,
    plain_text,
)
from workbot.i18n import Language
from workbot.links import whole_url
from workbot.seals import Seal, memo_key
from workbot.texts import clean, cut, size

# Where a card is shown: what can be pressed there differs.
Surface = Literal["message", "dialog", "result"]

# Teams takes 28 KB with all that a card travels in.
LARGEST_BODY = 19_000
LONGEST_SPOKEN = 2000
LONGEST_TITLE = 300
LONGEST_LABEL = 80
LONGEST_FACT, LONGEST_FACT_LINE, LARGEST_FACTS = 200, 1500, 6000
LONGEST_ALT = 1000
LONGEST_HINT = 100
LONGEST_URL = 2000
LONGEST_OPTION, LARGEST_LIST = 200, 9000
# In bytes; what is longer is kept here under a name.
LARGEST_VALUE = 1000
# Teams shows six buttons in a row, and hides more behind three dots.
MOST_BUTTONS = 6
BAR = 10
TONES = {"plain": "", "good": "✅ ", "warn": "⚠️ ", "bad": "⛔ "}
BOXES = {"good": "good", "warn": "warning", "bad": "attention"}
STYLES = {"primary": "positive", "danger": "destructive"}
# Where a button keeps what it stands for, and the action of the button beside a list.
SEALED = "workbot"
PICK = "teams.pick"
# The action of the button that opens a form which is kept.
OPEN_FORM = "teams.form"
VERB = "workbot"


def is_way_in(action: str) -> bool:
    """Whether a button opens a form that is kept."""
    return action == OPEN_FORM


@dataclass(frozen=True, slots=True)
class Content:
    """A card to draw, for whom, and where its pictures and documents are to be had."""

    card: Card
    lang: Language
    base_url: str
    pictures: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    # Which actions are answered with a form.
    asks: Callable[[str], bool] = is_way_in


@dataclass(frozen=True, slots=True)
class Parts:
    """A card as Adaptive Cards: the first, what goes on under it, and the values that are too long to be sent along."""

    first: Element
    rest: tuple[Element, ...]
    memos: Mapping[str, str]
    title: str


def message(content: Content, seal: Seal, surface: Surface = "message") -> Parts:
    """A card as one Adaptive Card, or as several where it is larger than one may be."""
    drawing = Drawing(seal, surface)
    bodies = _packed(list(drawing.card(content)) or [words("–")])
    title, lang = one_line(content.card.title), content.lang
    spoken = cut_bytes(plain_text(content.card), LONGEST_SPOKEN) or "workbot"
    said = [spoken, *(cut_bytes(_continued(title, lang), LONGEST_SPOKEN) for _ in bodies[1:])]
    drawn = [adaptive(body, text, lang) for body, text in zip(bodies, said, strict=True)]
    return Parts(drawn[0], tuple(drawn[1:]), drawing.memos, cut(title, LONGEST_TITLE) or "workbot")


def adaptive(body: Sequence[Element], spoken: str, lang: Language) -> Element:
    """An Adaptive Card, with the words for those who hear it or whose client shows none."""
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "lang": lang.locale,
        "speak": spoken,
        "fallbackText": spoken,
        "msteams": {"width": "full"},
        "body": list(body),
    }


class Drawing:
    """Draws the parts of one card."""

    def __init__(self, seal: Seal, surface: Surface = "message") -> None:
        self.seal = seal
        self.surface = surface
        self.memos: dict[str, str] = {}
        self._count = 0

    def card(self, content: Content) -> Iterator[Element]:
        card, title = content.card, one_line(content.card.title)
        if title:
            yield from _title(TONES[card.tone] + title, BOXES.get(card.tone, ""))
        for element in card.body:
            yield from self._element(element, content)
        if card.replies and self.surface == "message":
            text = content.lang("{invitation}: choose “Reply” on this message.", invitation=one_line(card.replies))
            yield words(f"💬 {text}", isSubtle=True)

    def _element(self, element: Any, content: Content) -> Iterable[Element]:
        match element:
            case Text(body=body, style=style):
                return _text(body, style)
            case Facts(items=items):
                return _facts(items, content.lang)
            case Image():
                return _image(element, content)
            case Attachment():
                return _attachment(element, content)
            case Progress():
                return _progress(element)
            case Table():
                return tables.drawn(element)
            case Buttons(buttons=buttons):
                return self._buttons(buttons, content)
            case Select():
                return self._select(element, content)
        raise TypeError(f"no way to draw {type(element).__name__}")

    def _buttons(self, buttons: Sequence[Button], content: Content) -> Iterator[Element]:
        drawn = []
        for button in buttons:
            if size(one_line(button.label)) > LONGEST_LABEL:
                yield from paragraphs(button.label, isSubtle=True)
            if button.url and not whole_url(button.url, content.base_url, LONGEST_URL):
                # Teams opens web addresses only; others can still be read.
                yield from paragraphs(f"{button.label}: {button.url}", isSubtle=True)
            elif button.url or self.surface != "result":
                drawn.append(self._button(button, content))
        for start in range(0, len(drawn), MOST_BUTTONS):
            yield {"type": "ActionSet", "actions": drawn[start : start + MOST_BUTTONS]}

    def _button(self, button: Button, content: Content) -> Element:
        label = cut(one_line(button.label), LONGEST_LABEL) or "–"
        look: Element = {"style": STYLES[button.style]} if button.style in STYLES else {}
        if button.hint:
            look["tooltip"] = cut(one_line(button.hint), LONGEST_HINT)
        if url := whole_url(button.url, content.base_url, LONGEST_URL):
            return {"type": "Action.OpenUrl", "title": label, "url": url} | look
        data: Element = {SEALED: self._sealed(button.action, button.value)}
        if self.surface == "message" and content.asks(button.action):
            # Nothing but this opens a dialog.
            opening = {"type": "Action.Submit", "title": label, "data": {"msteams": {"type": "task/fetch"}, **data}}
            return opening | {"associatedInputs": "none"} | look
        return self.pressed(label, data, with_inputs=False) | look

    def pressed(self, label: str, data: Element, *, with_inputs: bool) -> Element:
        """A button that comes back to us. In a dialog only those that send it do."""
        action: Element = {"type": "Action.Submit", "title": label, "data": data}
        if self.surface == "message":
            action = {"type": "Action.Execute", "title": label, "verb": VERB, "data": data}
        # Else each button would ask for all that is to be filled in on the card.
        return action if with_inputs else action | {"associatedInputs": "none"}

    def _select(self, select: Select, content: Content) -> Iterator[Element]:
        if self.surface == "result" or not select.options:
            yield from paragraphs(select.label, weight="Bolder")
            yield from paragraphs("\n".join(option.label for option in select.options))
            return
        if long := [one_line(option.label) for option in select.options if size(option.label) > LONGEST_OPTION]:
            yield from paragraphs("\n".join(long), isSubtle=True)
        some: list[Element] = []
        for choice in self._choices(select):
            if some and weight([*some, choice]) > LARGEST_LIST:
                yield from self._list(select, some, content.lang)
                some = []
            some.append(choice)
        yield from self._list(select, some, content.lang)

    def _choices(self, select: Select) -> Iterator[Element]:
        for option in select.options:
            label = cut(one_line(option.label), LONGEST_OPTION) or "–"
            yield {"title": label, "value": self._sealed(select.action, option.value)}

    def _list(self, select: Select, choices: list[Element], lang: Language) -> Iterator[Element]:
        """A list to pick from, and the button that sends what was picked."""
        self._count += 1
        name, label = f"pick{self._count}", one_line(select.label) or "–"
        if size(label) > LONGEST_TITLE:
            yield from paragraphs(select.label, isSubtle=True)
        listed: Element = {
            "type": "Input.ChoiceSet",
            "id": name,
            "label": cut(label, LONGEST_TITLE),
            "style": "compact",
            "wrap": True,
            "choices": choices,
        }
        chosen = self._sealed(select.action, select.selected) if select.selected else ""
        is_here = any(choice["value"] == chosen for choice in choices)
        yield listed | ({"value": chosen} if is_here else {})
        data = {SEALED: self.seal.close(PICK, name)}
        yield {"type": "ActionSet", "actions": [self.pressed(lang("Choose"), data, with_inputs=True)]}

    def _sealed(self, action: str, value: str) -> str:
        closed = self.seal.close(action, clean(value))
        if weight(closed) <= LARGEST_VALUE:
            return closed
        key = memo_key(clean(value))
        self.memos[key] = clean(value)
        return self.seal.close_memo(action, key)


def _title(text: str, box: str) -> Iterator[Element]:
    shown = heading(cut(text, LONGEST_TITLE))
    yield {"type": "Container", "style": box, "bleed": True, "items": [shown]} if box else shown
    if size(text) > LONGEST_TITLE:
        yield from paragraphs(text, weight="Bolder")


def _text(body: str, style: str) -> Iterator[Element]:
    if style == "quote":
        # A line of its own colour, as quotes have everywhere; what stands in it may be long.
        for some in _in_boxes(list(paragraphs(body))):
            yield {"type": "Container", "style": "emphasis", "items": some}
        return
    looks: dict[str, Element] = {"strong": {"weight": "Bolder"}, "muted": {"isSubtle": True, "size": "Small"}}
    yield from paragraphs(body, **looks.get(style, {}))


def _in_boxes(lines: Sequence[Element]) -> Iterator[list[Element]]:
    """Lines in as few boxes as each may be large."""
    box: list[Element] = []
    for line in lines:
        if box and weight([*box, line]) > LARGEST_BODY // 2:
            yield box
            box = []
        box.append(line)
    if box:
        yield box


def _facts(items: Sequence[Fact], lang: Language) -> Iterator[Element]:
    """A set of facts where all are short and plain words; else a line for each."""
    plain = [(one_line(fact.label) or "–", clean(fact.value).strip() or "–") for fact in items]
    is_short = all(size(label) <= LONGEST_FACT and size(value) <= LONGEST_FACT for label, value in plain)
    if is_short and all(is_literal(label) and is_literal(value) for label, value in plain):
        for some in _spans(plain):
            yield {"type": "FactSet", "facts": [{"title": label, "value": value} for label, value in some]}
        return
    for label, value in plain:
        yield from _fact(label, value, lang)


def _spans(plain: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    some: list[tuple[str, str]] = []
    for fact in plain:
        if some and weight([*some, fact]) > LARGEST_FACTS:
            yield some
            some = []
        some.append(fact)
    if some:
        yield some


def _fact(label: str, value: str, lang: Language) -> Iterator[Element]:
    first, *rest = value.split("\n")
    if size(label) > LONGEST_FACT or size(first) > LONGEST_FACT_LINE:
        yield from paragraphs(label, weight="Bolder")
        yield from paragraphs(value)
        return
    named = lang("{label}:", label=label)
    yield rich([*runs(named + " ", weight="Bolder"), *runs(first.strip() or "–")], spacing="Small")
    yield from (line | {"spacing": "None"} for line in paragraphs("\n".join(rest)))


def _image(image: Image, content: Content) -> Iterator[Element]:
    alt = one_line(image.alt) or one_line(content.card.title) or "–"
    url = content.pictures.get(image.file)
    if url:
        yield {"type": "Image", "url": url, "altText": cut(alt, LONGEST_ALT), "size": "Stretch"}
    if not url or size(alt) > LONGEST_ALT:
        yield from paragraphs(alt, isSubtle=True)


def _attachment(file: Attachment, content: Content) -> Iterator[Element]:
    name, url = one_line(file.name) or "–", content.links.get(file.file, "")
    if size(name) > LONGEST_LABEL or not url:
        yield from paragraphs(f"📎 {name}")
    if url:
        open_it = {"type": "Action.OpenUrl", "title": cut(f"📎 {name}", LONGEST_LABEL), "url": url}
        yield {"type": "ActionSet", "actions": [open_it]}


def _progress(progress: Progress) -> Iterator[Element]:
    """A bar in colours that stand out on every theme's ground, and the same in words."""
    full, empty = progress.cells(BAR)
    look = {"color": "Accent" if empty else "Good", "size": "Medium"}
    bar = [
        *(runs("▰" * full, **look) if full else ()),
        *(runs("▱" * empty, isSubtle=True, size="Medium") if empty else ()),
    ]
    yield rich(bar)
    label = progress.label or f"{progress.done}/{progress.total}"
    yield from (line | {"spacing": "None"} for line in paragraphs(label, size="Small"))


def _continued(title: str, lang: Language) -> str:
    return lang("Continued: {title}", title=title)


def _packed(elements: Sequence[Element]) -> list[list[Element]]:
    """Elements in cards, as many in each as it may hold bytes; a list and its button stay together."""
    pages: list[list[Element]] = [[]]
    room = LARGEST_BODY
    for number, element in enumerate(elements):
        needed = heavy = weight(element) + 1
        if element["type"] == "Input.ChoiceSet":
            needed += weight(elements[number + 1]) + 1
        if pages[-1] and needed > room:
            pages.append([])
            room = LARGEST_BODY
        pages[-1].append(element)
        room -= heavy
    return pages

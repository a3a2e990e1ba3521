"""Cards as Adaptive Cards 1.5: within every limit of Teams', with nothing lost and nothing of what people wrote read as
markup.

Elements are those of https://adaptivecards.io/explorer, as Teams takes them:
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, assert_never

from integrations.teams import elements, tables
from integrations.teams.texts import (
    Element,
    cut_bytes,
    one_line,
    paragraphs,
    weight,
    words,
)
from workbot.cards import (
    Attachment,
    Button,
    Buttons,
    Card,
    Facts,
    Image,
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
from workbot.texts import clean, cut, labelled, size

# Where a card is shown: what can be pressed there differs. `alone` is a message that only one person sees of those who
# read along.
Surface = Literal["message", "alone", "dialog", "result"]
IN_MESSAGES = ("message", "alone")

# Teams takes 28 KB with all that a card travels in.
LARGEST_BODY = 19_000
LONGEST_SPOKEN = 2000
LONGEST_TITLE = 300
LONGEST_LABEL = 80
LONGEST_HINT = 100
LONGEST_URL = 2000
LONGEST_OPTION, LARGEST_LIST = 200, 9000
# In bytes; what is longer is kept here under a name.
LARGEST_VALUE = 1000
# Teams shows six buttons in a row, and hides more behind three dots.
MOST_BUTTONS = 6
TONES = {"plain": "", "good": "✅ ", "warn": "⚠️ ", "bad": "⛔ "}
BOXES = {"good": "good", "warn": "warning", "bad": "attention"}
STYLES = {"primary": "positive", "danger": "destructive"}
# Where a button keeps what it stands for, and the action of the button beside a list.
SEALED = "workbot"
# What says of a button that only one person sees its card.
ALONE = "alone"
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
    opens_form: Callable[[str], bool] = is_way_in


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
            yield from elements.title(TONES[card.tone] + title, BOXES.get(card.tone, ""))
        for element in card.body:
            yield from self._element(element, content)
        if card.replies and self.surface == "message":
            text = content.lang("{invitation}: choose “Reply” on this message.", invitation=one_line(card.replies))
            yield words(f"💬 {text}", isSubtle=True)

    def _element(self, element: CardElement, content: Content) -> Iterable[Element]:
        match element:
            case Text(body=body, style=style):
                return elements.text(body, style)
            case Facts(items=items):
                return elements.facts(items, content.lang)
            case Image(file=file):
                return elements.image(element, content.card.title, content.pictures.get(file, ""))
            case Attachment(file=file):
                return elements.attachment(element, content.links.get(file, ""))
            case Progress():
                return elements.progress(element)
            case Table():
                return tables.drawn(element)
            case Buttons(buttons=buttons):
                return self._buttons(buttons, content)
            case Select():
                return self._select(element, content)
            case _:
                assert_never(element)

    def _buttons(self, buttons: Sequence[Button], content: Content) -> Iterator[Element]:
        drawn = []
        for button in buttons:
            if size(one_line(button.label)) > LONGEST_LABEL:
                yield from paragraphs(button.label, isSubtle=True)
            if button.url and not whole_url(button.url, content.base_url, LONGEST_URL):
                # Teams opens web addresses only; others can still be read.
                yield from paragraphs(f"{labelled(button.label)} {button.url}", isSubtle=True)
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
        if self.surface in IN_MESSAGES and content.opens_form(button.action):
            # Nothing but this opens a dialog.
            data = {"msteams": {"type": "task/fetch"}, **data, **self._alone}
            opening = {"type": "Action.Submit", "title": label, "data": data}
            return opening | {"associatedInputs": "none"} | look
        return self.pressed(label, data, with_inputs=False) | look

    def pressed(self, label: str, data: Element, *, with_inputs: bool) -> Element:
        """A button that comes back to us. In a dialog only those that send it do."""
        action: Element = {"type": "Action.Submit", "title": label, "data": data}
        if self.surface in IN_MESSAGES:
            action = {"type": "Action.Execute", "title": label, "verb": VERB, "data": data | self._alone}
        # Else each button would ask for all that is to be filled in on the card.
        return action if with_inputs else action | {"associatedInputs": "none"}

    @property
    def _alone(self) -> Element:
        """What a button says on top where only one person sees it."""
        return {ALONE: "yes"} if self.surface == "alone" else {}

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

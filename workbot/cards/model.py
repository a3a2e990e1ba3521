"""Cards and forms: what the bot shows and asks, as plain frozen data that every platform renders.

Texts are plain text in the reader's language; no markup is read in them, so a renderer escapes
everything. An element enters this file only together with every renderer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field as Discriminated
from pydantic import TypeAdapter

from workbot.texts import labelled

Tone = Literal["plain", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; line breaks in it are kept."""

    body: str
    style: Literal["plain", "strong", "muted", "quote"] = "plain"
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Labelled values, one under the other or in two columns."""

    items: tuple[Fact, ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A name in the legend, and a value at each label of the axis."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The figures of a chart, rounded as they are shown."""

    kind: Literal["bar", "line"]
    title: str
    labels: tuple[str, ...]
    lines: tuple[DrawnLine, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A stored picture (`workbot.files`), with the text that stands for it.

    `drawn` is what it draws, for where a platform draws that itself; everywhere else the picture is shown.
    """

    file: str
    alt: str
    drawn: tuple[Drawn, ...] = ()
    kind: Literal["image"] = "image"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored file to take away: a link in chat, an attachment in mail."""

    file: str
    name: str
    kind: Literal["attachment"] = "attachment"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something has come: `done` of `total`, said in words by `label`."""

    done: int
    total: int
    label: str
    kind: Literal["progress"] = "progress"

    def cells(self, most: int) -> tuple[int, int]:
        """How many of a bar's cells, of which there are at most so many, are full and how many empty.

        All of them are full only when all is done.
        """
        cells = min(self.total, most) if self.total > 0 else most
        full = min(cells, max(0, cells * self.done // max(1, self.total)))
        return full, cells - full


@dataclass(frozen=True, slots=True)
class Table:
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    kind: Literal["table"] = "table"


ButtonStyle = Literal["plain", "primary", "danger"]


@dataclass(frozen=True, slots=True)
class Button:
    """An action to take. `value` returns from outside and carries no authority; `url` makes it a link."""

    label: str
    action: str = ""
    value: str = ""
    style: ButtonStyle = "plain"
    url: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Buttons:
    """Buttons in a row; `label` names the group for those who hear it."""

    buttons: tuple[Button, ...]
    label: str = ""
    kind: Literal["buttons"] = "buttons"


@dataclass(frozen=True, slots=True)
class Option:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Select:
    """A list to pick one from; picking is a press of `action` with the option's value."""

    label: str
    action: str
    options: tuple[Option, ...]
    selected: str = ""
    kind: Literal["select"] = "select"


Element = Annotated[
    Text | Facts | Image | Attachment | Progress | Table | Buttons | Select,
    Discriminated(discriminator="kind"),
]


Sign = Literal["seen", "done"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign on somebody's message, by its platform's reference: that it is seen to, or done; or that it is no more."""

    message: str
    sign: Sign
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One message. `replies` says that what people write under it is read, and by whom.

    With a `mark` it is no message: all that is sent is the sign, where the platform has them.
    """

    title: str
    body: tuple[Element, ...] = ()
    tone: Tone = "plain"
    replies: str = ""
    mark: Mark | None = None

    @classmethod
    def marking(cls, message: str, sign: Sign, *, is_gone: bool) -> Card:
        """A sign on a message, and nothing else."""
        return cls("", mark=Mark(message, sign, is_gone))


@dataclass(frozen=True, slots=True)
class TextField:
    name: str
    label: str
    hint: str = ""
    required: bool = True
    multiline: bool = False
    max_length: int = 3000
    value: str = ""
    # What is said where nothing was written that has to be, if not the usual words.
    empty: str = ""
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """One of `options`, or several when `multiple` (then `value` holds them separated by newlines)."""

    name: str
    label: str
    options: tuple[Option, ...]
    hint: str = ""
    required: bool = True
    multiple: bool = False
    value: str = ""
    kind: Literal["choice"] = "choice"


@dataclass(frozen=True, slots=True)
class DateField:
    """A day, as ISO 8601 text."""

    name: str
    label: str
    hint: str = ""
    required: bool = True
    value: str = ""
    kind: Literal["date"] = "date"


@dataclass(frozen=True, slots=True)
class NumberField:
    name: str
    label: str
    hint: str = ""
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    value: str = ""
    kind: Literal["number"] = "number"


@dataclass(frozen=True, slots=True)
class ToggleField:
    """Yes or no; `value` is `yes` or empty."""

    name: str
    label: str
    hint: str = ""
    required: bool = False
    value: str = ""
    kind: Literal["toggle"] = "toggle"


Field = Annotated[
    TextField | ChoiceField | DateField | NumberField | ToggleField,
    Discriminated(discriminator="kind"),
]


@dataclass(frozen=True, slots=True)
class Form:
    """Questions asked at once. `state` comes back with the values, and like them from outside."""

    action: str
    title: str
    fields: tuple[Field, ...]
    submit: str
    intro: str = ""
    state: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def filled(self, values: dict[str, str]) -> Form:
        """The same form with what was typed still in it."""
        fields = tuple(replace(asked, value=values.get(asked.name, "")) for asked in self.fields)
        return replace(self, fields=fields)


CARD = TypeAdapter(Card)
FORM = TypeAdapter(Form)


def dump(card: Card) -> dict[str, object]:
    """A card as JSON-ready data, for storage."""
    data: dict[str, object] = CARD.dump_python(card, mode="json")
    return data


def load(data: object) -> Card:
    """The card that `dump` wrote."""
    return CARD.validate_python(data)


@lru_cache(maxsize=1024)
def parse(stored: str) -> Card:
    """The card that `dump` wrote, from its JSON text; a campaign's messages all hold the same."""
    return CARD.validate_json(stored)


def files(card: Card) -> list[str]:
    """The ids of the stored files that a card shows or offers."""
    return [element.file for element in card.body if isinstance(element, Image | Attachment)]


def plain_text(card: Card) -> str:
    """A card as lines of text: for notifications, e-mail and the command line."""
    lines = [card.title]
    for element in card.body:
        lines.extend(_lines(element))
    return "\n".join(line for line in lines if line)


def _lines(element: Element) -> list[str]:
    match element:
        case Text(body=body):
            return [body]
        case Facts(items=items):
            return [f"{labelled(fact.label)} {fact.value}" for fact in items]
        case Image(alt=alt):
            return [alt]
        case Attachment(name=name):
            return [f"[{name}]"]
        case Progress():
            return [element.label]
        case Table(headers=headers, rows=rows):
            return [" | ".join(row) for row in (headers, *rows)]
        case Buttons(buttons=buttons):
            return ["  ".join(f"[{button.label}]" for button in buttons)]
        case Select(options=options):
            return [f"{labelled(element.label)} {', '.join(option.label for option in options)}"]

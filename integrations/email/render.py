"""A card as a message: HTML that every mail program shows, the same in plain text, pictures and files."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from unicodedata import category
from urllib.parse import urljoin

from markupsafe import Markup, escape

from workbot.cards import Attachment, Button, Buttons, Card, Element, Facts, Image, Progress, Select, Table, Text
from workbot.i18n import Language
from workbot.platforms import File
from workbot.texts import clean
from workbot.web.pages import Pages

LONGEST_SUBJECT = 150
CHAT = "/chat"
# Control characters and separators of lines and paragraphs (Unicode's general categories).
BREAKING = ("Cc", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    style: str = "plain"


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be done about a card: links to follow, after the words that could be pressed in the chat."""

    label: str
    words: tuple[str, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """A card with all that its message needs; `files` holds the stored files it names, by key."""

    card: Card
    lang: Language
    url: str
    files: dict[str, File]

    @property
    def chat(self) -> str:
        return f"{self.url}{CHAT}"

    def choice(self, element: Buttons | Select) -> Choice:
        """A single button leads to the chat; several, which a link cannot press, are named before one link to it."""
        if isinstance(element, Select):
            return self._choose(element.label, [option.label for option in element.options], ())
        links = tuple(link for button in element.buttons if (link := self._link(button)))
        pressed = [button for button in element.buttons if not self._link(button)]
        if len(pressed) > 1:
            return self._choose(element.label, [button.label for button in pressed], links)
        return Choice(element.label, (), (*links, *(Link(only.label, self.chat, only.style) for only in pressed)))

    def _choose(self, label: str, words: list[str], links: tuple[Link, ...]) -> Choice:
        return Choice(label, tuple(words), (*links, Link(self.lang("Choose in the chat"), self.chat, "primary")))

    def cid(self, image: Image) -> str:
        """How the HTML names a picture that travels with it."""
        return f"{image.file}@workbot"

    def _link(self, button: Button) -> Link | None:
        url = urljoin(f"{self.url}/", button.url)
        if not button.url or not url.startswith(("https://", "http://", "mailto:")):
            return None
        return Link(button.label, url, button.style)


def message(content: Content) -> EmailMessage:
    """The body of a message, without its headers."""
    made = EmailMessage()
    made.set_content(clean(_plain(content)), cte="quoted-printable")
    made.add_alternative(_html(content), subtype="html", cte="quoted-printable")
    html = made.get_body(("html",))
    assert isinstance(html, EmailMessage)
    for element in content.card.body:
        file = content.files.get(element.file) if isinstance(element, Image | Attachment) else None
        if file is None:
            continue
        kind, _, subkind = file.media_type.partition("/")
        if isinstance(element, Image):
            html.add_related(
                file.content, kind, subkind, cid=f"<{content.cid(element)}>", disposition="inline", filename=file.name
            )
            # What the first of these parts is, which some programs do not look for themselves (RFC 2387).
            html.set_param("type", "text/html")
        elif isinstance(element, Attachment):
            made.add_attachment(file.content, kind, subkind, filename=one_line(element.name))
    return made


def one_line(text: str) -> str:
    """Text for a header: without line breaks, which could smuggle in another header."""
    line = " ".join("".join(" " if category(mark) in BREAKING else mark for mark in clean(text)).split())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1]}…"


def _html(content: Content) -> str:
    return PAGES.fragment("card.html", content.lang, content=content, card=content.card)


def _plain(content: Content) -> str:
    card, lang = content.card, content.lang
    blocks = [card.title, *(_lines(element, content) for element in card.body)]
    if card.replies:
        blocks.append(_told(lang("Answer in the chat"), content.chat))
    farewell = lang("Please do not reply to this e-mail: nobody reads it.")
    blocks.append(f"-- \n{farewell}\n{_told(lang('Open the chat'), content.chat)}")
    return "\n\n".join(block for block in blocks if block) + "\n"


def _lines(element: Element, content: Content) -> str:
    match element:
        case Text(body=body, style=style):
            return "\n".join(f"> {line}" for line in body.split("\n")) if style == "quote" else body
        case Facts(items=items):
            return "\n".join(f"{content.lang.label(fact.label)} {fact.value}" for fact in items)
        case Image(alt=alt):
            return f"[{alt}]"
        case Attachment(name=name):
            return f"[{name}]"
        case Progress(label=label):
            return label
        case Table(headers=headers, rows=rows, caption=caption):
            return "\n".join([*([caption] if caption else []), *(" | ".join(row) for row in (headers, *rows))])
        case Buttons() | Select():
            choice = content.choice(element)
            words = (choice.label, " · ".join(choice.words)) if choice.words else ()
            return "\n".join(
                [*(line for line in words if line), *(_told(link.label, link.url) for link in choice.links)]
            )


def _told(label: str, url: str) -> str:
    return f"{label} <{url}>"


def _broken(text: str) -> Markup:
    """Text with its line breaks kept, also in mail programs that know no `white-space`."""
    return Markup("<br>").join(escape(line) for line in clean(text).split("\n"))


PAGES = Pages(Path(__file__).parent / "templates", broken=_broken)

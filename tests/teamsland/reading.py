"""What people read: cards and messages as Teams shows them, after Markdown and escapes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

Thing = dict[str, Any]
ADAPTIVE = "application/vnd.microsoft.card.adaptive"
# Teams reads less than all of Markdown, and not the same everywhere; what any of its clients may take for markup is
# taken for markup here, so that text which nobody escaped is seen to be missing.
MARKDOWN = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})
# Teams replaces these by a date or an hour in the reader's own way of writing them.
FUNCTION = re.compile(r"\{\{(?:DATE|TIME)\(.*?\)\}\}")
MENTION = re.compile(r"<at(?:\s[^>]*)?>(.*?)</at>", re.DOTALL)
# In the order in which an element's parts are read; what is not here is not read at all.
INSIDE = ("body", "items", "columns", "images", "rows", "cells", "actions", "inlineAction", "card")


@dataclass(frozen=True)
class Markup:
    """What a text holds besides words: where its links lead, its pictures, its mentions, and other structure."""

    links: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    structure: tuple[str, ...] = ()


def shown(text: str) -> str:
    """The words of a text in which Markdown is read."""
    return _words(MARKDOWN.parse(MENTION.sub(r"\1", text))).strip()


def markup(text: str) -> Markup:
    """What would be made of a text in which Markdown is read."""
    tokens = [token for block in MARKDOWN.parse(text) for token in (block, *(block.children or ()))]
    plain = {"paragraph_open", "paragraph_close", "inline", "text", "text_special", "softbreak"}
    structure = [token.type for token in tokens if token.type not in plain and not token.type.endswith("_close")]
    structure += ["function" for _ in FUNCTION.findall(text)]
    return Markup(
        links=tuple(str(token.attrs["href"]) for token in tokens if token.type == "link_open"),
        pictures=tuple(str(token.attrs["src"]) for token in tokens if token.type == "image"),
        mentions=tuple(MENTION.findall(text)),
        structure=tuple(name for name in structure if name not in ("link_open", "image")),
    )


def visible(card: Mapping[str, Any]) -> list[str]:
    """What people read in a card, a text for each piece, in the order in which it stands there."""
    return [text for text in _seen(card) if text]


def read(activity: Mapping[str, Any]) -> str:
    """A message as people read it: its text, and the cards under it."""
    texts = [said(activity)]
    for attachment in activity.get("attachments") or []:
        content = attachment.get("content")
        if attachment.get("contentType") == ADAPTIVE:
            texts += visible(content)
        elif attachment.get("contentType") != "text/html":
            texts.append(str(attachment.get("name") or ""))
    return "\n".join(text for text in texts if text)


def said(activity: Mapping[str, Any]) -> str:
    """The text of a message: Markdown unless it says that it is plain, or XML."""
    text = str(activity.get("text") or "")
    match activity.get("textFormat", "markdown"):
        case "plain":
            return MENTION.sub(r"\1", text)
        case "xml":
            return html.unescape(re.sub(r"<[^>]+>", "", text))
        case _:
            return shown(text)


def cards(activity: Mapping[str, Any]) -> list[Thing]:
    """The Adaptive Cards of a message."""
    found = activity.get("attachments") or []
    return [attachment["content"] for attachment in found if attachment.get("contentType") == ADAPTIVE]


def attached(card: Thing) -> Thing:
    """A card as messages carry it."""
    return {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}


def walk(thing: Any) -> Iterator[Thing]:
    """Every element and action of a card, in reading order, hidden ones too."""
    if isinstance(thing, list):
        for one in thing:
            yield from walk(one)
    elif isinstance(thing, Mapping):
        yield dict(thing)
        for name in INSIDE:
            yield from walk(thing.get(name))


def _seen(thing: Any) -> Iterator[str]:
    if isinstance(thing, list):
        for one in thing:
            yield from _seen(one)
    elif isinstance(thing, Mapping) and thing.get("isVisible") is not False:
        yield from _own(thing)
        for name in INSIDE:
            yield from _seen(thing.get(name))


def _own(thing: Mapping[str, Any]) -> Iterator[str]:
    match thing.get("type"):
        case "TextBlock":
            yield shown(str(thing.get("text", "")))
        case "RichTextBlock":
            yield "".join(run if isinstance(run, str) else str(run.get("text", "")) for run in thing["inlines"])
        case "Image":
            yield str(thing.get("altText", ""))
        case "FactSet":
            yield from (shown(str(fact[half])) for fact in thing["facts"] for half in ("title", "value"))
        case "Input.Toggle":
            yield from (str(thing.get("label", "")), shown(str(thing.get("title", ""))))
        case "Input.ChoiceSet":
            yield from (str(thing.get("label", "")), str(thing.get("placeholder", "")))
            yield from (str(choice["title"]) for choice in thing["choices"])
        case str(kind) if kind.startswith("Input."):
            yield from (str(thing.get(name, "")) for name in ("label", "placeholder", "value"))
        case str(kind) if kind.startswith("Action."):
            yield str(thing.get("title", ""))


def _words(tokens: list[Token]) -> str:
    words: list[str] = []
    for token in tokens:
        match token.type:
            case "inline":
                words.append(_words(token.children or []))
            case "text" | "text_special" | "code_inline":
                words.append(token.content)
            case "code_block" | "fence":
                words.append(token.content.rstrip("\n") + "\n")
            case "softbreak":
                words.append(" ")
            case "hardbreak" | "paragraph_close" | "heading_close":
                words.append("\n")
            case "image":
                words.append(_words(token.children or []))
    return "".join(words)

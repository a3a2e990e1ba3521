"""What a card shows: its texts, facts, pictures and documents, and how far something has come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from integrations.teams.texts import Element, heading, is_literal, one_line, paragraphs, rich, runs, weight
from workbot.cards import Attachment, Fact, Image, Progress
from workbot.i18n import Language
from workbot.texts import clean, cut, size

LONGEST_TITLE = 300
# The button that opens a document has its name.
LONGEST_LABEL = 80
LONGEST_FACT, LONGEST_FACT_LINE, LARGEST_FACTS = 200, 1500, 6000
LONGEST_ALT = 1000
# In bytes.
LARGEST_BOX = 9500
BAR = 10


def title(words: str, box: str) -> Iterator[Element]:
    """A card's heading, in a box of the colour that its tone has."""
    shown = heading(cut(words, LONGEST_TITLE))
    yield {"type": "Container", "style": box, "bleed": True, "items": [shown]} if box else shown
    if size(words) > LONGEST_TITLE:
        yield from paragraphs(words, weight="Bolder")


def text(body: str, style: str) -> Iterator[Element]:
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
        if box and weight([*box, line]) > LARGEST_BOX:
            yield box
            box = []
        box.append(line)
    if box:
        yield box


def facts(items: Sequence[Fact], lang: Language) -> Iterator[Element]:
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
    named = lang.label(label)
    yield rich([*runs(named + " ", weight="Bolder"), *runs(first.strip() or "–")], spacing="Small")
    yield from (line | {"spacing": "None"} for line in paragraphs("\n".join(rest)))


def image(shown: Image, title: str, url: str) -> Iterator[Element]:
    """A picture at an address, or its words where there is none; the card's title stands for words that are missing."""
    alt = one_line(shown.alt) or one_line(title) or "–"
    if url:
        yield {"type": "Image", "url": url, "altText": cut(alt, LONGEST_ALT), "size": "Stretch"}
    if not url or size(alt) > LONGEST_ALT:
        yield from paragraphs(alt, isSubtle=True)


def attachment(file: Attachment, url: str) -> Iterator[Element]:
    name = one_line(file.name) or "–"
    if size(name) > LONGEST_LABEL or not url:
        yield from paragraphs(f"📎 {name}")
    if url:
        open_it = {"type": "Action.OpenUrl", "title": cut(f"📎 {name}", LONGEST_LABEL), "url": url}
        yield {"type": "ActionSet", "actions": [open_it]}


def progress(come: Progress) -> Iterator[Element]:
    """A bar in colours that stand out on every theme's ground, and the same in words."""
    full, empty = come.cells(BAR)
    look = {"color": "Accent" if empty else "Good", "size": "Medium"}
    bar = [
        *(runs("▰" * full, **look) if full else ()),
        *(runs("▱" * empty, isSubtle=True, size="Medium") if empty else ()),
    ]
    yield rich(bar)
    label = come.label or f"{come.done}/{come.total}"
    yield from (line | {"spacing": "None"} for line in paragraphs(label, size="Small"))

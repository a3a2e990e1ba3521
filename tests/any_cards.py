"""Any card and any form, however odd: what no renderer may lose, break or take for its own."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from workbot.cards import (
    Attachment,
    Button,
    Buttons,
    Card,
    ChoiceField,
    DateField,
    Fact,
    Facts,
    Form,
    Image,
    NumberField,
    Option,
    Progress,
    Select,
    Table,
    Text,
    TextField,
    ToggleField,
)

BASE = "https://bot.city.example"

LETTERS = st.characters(exclude_categories=("Cs",))
BAD_LETTERS = st.sampled_from(["\0", "\ud83d", "<!channel>", "<@U1>", "&lt;", "&", "*_~`", "👩🏽‍💻", "‮", "\r\n"])
SHORT = st.text(LETTERS, max_size=60)
LONG = st.builds(
    lambda piece, times: piece * times, st.text(LETTERS, min_size=1, max_size=40), st.sampled_from([0, 1, 3, 100, 500])
)
HOSTILE = st.lists(st.one_of(SHORT, BAD_LETTERS), max_size=6).map(" ".join)
WORDS = st.one_of(SHORT, HOSTILE, LONG)
URLS = st.sampled_from(
    ["", "", "/chat", "https://x.example/a?b=c", "javascript:alert(1)", "mailto:a@b.example", "http://[", BASE * 300]
)

BUTTONS = st.builds(
    Button,
    label=WORDS,
    action=st.sampled_from(["a.b", "pulse.answer", "x" * 300]),
    value=WORDS,
    style=st.sampled_from(["plain", "primary", "danger"]),
    url=URLS,
    hint=WORDS,
)
OPTIONS = st.builds(Option, label=WORDS, value=st.text(st.characters(categories=["L", "N"]), max_size=60))
ELEMENTS: st.SearchStrategy[Any] = st.one_of(
    st.builds(Text, body=WORDS, style=st.sampled_from(["plain", "strong", "muted", "quote"])),
    st.builds(Facts, st.lists(st.builds(Fact, WORDS, WORDS), max_size=12).map(tuple)),
    st.builds(Image, file=st.sampled_from(["known", "gone"]), alt=WORDS),
    st.builds(Attachment, file=st.sampled_from(["known", "gone"]), name=WORDS),
    st.builds(Progress, done=st.integers(-1, 9), total=st.integers(0, 5), label=WORDS),
    st.builds(
        Table,
        headers=st.lists(WORDS, max_size=24).map(tuple),
        rows=st.lists(st.lists(SHORT, max_size=24).map(tuple), max_size=120).map(tuple),
        caption=WORDS,
    ),
    st.builds(Buttons, st.lists(BUTTONS, max_size=30).map(tuple), label=WORDS),
    st.builds(
        Select,
        label=WORDS,
        action=st.just("a.choose"),
        options=st.lists(OPTIONS, max_size=120, unique_by=lambda option: option.value).map(tuple),
        selected=SHORT,
    ),
)
CARDS = st.builds(
    Card,
    title=WORDS,
    body=st.lists(ELEMENTS, max_size=8).map(tuple),
    tone=st.sampled_from(["plain", "good", "warn", "bad"]),
    replies=WORDS,
)
NUMBERS = st.sampled_from(["", "3", "9", "x", "nan"])
LOCALES = st.sampled_from(["en", "fr"])
NAMES = st.text("abcdefgh_", min_size=1, max_size=20)
CHOICES = st.lists(OPTIONS, max_size=150, unique_by=lambda option: option.value).map(tuple)
FIELDS: st.SearchStrategy[Any] = st.one_of(
    st.builds(TextField, NAMES, WORDS, WORDS, st.booleans(), st.booleans(), st.integers(1, 20_000), WORDS),
    st.builds(ChoiceField, NAMES, WORDS, CHOICES, WORDS, st.booleans(), st.booleans(), SHORT),
    st.builds(DateField, NAMES, WORDS, WORDS, st.booleans(), st.sampled_from(["", "2026-11-24", "soon"])),
    st.builds(
        NumberField,
        NAMES,
        WORDS,
        WORDS,
        st.booleans(),
        st.just(1.0),
        st.just(5.5),
        st.sampled_from(["", "3", "9", "x", "nan"]),
    ),
    st.builds(ToggleField, NAMES, WORDS, WORDS, st.booleans(), st.sampled_from(["", "yes"])),
)
FORMS = st.builds(
    Form,
    action=st.just("a.send"),
    title=WORDS,
    fields=st.lists(FIELDS, min_size=1, max_size=40, unique_by=lambda field: field.name).map(tuple),
    submit=WORDS,
    intro=WORDS,
    state=WORDS,
)

"""Cards as Microsoft's own renderer shows them, on a phone and on a desk, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from integrations.teams.forms import form_card
from tests.browser import assert_accessible
from tests.integrations.teams.test_limits import MAKERS, SEAL, SLOW, drawn, letters
from tests.makers import made_by
from tests.platform_contract import spoken
from tests.sampler import HOSTILE, everything
from tests.teamsland.drawing import DESKTOP, PHONE, Easel
from workbot.cards import Button, Buttons, Card, Fact, Facts, Form, Progress, Table, Text
from workbot.i18n import language
from workbot.turns import Say

LONG = Card(
    "A very long title that goes on and on until it has to break, and then a little further still, for good measure",
    (
        Facts(
            (Fact("Where", "Building 4, third floor, the room behind the stairs"), Fact("A * star", "1. one\n2. two"))
        ),
        Table(
            ("Department", "Answers", "Satisfaction in the last quarter", "Trend", "Comments", "Lowest"),
            (("Corporate Services/Technology", "1,204", "4.2 of 5", "up", "99", "Parking"),),
        ),
        Progress(3, 7, "3 of 7 done"),
        Buttons(tuple(Button(f"{number}", "a.b", str(number)) for number in range(11))),
    ),
    tone="bad",
    replies="The desk reads what you write",
)


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("dark", [False, True])
def test_every_element_is_drawn_whole(easel: Easel, locale: str, width: int, dark: bool) -> None:
    card = everything(locale, image="known", file="known")

    drawing = easel.draw(drawn(card, locale).first, width=width, dark=dark, picture=False)

    assert drawing.problems == ()
    assert drawing.cut == ()
    assert all(drawing.pictures)
    seen = letters(" ".join([drawing.text, *drawing.pictures, *drawing.buttons]))
    for words in spoken(card):
        assert letters(words) in seen, words


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_long_things_break_and_are_not_cut(easel: Easel, width: int) -> None:
    drawing = easel.draw(drawn(LONG, "en").first, width=width, picture=False)

    assert drawing.problems == ()
    assert drawing.cut == ()
    seen = letters(" ".join([drawing.text, *drawing.buttons]))
    for words in spoken(LONG):
        assert letters(words) in seen, words


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "**bold** _slanted_ [here](https://evil.example) ![p](https://evil.example/p.png)",
        "<at>Everyone</at> https://evil.example www.evil.example a@b.example",
        "# heading\n> quote\n- list\n1. list\n    code",
        "{{DATE(2026-11-23T15:00:00Z, SHORT)}}",
    ],
)
def test_what_people_write_is_shown_as_they_wrote_it(easel: Easel, text: str) -> None:
    card = Card(text, (Text(text), Text(text, "quote"), Facts((Fact(text, text),)), Table((text,), ((text,),))))

    drawing = easel.draw(drawn(card, "en").first, picture=False)

    assert drawing.problems == ()
    assert drawing.links == ()
    assert drawing.pictures == ()
    assert letters(drawing.text).count(letters(text)) >= 6


@pytest.mark.parametrize("maker", MAKERS)
def test_microsofts_renderer_takes_every_card_of_workbot(easel: Easel, maker: str) -> None:
    @settings(max_examples=3, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=SLOW)
    @given(made_by(maker), st.sampled_from(("en", "fr")), st.sampled_from((PHONE, DESKTOP)))
    def is_drawn(made: Card | Form | Say, locale: str, width: int) -> None:
        shown = made.card if isinstance(made, Say) else made
        card = form_card(shown, language(locale), SEAL, key="k") if isinstance(shown, Form) else None
        parts = drawn(shown, locale) if isinstance(shown, Card) else None
        for one in (card,) if card else (parts.first, *parts.rest) if parts else ():
            # Words of hundreds of letters without a place to break are among what is legal, and may be cut.
            assert easel.draw(one, width=width, picture=False).problems == ()

    is_drawn()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_card_can_be_used_by_everyone(easel: Easel, width: int) -> None:
    easel.draw(drawn(everything("en", image="known", file="known"), "en").first, width=width, picture=False)

    assert_accessible(easel.page(width))

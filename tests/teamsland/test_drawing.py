"""Microsoft's own renderer draws what is sound, finds what it must, and reads texts as we do."""

from __future__ import annotations

import pytest

from tests.browser import assert_accessible
from tests.sampler import HOSTILE
from tests.teamsland.drawing import DESKTOP, PHONE, Easel
from tests.teamsland.reading import markup, shown, visible
from tests.teamsland.samples import SOUND, a_card, execute, listed, picture, row, text

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f0003860180"
    "5a347d6b0000000049454e44ae426082"
)
TEXTS = (
    "plain words",
    "**bold**, _slanted_, ~~struck~~ and `code`",
    "[here](https://x.example) and <https://y.example>",
    r"\*literal\* \[a\]\(b\) \# \> 1\. \- \| \`x\` \~\~ \!\[p\]\(q\)",
    "R&amp;D, R&D, &lt;b&gt; and <b>bold</b>",
    "one\n\ntwo\n\n- three\n- four\n\n1. five",
    "# heading\n\n> quote",
    "***\n\n2 * 3 * 4 = 24, snake_case_word, 50% ~ half",
    "C:\\temp\\new and \\\\server\\share",
)


@pytest.mark.parametrize("case", SOUND)
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_sound_card_is_drawn_with_nothing_cut(easel: Easel, case: str, width: int) -> None:
    drawing = easel.draw(SOUND[case], width=width, picture=False)

    assert drawing.problems == ()
    assert drawing.cut == ()


def test_the_language_of_a_card_is_taken_each_time(easel: Easel) -> None:
    assert [easel.draw(a_card(lang="fr"), picture=False).problems for _ in range(3)] == [()] * 3
    assert easel.draw(a_card(lang="fr-CA"), picture=False).problems


def test_the_renderer_says_what_it_does_not_know(easel: Easel) -> None:
    assert "Carousel" in str(easel.draw(a_card({"type": "Carousel", "pages": []}), picture=False).problems)
    assert "Colours" in str(easel.draw(a_card(text(color="Colours")), picture=False).problems)
    assert easel.draw(a_card(actions=[{"type": "Action.Http", "title": "x"}]), picture=False).problems


@pytest.mark.parametrize("words", [*TEXTS, HOSTILE], ids=range(len(TEXTS) + 1))
def test_texts_are_read_as_the_renderer_shows_them(easel: Easel, words: str) -> None:
    drawing = easel.draw(a_card(text(words)), picture=False)

    assert drawing.text.split() == shown(words).split()
    assert drawing.links == tuple(link if link.endswith("/") else f"{link}/" for link in markup(words).links)


def test_everything_that_we_read_is_there_to_be_read(easel: Easel) -> None:
    card = a_card(
        text("**Laptop**"),
        {"type": "FactSet", "facts": [{"title": "Desk", "value": "IT *now*"}]},
        listed(style="expanded"),
        picture(),
        row(execute("Take it"), execute("Leave it", mode="secondary")),
    )
    drawing = easel.draw(card, picture=False)

    found = " ".join([drawing.text, *drawing.pictures])
    assert [words for words in visible(card) if words not in found] == ["Leave it"]
    assert drawing.buttons == ("Take it", "...")


def test_whoever_is_mentioned_is_named(easel: Easel) -> None:
    assert easel.draw(SOUND["a mention of somebody"], picture=False).text.strip() == "Ada, please look"


def test_what_does_not_fit_is_told(easel: Easel) -> None:
    long = "https://example.org/" + "x" * 200
    narrow = easel.draw(a_card(text("fits", wrap=False)), width=PHONE, picture=False)
    cut = easel.draw(a_card(text(f"A title that goes on {'and on ' * 30}", wrap=False)), width=PHONE, picture=False)
    button = easel.draw(a_card(row(execute("A button that goes on " * 9))), width=PHONE, picture=False)

    assert narrow.cut == ()
    assert cut.cut
    assert button.cut
    assert easel.draw(a_card(text(long)), width=PHONE, picture=False).cut == ()


def test_pictures_are_those_of_the_files(easel: Easel) -> None:
    easel.files["https://bot.example/stored.png"] = PNG
    lost = picture(url="https://elsewhere.example/a.png", altText="A lost chart")
    drawing = easel.draw(a_card(picture(url="https://bot.example/stored.png"), lost), picture=False)

    assert drawing.pictures == ("A chart", "A lost chart")
    widths = easel.page().evaluate("[...document.images].map((image) => image.naturalWidth)")
    assert widths == [1, 640]


def test_a_drawing_is_a_picture_in_either_theme_and_width(easel: Easel) -> None:
    drawings = [
        easel.draw(a_card(), width=width, dark=dark).png for width in (PHONE, DESKTOP) for dark in (False, True)
    ]

    assert all(drawing.startswith(b"\x89PNG") for drawing in drawings)
    assert len(set(drawings)) == 4


@pytest.mark.parametrize("case", SOUND)
@pytest.mark.parametrize("dark", [False, True])
def test_our_looks_of_teams_are_accessible(easel: Easel, case: str, *, dark: bool) -> None:
    """So that what axe-core finds in a drawing is the card's own doing."""
    easel.draw(SOUND[case], dark=dark, picture=False)
    assert_accessible(easel.page())

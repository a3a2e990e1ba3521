"""Whatever a card or form holds, Teams takes it, and nothing of it is lost or read as markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import integrations.teams
import workbot
from integrations.teams.forms import fits, form_card
from integrations.teams.render import OPEN_FORM, SEALED, Content, Parts, Surface, message
from integrations.teams.texts import weight
from tests.any_cards import CARDS, FORMS, LOCALES
from tests.makers import made_by, makers
from tests.platform_contract import spoken
from tests.teamsland import rules
from tests.teamsland.reading import markup, visible, walk
from tests.teamsland.rules import problems
from workbot.cards import Attachment, Card, Form, Image, Select
from workbot.i18n import language
from workbot.seals import Seal
from workbot.texts import clean
from workbot.turns import Say

SEAL = Seal("only-for-tests", "teams")
BASE = "https://bot.city.example"
SURFACES: tuple[Surface, ...] = ("message", "alone", "dialog", "result")
# Forms of requests keep what is quoted as JSON, which takes no halves of characters: each door has cleaned them away.
# What stands for a form that is too large is drawn already.
OTHERS = {"workbot.requests.forms:form", "integrations.teams.replies:Replies._too_large"}
MAKERS = [maker for maker in makers(workbot, integrations.teams) if maker not in OTHERS]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def drawn(card: Card, locale: str, surface: Surface = "message") -> Parts:
    files = {"known": f"{BASE}/teams/files/known"}
    content = Content(
        card, language(locale), BASE, files, files, opens_form=lambda action: action in (OPEN_FORM, "a.b")
    )
    return message(content, SEAL, surface)


def seen(surface: Surface) -> rules.Surface:
    """What Teams knows a surface as: it does not care who sees a message."""
    return "message" if surface == "alone" else surface


def whole(parts: Parts) -> str:
    """All that people see of a card, part after part."""
    return "".join(words for part in (parts.first, *parts.rest) for words in visible(part))


def letters(text: str) -> str:
    """A text without its spaces, which break differently wherever it is shown."""
    return re.sub(r"\s+", "", clean(text))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(CARDS, LOCALES, st.sampled_from(SURFACES))
def test_teams_takes_every_card_wherever_it_is_shown(card: Card, locale: str, surface: Surface) -> None:
    parts = drawn(card, locale, surface)

    for part in (parts.first, *parts.rest):
        assert problems(part, seen(surface)) == []


@settings(max_examples=100, deadline=None, derandomize=True)
@given(CARDS, LOCALES)
def test_nothing_of_a_card_is_lost(card: Card, locale: str) -> None:
    shown = letters(whole(drawn(card, locale)))

    for words in spoken(card):
        assert letters(words) in shown, f"{words!r} is lost"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(CARDS, LOCALES)
def test_nothing_of_a_card_is_read_as_markup(card: Card, locale: str) -> None:
    parts = drawn(card, locale)

    for part in (parts.first, *parts.rest):
        for one in walk(part):
            texts = [one.get("text")] if one.get("type") == "TextBlock" else []
            texts += [fact[half] for fact in one.get("facts", []) for half in ("title", "value")]
            for text in texts:
                found = markup(str(text))
                assert (found.links, found.pictures, found.mentions, found.structure) == ((), (), (), ()), text


@settings(max_examples=40, deadline=None, derandomize=True)
@given(CARDS)
def test_every_button_comes_back_as_it_was_made(card: Card) -> None:
    parts = drawn(card, "en")
    pieces = [one for part in (parts.first, *parts.rest) for one in walk(part)]
    sealed = [one["data"][SEALED] for one in pieces if SEALED in (one.get("data") or {})]
    picked = [choice["value"] for one in pieces for choice in one.get("choices", [])]

    opened = [SEAL.open(value) for value in [*sealed, *picked]]

    values = {parts.memos[one.value] if one.is_memo else one.value for one in opened}
    for element in card.body:
        if isinstance(element, Select):
            assert {clean(option.value) for option in element.options} <= values


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(FORMS, LOCALES, st.sampled_from(("message", "alone", "dialog")))
def test_teams_takes_every_form_that_fits(form: Form, locale: str, surface: Surface) -> None:
    errors = {form.fields[0].name: "This needs an answer.", "nowhere": "Not this either."}
    card = form_card(form, language(locale), SEAL, key="k" * 65, surface=surface, errors=errors, notice=Card("No"))

    if fits(card):
        assert problems(card, seen(surface)) == []


def test_cards_of_teams_own_are_among_them() -> None:
    own = {"integrations.teams.alerts:_locked_out", "workbot.chat.replies:way_in"}

    assert own < set(MAKERS)
    assert len(MAKERS) > 40


@pytest.mark.parametrize("maker", MAKERS)
def test_teams_takes_what_workbot_makes(maker: str) -> None:
    # To make such long content small where it fails would take minutes, and what is wrong is said anyway.
    @settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=SLOW)
    @given(made_by(maker), st.sampled_from(("en", "fr")))
    def takes(made: Card | Form | Say, locale: str) -> None:
        card = made.card if isinstance(made, Say) else made
        if isinstance(card, Form):
            shown = form_card(card, language(locale), SEAL, key="k" * 65)
            assert not fits(shown) or problems(shown, "dialog") == []
            return
        for surface in SURFACES:
            parts = drawn(card, locale, surface)
            assert [problem for part in (parts.first, *parts.rest) for problem in problems(part, seen(surface))] == []

    takes()


def test_a_card_stays_well_below_what_teams_takes() -> None:
    text = "\x01" * 90_000
    parts = drawn(Card(text, (Image("gone", text), Attachment("gone", text))), "en")

    assert max(weight(part) for part in (parts.first, *parts.rest)) < 25 * 1024

"""A number typed into a card of Teams, as its own renderer takes it."""

from __future__ import annotations

import pytest

from integrations.teams import forms
from tests.teamsland.drawing import Easel
from workbot.cards import Form, NumberField
from workbot.cards.forms import read
from workbot.i18n import language
from workbot.seals import Seal

FORM = Form("x", "X", (NumberField("hours", "Hours", minimum=0, maximum=500),), "Send")


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_comma_is_not_lost_while_it_is_typed(easel: Easel, locale: str) -> None:
    easel.draw(forms.form_card(FORM, language(locale), Seal("s" * 32, "teams.value"), key="k"), picture=False)
    page = easel.page()

    page.locator("input").press_sequentially("12,5")

    typed = forms.values(FORM, {"f0": page.locator("input").input_value()})
    assert read(FORM.fields, typed, language(locale)) == {"hours": "12.5"}


def test_what_is_not_certain_stands_there_again() -> None:
    shown = forms.form_card(FORM, language("en"), Seal("s" * 32, "x"), key="k", values={"hours": "1,234"})

    assert [each["value"] for each in shown["body"] if each["type"] == "Input.Text"] == ["1,234"]

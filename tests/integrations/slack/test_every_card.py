"""Slack takes every card and form of the app, in both languages, with the longest content that is legal."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import integrations.slack
import workbot
from integrations.slack import forms, render
from integrations.slack.texts import HEAVIEST_VIEW
from tests.integrations.slack.test_limits import SEAL, content
from tests.makers import made_by, makers
from tests.slackland.blocks import message_problems, problems, view_problems
from workbot.cards import Card, Form
from workbot.i18n import LOCALES, language
from workbot.turns import Say

MAKERS = list(makers(workbot, integrations.slack))
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def test_they_are_all_here() -> None:
    known = {
        "workbot.requests.views:for_desk",
        "workbot.pulse.views:invitation",
        "workbot.onboarding.views:checklist",
        "workbot.profile.views:help_card",
        "workbot.fallbacks:sorry",
        "integrations.slack.alerts:_broken",
    }

    assert known < set(MAKERS)
    assert len(MAKERS) > 40


@pytest.mark.parametrize("maker", MAKERS)
def test_slack_takes_what_workbot_makes(maker: str) -> None:
    # To make such long content small where it fails would take minutes, and what is wrong is said anyway.
    @settings(max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=SLOW)
    @given(made_by(maker), st.sampled_from(LOCALES))
    def takes(made: Card | Form | Say, locale: str) -> None:
        match made:
            case Form():
                form_is_taken(made, locale)
            case Say(card=card):
                card_is_taken(card, locale)
            case Card():
                card_is_taken(made, locale)

    takes()


def card_is_taken(card: Card, locale: str) -> None:
    """As a message in all its parts, as a modal to read, and on a Home."""
    drawn = content(card, locale)
    parts = render.message(drawn, SEAL)
    for part in (parts.first, *parts.rest):
        assert message_problems({"text": part.text, "blocks": part.blocks}) == []
        assert problems(part.simpler, "message") == []
    assert view_problems(render.view_of(drawn, SEAL)) == []
    assert view_problems({"type": "home", "blocks": render.page([drawn, drawn], SEAL)}) == []


def form_is_taken(form: Form, locale: str) -> None:
    view = forms.modal(form, language(locale), key="k" * 65)
    asked = [block for block in view["blocks"] if block["type"] == "input"]
    # No form fits that asks for more than a modal holds even if it said nothing.
    if len(json.dumps(asked)) <= HEAVIEST_VIEW:
        assert view_problems(view) == []

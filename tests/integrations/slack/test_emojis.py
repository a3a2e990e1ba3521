"""Slack's names of emojis, as they are read elsewhere."""

from __future__ import annotations

import pytest

from integrations.slack.emojis import with_emojis


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (":pray::skin-tone-2:", "🙏🏻"),
        (":pray::skin-tone-3:", "🙏🏼"),
        ("Thanks :pray: :tada:", "Thanks 🙏 🎉"),
        (":+1::skin-tone-6:", "👍🏿"),
        (":thumbsup:", "👍"),
        (":flag-ca:", "🇨🇦"),
        (":train:", "🚋"),
        (":male-technologist::skin-tone-4:", "👨🏽\u200d💻"),
        (":handshake::skin-tone-2-6:", "🫱🏻\u200d🫲🏿"),
        (":heart:", "❤️"),
        (":eyes::white_check_mark:", "👀✅"),
        ("(:wave:)", "(👋)"),
        (":cat::skin-tone-2:", "🐱🏻"),
        ("line :one:\n:two:", "line 1️⃣\n2️⃣"),
    ],
)
def test_a_name_is_read_as_its_character(written: str, read: str) -> None:
    assert with_emojis(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "At 10:30:45, and 10:100:45",
        "a:b:c",
        "std::o::x",
        "fe80::a:b:c",
        "`:pray:` and ```\na :x: b\n```",
        "<https://city.example/:pray:|the page>",
        ":our_mascot: and :our_mascot::skin-tone-2:",
        "::pray::",
        ":Pray:",
        "tea at :30",
        "no: colon :here",
        ":" * 5000,
        ":a" * 5000,
        "`" * 5001 + ":pray:",
    ],
)
def test_what_is_none_is_left_as_it_is(written: str) -> None:
    assert with_emojis(written).replace("🙏", ":pray:") == written

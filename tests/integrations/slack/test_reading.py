"""What Slack's payloads mean: which workspace, which words, and under which name."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.slack import markup, parsing

# Payloads as Slack documents them, cut to what says where they come from.
TENANTS: dict[str, tuple[dict[str, Any], str]] = {
    "a command": ({"team_id": "T1", "is_enterprise_install": "false"}, "T1"),
    "a command in a Grid workspace": ({"team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": "false"}, "T1"),
    "a command of an organisation": ({"team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": "true"}, "E1"),
    "a press": ({"team": {"id": "T1"}, "enterprise": None, "is_enterprise_install": False}, "T1"),
    "a press of an organisation": (
        {"team": {"id": "T1"}, "enterprise": {"id": "E1"}, "is_enterprise_install": True},
        "E1",
    ),
    "a form of an organisation, without a workspace": (
        {"team": None, "enterprise": {"id": "E1"}, "user": {"team_id": "T1"}, "is_enterprise_install": True},
        "E1",
    ),
    "an event": (
        {"team_id": "T9", "authorizations": [{"team_id": "T1", "enterprise_id": None, "is_enterprise_install": False}]},
        "T1",
    ),
    "an event of an organisation": (
        {"team_id": "T9", "authorizations": [{"team_id": None, "enterprise_id": "E1", "is_enterprise_install": True}]},
        "E1",
    ),
}


@pytest.mark.parametrize("case", TENANTS)
def test_a_payload_says_who_installed_us(case: str) -> None:
    body, tenant = TENANTS[case]

    assert parsing.tenant(body) == tenant


TEXTS = {
    "plain": ("hello", "hello"),
    "escaped": ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
    "twice escaped": ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
    "a link": ("see <https://x.example/a?b=1&amp;c=2>", "see https://x.example/a?b=1&c=2"),
    "a named link": ("see <https://x.example|this>", "see this (https://x.example)"),
    "a link named as itself": ("<http://x.example|x.example>", "x.example"),
    "an address": ("<mailto:a@b.example|a@b.example>", "a@b.example"),
    "a channel": ("in <#C1|general>", "in #general"),
    "somebody": ("ask <@U2>", "ask someone"),
    "somebody under an id": ("ask <@U2|U2ABC>", "ask someone"),
    "somebody with a name": ("ask <@U2|bea>", "ask @bea"),
    "everyone": ("<!here> listen", "@here listen"),
    "a whole channel": ("<!channel|channel> listen", "@channel listen"),
    "a group": ("<!subteam^S0999> please", "a group please"),
    "a group with a name": ("<!subteam^S0999|@agents> please", "@agents please"),
    "a channel without a name": ("in <#C0ABC>", "in a channel"),
    "a private channel": ("in <#G0ABC|>", "in a private channel"),
    "a channel under an id": ("in <#C0ABC|C0ABC>", "in a channel"),
    "a date": ("<!date^1392734382^{date} at {time}|Feb 18, 2014 at 6:39 AM>", "Feb 18, 2014 at 6:39 AM"),
    "a date without words": ("<!date^1392734382^{date}>", "2014-02-18 14:39 UTC"),
    "a date that is none": ("at <!date^999999999999^{date}>", "at"),
    "a mail address with a name": ("<mailto:bea@city.example|Write to Bea>", "Write to Bea (bea@city.example)"),
    "a telephone": ("<tel:+15145550100|514 555-0100>", "514 555-0100 (+15145550100)"),
    "an emoji": ("Thanks :pray::skin-tone-2: at 10:30:45", "Thanks 🙏🏻 at 10:30:45"),
    "an open bracket": ("a < b", "a < b"),
    "nothing": ("", ""),
    "nul": ("a\0b", "ab"),
    "half a letter": ("a\ud83db", "a\ufffdb"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_text_is_read_as_it_was_written(case: str) -> None:
    sent, written = TEXTS[case]

    assert markup.plain(sent) == written


def test_whom_a_message_is_for_is_no_part_of_it() -> None:
    assert markup.plain("<@U1> request it for <@U2>", mentioned=True) == "request it for someone"


def message(**event: Any) -> dict[str, Any]:
    known = {"type": "message", "channel": "D1", "user": "U1", "ts": "1.2", "text": "help"}
    return {"team_id": "T1", "event": known | event}


@pytest.mark.parametrize(
    "event",
    [
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"bot_id": "B1"},
        {"hidden": True},
        {"user": ""},
        {"channel": "C1"},
    ],
)
def test_what_nobody_said_to_us_is_not_heard(event: dict[str, Any]) -> None:
    assert parsing.said(message(**event)) is None


def test_a_mention_and_the_message_that_it_is_are_one_turn() -> None:
    heard = [parsing.said(message(channel="C1", thread_ts="1.1", type=kind)) for kind in ("message", "app_mention")]

    assert len({turn.id for pair in heard if pair for turn in pair[1:]}) == 1


def test_the_files_of_a_message_are_part_of_what_is_said() -> None:
    files = [
        {"id": "F1", "title": "Screen", "name": "screen.png", "permalink": "https://city.slack.com/files/F1"},
        {"id": "F2", "name": "log.txt"},
        {"id": "F3", "mode": "file_access", "file_access": "check_file_info"},
    ]

    heard = parsing.said(message(subtype="file_share", text="See:", files=files))

    assert heard is not None
    assert heard[1].text == "See:\n📎 Screen (https://city.slack.com/files/F1)\n📎 log.txt"


def test_a_command_says_what_was_typed() -> None:
    body = {"team_id": "T1", "user_id": "U1", "trigger_id": "1.1", "command": "/request"}

    _where, turn = parsing.command(body | {"text": " it R&amp;D &lt;3 a\0b "})

    assert turn.text == "it R&D <3 ab"


def test_the_way_to_a_message() -> None:
    url = "https://city.slack.com/"

    assert parsing.link(url, "C1", {"ts": "1.000002"}) == "https://city.slack.com/archives/C1/p1000002"
    under = parsing.link(url, "C1", {"ts": "1.000002", "thread_ts": "1.000001"})
    assert under == "https://city.slack.com/archives/C1/p1000002?thread_ts=1.000001&cid=C1"
    assert parsing.link("", "C1", {"ts": "1.000002"}) == ""

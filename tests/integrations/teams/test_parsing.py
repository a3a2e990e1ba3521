"""What Teams sends, read as what people meant."""

from __future__ import annotations

from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.teams import parsing
from integrations.teams.auth import parsed, tenants
from integrations.teams.clouds import DOD, GCC, GCCH, PUBLIC, origin
from integrations.teams.markup import plain
from integrations.teams.names import address_of, parts_of, reference_of, spot_of
from integrations.teams.parsing import Where
from tests.teamsland.reading import Thing

BOT = {"id": "28:bot", "name": "workbot"}
PERSONAL = {
    "type": "message",
    "id": "17",
    "serviceUrl": "https://smba.trafficmanager.net/amer/",
    "from": {"id": "29:a", "aadObjectId": "ADA", "name": "Ada"},
    "recipient": BOT,
    "conversation": {"id": "a:1", "conversationType": "personal", "tenantId": "T"},
}
CHANNEL = PERSONAL | {
    "conversation": {"id": "19:c@thread.tacv2;messageid=10", "conversationType": "channel", "tenantId": "T"}
}
QUOTED = '<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="12">…</blockquote>'
MENTION = {"type": "mention", "text": "<at>workbot</at>", "mentioned": BOT}


def said(body: Thing) -> tuple[str, str] | None:
    """The words and the thread of a message, if it is for us."""
    turn = parsing.said(body, parsing.where(body))
    return (turn.text, turn.thread) if turn else None


def test_in_ones_own_conversation_every_word_is_for_us() -> None:
    assert said(PERSONAL | {"text": " request it\u00a0Laptop \r\nIt beeps. "}) == ("request it Laptop \nIt beeps.", "")


def test_in_a_channel_we_are_spoken_to_by_name_and_the_name_is_not_part_of_what_is_said() -> None:
    body = CHANNEL | {"id": "10", "text": "<at>workbot</at> help me, <at>Bea Novak</at>"}

    assert said(body) is None
    other = {"type": "mention", "text": "<at>Bea Novak</at>", "mentioned": {"id": "29:b"}}
    assert said(body | {"entities": [other, MENTION]}) == ("help me, Bea Novak", "")
    assert said(body | {"entities": [other]}) is None


@pytest.mark.parametrize(
    ("marked", "who", "called"),
    [
        ("<at>Bea</at>", {"id": "29:b", "name": "Bea Novak"}, "Bea Novak"),
        ('<at id="0">Bea Novak</at>', {"id": "29:b"}, "Bea Novak"),
        ("<at>Se&#225;n O&#39;Neil</at>", {"id": "29:b"}, "Seán O'Neil"),
        ("<at>Bea (away)</at>", {"id": "29:b", "aadObjectId": "BEA", "name": "Bea (away)"}, "Béatrice Novak"),
        ("<at></at>", {"id": "29:b"}, "quelqu’un"),
        ("<at>29:1abC-_</at>", {"id": "29:1abC-_", "name": "29:1abC-_"}, "quelqu’un"),
        ("<at>8:orgid:3f2c</at>", {}, "quelqu’un"),
        ("<at>3f2cbb02-9d3b-4f2f-8f8b-0a6dfb1f0a11</at>", {}, "quelqu’un"),
    ],
)
def test_whoever_is_mentioned_is_called_by_name_and_never_by_an_id(marked: str, who: Thing, called: str) -> None:
    body = PERSONAL | {
        "text": f"{marked} please hurry",
        "entities": [{"type": "mention", "text": marked, "mentioned": who}],
    }

    names = parsing.Names({"bea": "Béatrice Novak"}, "quelqu’un")

    assert parsing.words(body, names) == f"{called} please hurry"
    assert parsing.mentioned(body) == ({"bea"} if "aadObjectId" in who else set())


def test_two_people_of_one_name_are_told_apart() -> None:
    sams = [{"type": "mention", "text": "<at>Sam</at>", "mentioned": {"name": name}} for name in ("Sam Lee", "Sam Roy")]

    assert parsing.words({"text": "<at>Sam</at> and <at>Sam</at>", "entities": sams}) == "Sam Lee and Sam Roy"


def test_a_reply_in_a_thread_is_one_whether_it_names_us_or_not() -> None:
    expected = "19:c@thread.tacv2|10"

    assert said(CHANNEL | {"text": "It is fixed."}) == ("It is fixed.", expected)
    assert said(CHANNEL | {"text": "<at>workbot</at> It is fixed.", "entities": [MENTION]}) == (
        "It is fixed.",
        expected,
    )


@pytest.mark.parametrize(
    "quoting",
    [
        {"entities": [{"type": "quotedReply", "quotedReply": {"messageId": "12"}}]},
        {"attachments": [{"contentType": "text/html", "content": QUOTED}]},
        {"replyToId": "12"},
    ],
)
def test_what_answers_a_message_of_ours_stands_under_it(quoting: Thing) -> None:
    assert said(PERSONAL | {"text": '<quoted messageId="12"/> Twice.'} | quoting) == ("Twice.", "a:1|12")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>The printer <b>smokes</b> &amp; smells</p><p>Badly.</p>", "The printer smokes & smells\n\nBadly."),
        ("<div>one<br>two<br/>three</div>", "one\ntwo\nthree"),
        ("<ul><li>first</li><li>second</li></ul>", "first\n\nsecond"),
        ('<a href="https://x.example/a">here</a>', "here (https://x.example/a)"),
        ('<a href="https://x.example/a">https://x.example/a</a>', "https://x.example/a"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ('<img src="x" alt="a chart"><emoji alt="🎉"></emoji>', "a chart🎉"),
        ("<script>alert(1)</script><style>p{}</style>text", "text"),
        ("<at id='0'>Bea</at> look", "Bea look"),
        ("1 &lt; 2 &amp;lt; 3", "1 < 2 &lt; 3"),
        ("<p>open", "open"),
        ("", ""),
    ],
)
def test_the_html_of_a_message_becomes_its_words(html: str, text: str) -> None:
    assert plain(html) == text


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=200))
def test_no_html_stops_a_turn(html: str) -> None:
    assert "\0" not in plain(html)


@pytest.mark.parametrize(
    "piece",
    [
        "<at>", "<at ", "<at x>", "<quoted ", "<blockquote ", '<blockquote itemtype="http://schema.skype.com/Reply" ',
        'itemtype="http://schema.skype.com/Reply"', "<a", "<a x='", "<!", "<!--", "<![", "<?", "</", "</a ", "&#",
        "&amp", "<script>", "<a href=http://x.y>", "<p>", "<", ">",
    ],
)  # fmt: skip
def test_nobody_waits_for_what_another_wrote_to_be_read(piece: str) -> None:
    long = piece * (200_000 // len(piece))
    began = thread_time()

    parsing.words({"text": long})
    plain(long)
    parsing.said({"attachments": [{"content": f"<blockquote {long}"}]}, Where("t", "u", "a:1", "https://x"))

    # Of this thread's own time, whatever else the machine does: what backtracks takes minutes.
    assert thread_time() - began < 5


def test_addresses_and_references_come_apart_as_they_were_put_together() -> None:
    assert parts_of(address_of("t", "19:c@thread.tacv2")) == ("t", "19:c@thread.tacv2")
    assert parts_of("only-an-object-id") == ("", "only-an-object-id")
    assert spot_of(reference_of("19:a|b@x", "12")) == ("19:a|b@x", "12")
    assert reference_of("a:1", "") == ""


def test_every_tenant_that_is_named_counts() -> None:
    body = PERSONAL | {"channelData": {"tenant": {"id": "U"}}, "from": {"tenantId": "V"}}

    assert tenants(body) == {"t", "u", "v"}


def test_what_no_database_takes_is_not_in_what_is_read() -> None:
    read = parsed(b'{"type": "message", "text": "a\\u0000b\\ud83d\\ude00\\ud800"}')

    assert read == {"type": "message", "text": "ab😀�"}


@pytest.mark.parametrize(
    ("cloud", "url"),
    [
        (PUBLIC, "https://smba.trafficmanager.net/amer/11111111-2222/"),
        (PUBLIC, "https://smba.trafficmanager.net:443/teams"),
        (GCC, "https://smba.infra.gcc.teams.microsoft.com/gcc"),
        (GCCH, "https://smba.infra.gov.teams.microsoft.us/gcch/"),
        (DOD, "https://smba.infra.dod.teams.microsoft.us/dod/"),
    ],
)
def test_each_cloud_knows_its_own_services_and_no_others(cloud: object, url: str) -> None:
    assert cloud.is_ours(url)  # type: ignore[attr-defined]
    assert not cloud.is_ours(url.replace("smba.", "smba2."))  # type: ignore[attr-defined]
    assert all(one.is_ours(one.service_url) for one in (PUBLIC, GCC, GCCH, DOD))
    assert origin("https://SMBA.trafficmanager.net/x") == "https://smba.trafficmanager.net"

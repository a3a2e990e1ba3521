"""Cards as Slack shows them, element by element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from integrations.slack import render
from integrations.slack.render import LONGEST_VALUE, Content, Parts
from tests.sampler import HOSTILE, everything
from tests.slackland.blocks import message_problems, view_problems, visible
from workbot.cards import (
    Attachment,
    Button,
    Buttons,
    Card,
    Element,
    Fact,
    Facts,
    Image,
    Option,
    Progress,
    Select,
    Table,
    Text,
)
from workbot.errors import WorkbotError
from workbot.i18n import language
from workbot.seals import Opened, Seal, memo_key

SEAL = Seal("only-for-tests", "slack")
BASE = "https://bot.city.example"


def content(card: Card, locale: str = "en", **files: dict[str, str]) -> Content:
    return Content(card, language(locale), BASE, **files)


def drawn(card: Card, locale: str = "en", **files: dict[str, str]) -> Parts:
    return render.message(content(card, locale, **files), SEAL)


def body(*elements: Element, **files: dict[str, str]) -> list[dict[str, Any]]:
    """The blocks of elements, without the card's title."""
    return drawn(Card("T", elements), "en", **files).first.blocks[1:]


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def rich(kind: str, *leaves: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": f"rich_text_{kind}", "elements": list(leaves)}]}


def said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def bold(text: str) -> dict[str, Any]:
    return said(text) | {"style": {"bold": True}}


def pressable(blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [button for block in blocks if block["type"] == "actions" for button in block["elements"]]


@pytest.mark.parametrize(
    ("tone", "title"), [("plain", "Done"), ("good", "✅ Done"), ("warn", "⚠️ Done"), ("bad", "⛔ Done")]
)
def test_a_title_is_a_header_with_a_mark_for_its_tone(tone: Any, title: str) -> None:
    assert drawn(Card("Done", tone=tone)).first.blocks == [{"type": "header", "text": plain(title)}]


def test_a_title_too_long_for_a_header_is_there_whole_below_it() -> None:
    title = "word " * 40 + "END"

    header, whole = drawn(Card(title)).first.blocks

    assert len(header["text"]["text"]) <= 150
    assert whole == rich("section", bold(title))


@pytest.mark.parametrize(
    ("style", "block"),
    [
        ("plain", rich("section", said("One.\nTwo."))),
        ("strong", rich("section", bold("One.\nTwo."))),
        ("quote", rich("quote", said("One.\nTwo."))),
        ("muted", {"type": "context", "elements": [plain("One.\nTwo.")]}),
    ],
)
def test_a_paragraph_in_each_style(style: Any, block: dict[str, Any]) -> None:
    assert body(Text("One.\nTwo.", style)) == [block]


def test_facts_are_lines_with_bold_labels() -> None:
    assert body(Facts((Fact("State", "Open"), Fact("Due", "")))) == [
        rich("section", bold("State: "), said("Open"), said("\n"), bold("Due: "), said("–"))
    ]


def test_french_facts_have_a_french_colon() -> None:
    blocks = drawn(Card("T", (Facts((Fact("État", "Ouverte"),)),)), "fr").first.blocks

    assert visible(blocks)[-1] == "État\u00a0: Ouverte"


@pytest.mark.parametrize(
    ("progress", "bar"),
    [
        (Progress(3, 8, "3 of 8 steps"), "▰▰▰▱▱▱▱▱  3 of 8 steps"),
        (Progress(0, 3, "0 of 3 steps"), "▱▱▱  0 of 3 steps"),
        (Progress(99, 100, "almost"), "▰▰▰▰▰▰▰▰▰▱  almost"),
        (Progress(100, 100, "all"), "▰▰▰▰▰▰▰▰▰▰  all"),
        (Progress(0, 0, "nothing to do"), "▱▱▱▱▱▱▱▱▱▱  nothing to do"),
        (Progress(7, 5, "more"), "▰▰▰▰▰  more"),
    ],
)
def test_progress_is_a_bar_that_is_full_only_when_all_is_done(progress: Progress, bar: str) -> None:
    assert body(progress) == [rich("section", said(bar))]


def test_a_picture_has_its_words_and_they_stand_alone_when_slack_has_no_picture() -> None:
    picture = Image("p", "Satisfaction rose")

    assert body(picture, pictures={"p": "F1"}) == [
        {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "Satisfaction rose"}
    ]
    assert body(picture) == [{"type": "context", "elements": [plain("Satisfaction rose")]}]


def test_a_file_is_a_link_and_its_name_alone_when_slack_has_no_file() -> None:
    link = {"type": "link", "url": "https://x.slack.com/f", "text": "results.csv"}

    assert body(Attachment("f", "results.csv"), links={"f": "https://x.slack.com/f"}) == [
        rich("section", said("📎 "), link)
    ]
    assert body(Attachment("f", "results.csv")) == [rich("section", said("📎 "), said("results.csv"))]


def test_a_table_has_its_caption_above_and_bold_headings_and_numbers_under_one_another() -> None:
    table = Table(("Service", "Mean"), (("Parks", "3.8"), ("Transport", "")), "By department")

    assert body(table) == [
        rich("section", bold("By department")),
        {
            "type": "table",
            "rows": [
                [rich("section", bold("Service")), rich("section", bold("Mean"))],
                [rich("section", said("Parks")), rich("section", said("3.8"))],
                [rich("section", said("Transport")), rich("section", said("–"))],
            ],
            "column_settings": [{"align": "left", "is_wrapped": True}, {"align": "right", "is_wrapped": True}],
        },
    ]


def test_a_table_can_be_shown_as_lines_of_one_width_instead() -> None:
    table = Table(("Service", "Mean"), (("Parks", "3.8"), ("Transport", "4.1")))

    assert drawn(Card("T", (table,))).first.simpler[1:] == [
        rich("preformatted", said("Service    Mean\nParks      3.8\nTransport  4.1"))
    ]


def test_a_table_too_wide_for_lines_names_every_cell() -> None:
    table = Table(("Question", "Answer"), (("q" * 50, "a" * 50), ("r" * 50, "b" * 50)))

    simple = drawn(Card("T", (table,))).first.simpler[1:]

    assert simple == [
        rich(
            "section",
            said(
                f"Question: {'q' * 50}\nAnswer: {'a' * 50}\n\nQuestion: {'r' * 50}\nAnswer: {'b' * 50}",
            ),
        )
    ]


def test_a_second_table_is_in_a_message_of_its_own() -> None:
    table = Table(("A",), (("1",),))

    parts = drawn(Card("T", (table, table)))

    assert [[block["type"] for block in part.blocks] for part in (parts.first, *parts.rest)] == [
        ["header", "table"],
        ["table"],
    ]


def test_a_message_and_what_stands_for_it_are_both_within_the_limits() -> None:
    long = Table(("Question", *("Answer",) * 19), tuple(("w" * 90,) * 20 for _ in range(5)))
    rows = Table(("N", "Words"), tuple((str(n), "word " * 15) for n in range(99)))
    card = Card("T", (long, *(Text(f"Line {n}") for n in range(45)), rows))

    parts = drawn(card)

    for part in (parts.first, *parts.rest):
        for blocks in (part.blocks, part.simpler):
            assert message_problems({"text": part.text, "blocks": blocks}) == []


def test_a_button_has_a_sealed_value_and_an_id_of_its_own() -> None:
    (block,) = body(Buttons((Button("Take it", "it.take", "7", "primary"), Button("Take it", "it.take", "8"))))

    first, second = block["elements"]
    assert first == {
        "type": "button",
        "text": plain("Take it"),
        "style": "primary",
        "action_id": "it.take|1",
        "value": SEAL.close("it.take", "7"),
    }
    assert second["action_id"] == "it.take|2"
    assert SEAL.open(second["value"]) == Opened("it.take", "8")


def test_the_hint_of_a_button_is_said_to_those_who_hear_it() -> None:
    (block,) = body(Buttons((Button("3", "pulse.answer", "3", hint="3 of 5"),)))

    assert block["elements"][0]["accessibility_label"] == "3: 3 of 5"


@pytest.mark.parametrize(
    ("url", "opens"),
    [("/chat", f"{BASE}/chat"), ("https://x.example/a?b=c", "https://x.example/a?b=c"), ("HTTP://x", "http://x")],
)
def test_a_link_opens_web_addresses(url: str, opens: str) -> None:
    (block,) = body(Buttons((Button("Read", url=url),)))

    assert block["elements"] == [{"type": "button", "text": plain("Read"), "url": opens, "action_id": "link|1"}]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "mailto:it@x.example", "http://[", "https://a b"]
)
def test_other_addresses_are_read_and_not_opened(url: str) -> None:
    assert body(Buttons((Button("Read", url=url),))) == [{"type": "context", "elements": [plain(f"Read: {url}")]}]


def test_more_buttons_than_a_row_takes_are_in_several() -> None:
    blocks = body(Buttons(tuple(Button(str(n), "a.b", str(n)) for n in range(60))))

    assert [len(block["elements"]) for block in blocks] == [25, 25, 10]
    assert [SEAL.open(button["value"]).value for button in pressable(blocks)] == [str(n) for n in range(60)]


def test_the_whole_of_a_long_label_stands_above_its_button() -> None:
    label = "word " * 20 + "END"

    above, row = body(Buttons((Button(label, "a.b"),)))

    assert visible([above]) == [label]
    assert row["elements"][0]["text"]["text"].endswith("…")


def test_a_value_too_long_for_slack_is_kept_by_us_under_a_name() -> None:
    value = "word " * 1000
    card = Card("T", (Buttons((Button("Ask", "it.ask", value),)),))

    parts = drawn(card)

    (button,) = pressable(parts.first.blocks)
    assert len(button["value"]) <= LONGEST_VALUE
    assert SEAL.open(button["value"]) == Opened("it.ask", memo_key(value), is_memo=True)
    assert parts.memos == {memo_key(value): value} == render.memos([content(card)], SEAL)


def test_a_selection_is_a_list_whose_options_are_sealed() -> None:
    select = Select("Priority", "it.priority", (Option("Normal", "normal"), Option("High", "high")), "high")

    (block,) = body(select)

    assert block["text"] == plain("Priority")
    listed = block["accessory"]
    assert listed["placeholder"] == plain("Priority")
    assert [SEAL.open(option["value"]) for option in listed["options"]] == [
        Opened("it.priority", "normal"),
        Opened("it.priority", "high"),
    ]
    assert listed["initial_option"] == listed["options"][1]


def test_a_selection_longer_than_a_list_is_in_several() -> None:
    blocks = body(Select("Who", "it.who", tuple(Option(f"Person {n}", str(n)) for n in range(150))))

    assert [len(block["accessory"]["options"]) for block in blocks] == [100, 50]
    assert len({block["accessory"]["action_id"] for block in blocks}) == 2


def test_options_with_long_values_become_buttons() -> None:
    label, row = body(Select("Who", "it.who", (Option("Ada", "x" * 200), Option("Bea", "y" * 200))))

    assert visible([label]) == ["Who"]
    assert [SEAL.open(button["value"]) for button in row["elements"]] == [
        Opened("it.who", "x" * 200),
        Opened("it.who", "y" * 200),
    ]


def test_people_are_invited_to_the_thread_in_messages_alone() -> None:
    card = Card("IT-1", (Text("Laptop"),), replies="Reply to Bea")

    assert visible(drawn(card).first.blocks)[-1] == "💬 Reply to Bea: write in the thread of this message."
    assert "thread" not in str(render.page([content(card)], SEAL))
    assert "thread" not in str(render.view_of(content(card), SEAL))


def test_nothing_that_was_written_is_markup() -> None:
    words = "<!channel> <@U1> *bold* _x_ :tada: <http://x|y> & &lt;"

    part = drawn(Card(words, (Text(words), Text(words, "muted"), Facts((Fact(words, words),))))).first

    assert "mrkdwn" not in str(part.blocks)
    assert visible(part.blocks)[:3] == [words] * 3
    assert part.text.startswith("&lt;!channel&gt; &lt;@U1&gt; *bold*")
    assert part.text.endswith("&amp; &amp;lt;")


def test_what_no_json_takes_is_left_out() -> None:
    part = drawn(Card("nul\0", (Text("half \ud83d"),))).first

    assert visible(part.blocks) == ["nul", "half \ufffd"]
    assert message_problems({"text": part.text, "blocks": part.blocks}) == []


def test_hostile_text_is_read_as_it_was_written() -> None:
    part = drawn(Card("T", (Text(HOSTILE),))).first

    assert visible(part.blocks)[1] == HOSTILE


def test_what_is_longer_than_a_message_goes_on_in_the_next() -> None:
    text = "\n".join(f"Line {n} of what was written." for n in range(2000))

    parts = drawn(Card("Long", (Text(text),)), "fr")

    everything_read = "".join(words for part in (parts.first, *parts.rest) for words in visible(part.blocks))
    assert everything_read == f"Long{text}"
    assert [part.text for part in parts.rest] == ["Suite\u00a0: Long"] * len(parts.rest)
    assert len(parts.rest) > 3


def test_what_stands_for_pictures_takes_room_in_a_message_too() -> None:
    pictures = tuple(Image(f"p{n}", f"Picture {n} " + "of the results " * 130) for n in range(9))

    parts = drawn(Card("Charts", pictures), pictures={picture.file: "F1" for picture in pictures})

    assert [message_problems({"text": part.text, "blocks": part.blocks}) for part in (parts.first, *parts.rest)] == [
        [],
        [],
    ]


def test_an_empty_card_still_says_something() -> None:
    part = drawn(Card("")).first

    assert message_problems({"text": part.text, "blocks": part.blocks}) == []
    assert visible(part.blocks) == ["–"]


def test_a_page_shows_cards_under_one_another() -> None:
    cards = [content(Card("One", (Buttons((Button("Go", "a.b"),)),))), content(everything_card())]

    blocks = render.page(cards, SEAL)

    assert [block["type"] for block in blocks[:4]] == ["header", "actions", "divider", "header"]
    assert view_problems({"type": "home", "blocks": blocks}) == []


def test_a_page_too_long_for_slack_ends_with_the_way_to_the_rest() -> None:
    blocks = render.page([content(Card(f"Card {n}", (Text("Words"),))) for n in range(60)], SEAL)

    assert view_problems({"type": "home", "blocks": blocks}) == []
    assert visible(blocks)[-2:] == ["There is more than fits here. All of it is in the web chat.", "Open the web chat"]
    assert blocks[-1]["elements"][0]["url"] == f"{BASE}/chat"


@pytest.mark.parametrize("words", ["word ", "é", "🎉"])
def test_a_page_too_heavy_for_slack_ends_with_the_way_to_the_rest(words: str) -> None:
    cards = [content(Card(f"Card {n}", (Text(words * 5000),))) for n in range(12)]

    blocks = render.page(cards, SEAL)

    assert view_problems({"type": "home", "blocks": blocks}) == []
    assert visible(blocks)[-1] == "Open the web chat"


def test_a_page_of_nothing_has_no_blocks() -> None:
    assert render.page([], SEAL) == []


def test_a_card_as_a_modal_has_its_whole_title_inside() -> None:
    view = render.view_of(content(Card("A title that is longer than a modal takes", (Text("Words"),))), SEAL)

    assert view["title"] == plain("A title that is longer…")
    assert visible(view["blocks"]) == ["A title that is longer than a modal takes", "Words"]
    assert "submit" not in view
    assert view_problems(view) == []


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_one_of_each_element_is_as_slack_wants_it(locale: str) -> None:
    parts = drawn(everything(locale, image="p", file="f"), locale, pictures={"p": "F1"}, links={"f": "https://x"})

    assert parts.rest == ()
    assert [block["type"] for block in parts.first.blocks] == [
        "header",
        "rich_text",
        "rich_text",
        "context",
        "rich_text",
        "rich_text",
        "rich_text",
        "image",
        "rich_text",
        "rich_text",
        "table",
        "section",
        "actions",
        "context",
    ]
    assert message_problems({"text": parts.first.text, "blocks": parts.first.blocks}) == []


@pytest.mark.parametrize(
    "forge",
    [
        lambda sealed: "",
        lambda sealed: "v",
        lambda sealed: sealed[:-1] + "8",
        lambda sealed: "m" + sealed[1:],
        lambda sealed: sealed.replace("it.take", "it.open"),
        lambda sealed: sealed[:5] + "A" + sealed[6:] if sealed[5] != "A" else sealed[:5] + "B" + sealed[6:],
        lambda sealed: sealed + "é\ud83d",
        lambda sealed: Seal("another secret", "slack").close("it.take", "7"),
    ],
)
def test_a_forged_value_opens_nothing(forge: Any) -> None:
    with pytest.raises(WorkbotError, match="not one of ours"):
        SEAL.open(forge(SEAL.close("it.take", "7")))


def everything_card() -> Card:
    return everything("en", image="p", file="f")

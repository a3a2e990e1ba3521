"""Cards as messages, read back the way a mail program reads them."""

from __future__ import annotations

import asyncio
import mailbox
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from integrations.email.maildir import Maildir
from integrations.email.platform import Email
from tests.integrations.email.host import CHART, GONE, TABLE, App
from workbot.cards import (
    Attachment,
    Button,
    Buttons,
    Card,
    Fact,
    Facts,
    Image,
    Option,
    Progress,
    Select,
    Table,
    Text,
)
from workbot.errors import DeliveryError
from workbot.platforms import Limits, Mail, Outgoing

EVERYTHING = Card(
    "Results of the week",
    (
        Text("Forty people answered.\nThank you."),
        Text("Groups under 5 are not shown.", "muted"),
        Facts((Fact("Response rate", "69 %"),)),
        Image(str(CHART), "Mood 3.8, load 2.9"),
        Progress(7, 10, "7 of 10 steps done"),
        Table(("Question", "Mean"), (("Mood", "3.8"),), "Scores"),
        Buttons((Button("Open the report", url="/console/surveys"), Button("Take it", "request.take", "1"))),
        Buttons((Button("Bad", "p.a", "1"), Button("Good", "p.a", "2")), "How was it?"),
        Select("Hand over to", "r.h", (Option("Bea", "1"), Option("Omar", "2"))),
        Attachment(str(TABLE), "week-12.csv"),
    ),
)


@pytest.fixture
def email(tmp_path: Path) -> Email:
    return Email(App(), Maildir(tmp_path), Address("City Bot", addr_spec="bot@city.example"), Limits())  # type: ignore[arg-type]


def outgoing(card: Card = EVERYTHING, **fields: str) -> Outgoing:
    known = {"key": "k1", "address": "ada@city.example", "locale": "en"}
    return Outgoing(**{**known, **fields}, card=card)  # type: ignore[arg-type]


def sent(email: Email, *delivered: Outgoing) -> list[EmailMessage]:
    references = [asyncio.run(email.deliver(each)) for each in delivered]
    found = {letter["Message-ID"]: letter for letter in letters(email)}
    return [found[reference] for reference in references]


def letters(email: Email) -> list[EmailMessage]:
    folder: Path = email._post.path  # type: ignore[attr-defined]
    read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in sorted((folder / "new").glob("*"))]
    return [letter for letter in read if isinstance(letter, EmailMessage)]


def body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class Page(HTMLParser):
    """The links, pictures and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.pictures: list[dict[str, str]] = []
        self.tags: list[str] = []
        self.words = ""
        self.lang = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "a":
            self.links.append(values["href"])
        if tag == "img":
            self.pictures.append(values)
        if tag == "html":
            self.lang = values["lang"]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_a_message_with_pictures_names_the_part_they_belong_to(email: Email) -> None:
    [letter] = sent(email, outgoing())

    [related] = [part for part in letter.walk() if part.get_content_type() == "multipart/related"]
    assert related.get_param("type") == "text/html"


def test_a_message_says_who_when_and_what(email: Email) -> None:
    (letter,) = sent(email, outgoing())

    assert letter["From"] == "City Bot <bot@city.example>"
    assert letter["To"] == "ada@city.example"
    assert letter["Subject"] == "Results of the week"
    assert letter["Date"] == "Mon, 02 Mar 2026 17:00:00 +0000"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == "en"


def test_every_element_is_in_both_forms(email: Email) -> None:
    (letter,) = sent(email, outgoing())

    for text in (body(letter, "plain"), Page(body(letter, "html")).words):
        for words in (
            "Results of the week",
            "Forty people answered.",
            "Groups under 5",
            "Response rate",
            "69 %",
            "7 of 10 steps done",
            "Scores",
            "Question",
            "3.8",
            "Open the report",
            "Take it",
            "How was it?",
            "Bad · Good",
            "Bea · Omar",
            "week-12.csv",
        ):
            assert words in text, f"{words!r} is missing"


def test_links_are_whole_and_buttons_lead_to_the_chat(email: Email) -> None:
    (letter,) = sent(email, outgoing())

    chat = "https://bot.city.example/chat"
    assert Page(body(letter, "html")).links == ["https://bot.city.example/console/surveys", chat, chat, chat, chat]
    assert f"Take it <{chat}>" in body(letter, "plain")


def test_a_picture_travels_with_the_message_and_has_its_words(email: Email) -> None:
    (letter,) = sent(email, outgoing())

    (picture,) = Page(body(letter, "html")).pictures
    (part,) = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    assert picture["alt"] == "Mood 3.8, load 2.9"
    assert picture["src"] == "cid:" + part["Content-ID"].strip("<>")
    assert (part.get_content(), part.get_content_disposition()) == (b"\x89PNG picture", "inline")
    assert "[Mood 3.8, load 2.9]" in body(letter, "plain")


def test_a_file_is_attached_under_its_name(email: Email) -> None:
    (letter,) = sent(email, outgoing(Card("Export", (Attachment(str(TABLE), "été 2026.csv"),))))

    (attached,) = letter.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("été 2026.csv", "question,mean\nmood,3.8\n")


def test_a_file_that_is_gone_leaves_its_words(email: Email) -> None:
    (letter,) = sent(email, outgoing(Card("Old", (Image(str(GONE), "A chart"), Attachment(str(GONE), "old.csv")))))

    page = Page(body(letter, "html"))
    assert page.pictures == []
    assert "A chart" in page.words
    assert "No longer there: old.csv" in page.words
    assert list(letter.iter_attachments()) == []


def test_what_the_mail_adds_is_in_the_readers_language(email: Email) -> None:
    (letter,) = sent(email, outgoing(locale="fr"))

    page = Page(body(letter, "html"))
    assert (page.lang, letter["Content-Language"]) == ("fr", "fr")
    for text in (page.words, body(letter, "plain")):
        assert "Veuillez ne pas répondre à ce courriel\u00a0: personne ne le lit." in text
        assert "Choisir dans la conversation" in text


def test_a_card_that_takes_answers_says_where(email: Email) -> None:
    (letter,) = sent(email, outgoing(Card("IT-1", replies="The IT desk reads this.")))

    assert "Answer in the chat <https://bot.city.example/chat>" in body(letter, "plain")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", " javascript:alert(1)"])
def test_a_link_that_is_not_one_is_not_followed(email: Email, url: str) -> None:
    (letter,) = sent(email, outgoing(Card("Careful", (Buttons((Button("Go", url=url),)),))))

    assert set(Page(body(letter, "html")).links) == {"https://bot.city.example/chat"}


def test_what_people_write_is_shown_and_does_nothing(email: Email) -> None:
    text = '<script>alert(1)</script><img src=x> =HYPERLINK("x") & مرحبا 👩‍🚒'

    (letter,) = sent(email, outgoing(Card(text, (Text(text), Facts((Fact(text, text),)), Table((text,), ((text,),))))))

    page = Page(body(letter, "html"))
    assert not {"script", "img"} & set(page.tags)
    assert page.words.count(text) == 7
    assert letter["Subject"] == text


def test_line_breaks_are_kept(email: Email) -> None:
    (letter,) = sent(email, outgoing())

    assert "Forty people answered.<br>Thank you." in body(letter, "html")


@pytest.mark.parametrize("title", ["Hi\r\nBcc: eve@evil.example", "Hi\nBcc: eve@evil.example", "Hi\x0b\u2028Bcc: x"])
def test_a_title_adds_no_header(email: Email, title: str) -> None:
    (letter,) = sent(email, outgoing(Card(title)))

    assert letter["Bcc"] is None
    assert "\n" not in letter["Subject"]


def test_a_very_long_title_and_text_are_taken(email: Email) -> None:
    (letter,) = sent(email, outgoing(Card("é" * 100_000, (Text("ü " * 50_000),))))

    assert letter["Subject"] == "é" * 149 + "…"
    assert "ü " * 50_000 in body(letter, "plain").replace("\n", "")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@city.example, eve@evil.example",
        "ada@city.example\nBcc: eve@evil.example",
        "Ada <ada@city.example>",
        "adä@city.example",
    ],
)
def test_an_address_that_is_not_one_plain_address_is_refused_for_good(email: Email, address: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        asyncio.run(email.deliver(outgoing(address=address)))

    assert caught.value.permanent
    assert letters(email) == []


def test_the_same_parcel_lands_once_in_a_folder(email: Email) -> None:
    first, again, other = sent(email, outgoing(), outgoing(), outgoing(key="k2"))

    assert email.takes_once
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert len(letters(email)) == 2


def test_the_same_parcel_is_not_written_again_once_it_was_read(email: Email, tmp_path: Path) -> None:
    sent(email, outgoing())
    (file,) = (tmp_path / "new").iterdir()
    file.rename(tmp_path / "cur" / f"{file.name}:2,S")

    asyncio.run(email.deliver(outgoing()))

    assert letters(email) == []


def test_a_mail_program_reads_the_folder(email: Email, tmp_path: Path) -> None:
    sent(email, outgoing())

    assert [letter["Subject"] for letter in mailbox.Maildir(tmp_path)] == ["Results of the week"]


def test_an_update_is_a_new_message_in_the_same_conversation(email: Email) -> None:
    (first,) = sent(email, outgoing())

    (update,) = sent(email, outgoing(key="k2", reference=str(first["Message-ID"])))

    assert update["In-Reply-To"] == update["References"] == first["Message-ID"]


def test_a_letter_goes_out_at_once(email: Email) -> None:
    card = Card("Votre lien", (Text("Suivez-le."), Buttons((Button("Se connecter", url="https://bot/x"),))))

    asyncio.run(email.post(Mail("ada@city.example", card, "fr")))

    (letter,) = letters(email)
    assert (letter["To"], letter["Subject"]) == ("ada@city.example", "Votre lien")
    assert letter["Content-Language"] == "fr"
    assert "Se connecter <https://bot/x>" in body(letter, "plain")
    assert '<html lang="fr">' in body(letter, "html")
    assert 'href="https://bot/x"' in body(letter, "html")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    email = Email(App(), Maildir(tmp_path / "file"), Address("Bot", addr_spec="bot@city.example"), Limits())  # type: ignore[arg-type]

    assert "cannot write to" in asyncio.run(email.check())
    with pytest.raises(DeliveryError) as caught:
        asyncio.run(email.deliver(outgoing()))
    assert not caught.value.permanent


def test_what_is_no_text_is_in_no_part_of_a_message(email: Email) -> None:
    odd = "a\x1b[31m\x01b\ufffe"
    card = Card(
        odd, (Text(odd), Facts((Fact(f"{odd}?", odd),)), Buttons((Button(odd, url="/x"),)), Image(str(CHART), odd))
    )

    sent(email, outgoing(card))

    [letter] = letters(email)
    assert letter["Subject"] == "a[31mb"
    for kind in ("plain", "html"):
        assert "a[31mb" in body(letter, kind)
        assert not {"\x1b", "\x01", "\ufffe"} & set(body(letter, kind))
    assert "a[31mb? a[31mb" in body(letter, "plain")

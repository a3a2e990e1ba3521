"""The chat without scripts: plain forms, a page after each, and nothing that a forger could use."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlmodel import select

from integrations.web.models import ChatMessage
from tests.integrations.web.conftest import visit
from tests.integrations.web.reading import button, form_to, messages, page
from tests.sampler import HOSTILE, everything
from tests.small_app import App
from tests.visitor import Visitor
from workbot.cards import Button, Buttons, Card, Text
from workbot.people import Person
from workbot.processed_turns import ProcessedTurn

DATABASES = ("sqlite", "postgresql")


def say(visitor: Visitor, text: str, path: str = "/chat") -> str:
    """Type into the box of a page; the page that follows."""
    return visitor.post("/chat/say", form_to(visitor.get(path).text, "/chat/say") | {"text": text}).text


def press(visitor: Visitor, label: str, path: str = "/chat") -> str:
    return visitor.post("/chat/press", button(visitor.get(path).text, label)).text


def test_a_visitor_who_is_not_signed_in_is_shown_the_way(app: App) -> None:
    landed = Visitor(app.asgi(), "http://127.0.0.1").get("/chat/p/it")

    assert landed.url.path == "/signin"
    assert landed.url.params["next"] == "/chat/p/it"


def test_an_empty_conversation_says_how_to_begin(visitor: Visitor) -> None:
    assert "Begin with the word “help”" in page(visitor.get("/chat").text).text


def test_what_one_types_stands_there_with_the_answer_under_it(visitor: Visitor) -> None:
    said = messages(say(visitor, "help"))

    assert "You" in said[0]
    assert "help" in said[0]
    assert "What I can do" in said[1]


def test_one_lands_at_the_newest_message(visitor: Visitor) -> None:
    landed = visitor.post("/chat/say", form_to(visitor.get("/chat").text, "/chat/say") | {"text": "help"})

    assert str(landed.history[0].headers["location"]) == "/chat#newest"
    assert page(landed.text).all("div", id="newest")


def test_nothing_typed_says_nothing(visitor: Visitor) -> None:
    assert messages(say(visitor, "  \n ")) == []


def test_the_same_box_sent_twice_says_it_once(visitor: Visitor) -> None:
    box = form_to(visitor.get("/chat").text, "/chat/say") | {"text": "help"}

    visitor.post("/chat/say", box)

    assert len(messages(visitor.post("/chat/say", box).text)) == 2


def test_another_text_in_the_same_box_is_said_too(visitor: Visitor) -> None:
    box = form_to(visitor.get("/chat").text, "/chat/say")

    visitor.post("/chat/say", box | {"text": "help"})

    assert len(messages(visitor.post("/chat/say", box | {"text": "everything"}).text)) == 4


def test_the_same_words_may_be_said_again(visitor: Visitor) -> None:
    say(visitor, "help")

    assert len(messages(say(visitor, "help"))) == 4


def test_a_button_changes_its_message(visitor: Visitor) -> None:
    say(visitor, "everything")

    after = messages(press(visitor, "Take it"))

    assert "Ada Tremblay took 7" in after[1]
    assert len(after) == 2


def test_a_double_click_is_one_press(visitor: Visitor, app: App, ada: Person) -> None:
    app.tell(ada, Card("Pick", (Buttons((Button("High", "sample.priority", "high"),)),)), "pick")
    pressed = button(visitor.get("/chat").text, "High")

    visitor.post("/chat/press", pressed)
    after = messages(visitor.post("/chat/press", pressed).text)

    assert sum("Priority high" in said for said in after) == 1


def test_a_button_that_stays_can_be_pressed_again_later(visitor: Visitor, app: App, ada: Person) -> None:
    app.tell(ada, Card("Pick", (Buttons((Button("High", "sample.priority", "high"),)),)), "pick")

    press(visitor, "High")
    after = messages(press(visitor, "High"))

    assert sum("Priority high" in said for said in after) == 2


def test_a_press_sent_again_does_not_undo_what_came_after(visitor: Visitor, app: App, ada: Person) -> None:
    app.tell(ada, everything("en"), "first", subject="thing")
    pressed = button(visitor.get("/chat").text, "Take it")
    visitor.post("/chat/press", pressed)
    app.tell(ada, Card("Resolved"), "second", subject="thing")

    after = messages(visitor.post("/chat/press", pressed).text)

    assert len(after) == 1
    assert "Resolved" in after[0]


def test_a_button_that_is_gone_is_refused_kindly(visitor: Visitor, app: App, ada: Person) -> None:
    app.tell(ada, everything("en"), "first", subject="thing")
    pressed = button(visitor.get("/chat").text, "Take it")
    app.tell(ada, Card("Resolved"), "second", subject="thing")

    after = messages(visitor.post("/chat/press", pressed).text)

    assert "Resolved" in after[0]
    assert "This has changed since" in after[1]


@pytest.mark.parametrize("forged", ['["sample.take","8"]', '["sample.ask","forged"]', "7", "", "[]", '["a","b","c"]'])
def test_a_forged_button_reaches_no_handler(visitor: Visitor, app: App, forged: str) -> None:
    say(visitor, "everything")
    pressed = button(visitor.get("/chat").text, "Take it")

    after = messages(visitor.post("/chat/press", pressed | {"press": forged}).text)

    assert "This has changed since" in after[-1]
    with app.database.session() as session:
        replies = [taken.reply for taken in session.exec(select(ProcessedTurn)) if taken.reply]
    assert [reply["kind"] for reply in replies] == ["say", "say"]


def test_nobody_presses_the_buttons_of_another(visitor: Visitor, app: App) -> None:
    bob = app.hire("Bob Lavoie")
    app.tell(bob, everything("en"), "bobs")
    pressed = button(visit(app, bob).get("/chat").text, "Take it")

    refused = visitor.post("/chat/press", pressed)

    assert refused.status_code == 404
    assert "not yours to see" in refused.text
    assert "Ada Tremblay took" not in visit(app, bob).get("/chat").text


def test_a_refusal_by_the_feature_is_shown_and_nothing_changes(visitor: Visitor) -> None:
    say(visitor, "everything")

    after = messages(press(visitor, "Cancel it"))

    assert "Everything I can show" in after[1]
    assert "no longer available" in after[2]


def test_a_list_is_chosen_from_with_a_button(visitor: Visitor) -> None:
    html = say(visitor, "everything")
    form = page(html).all("form", action="/chat/press")[0]
    assert form.all("select")

    chosen = form_to(html, "/chat/press", number=0) | {"press": '["sample.priority", "high"]'}

    assert "Priority high" in messages(visitor.post("/chat/press", chosen).text)[-1]


def test_a_link_stays_a_link_and_a_dangerous_one_is_not_one(visitor: Visitor, app: App, ada: Person) -> None:
    links = (Button("Page", url="/chat"), Button("Far", url="https://city.example/a?b=1&c=2"))
    bad = (Button("Script", url="javascript:alert(1)"), Button("Data", url=" data:text/html,x"))
    app.tell(ada, Card("Links", (Buttons((*links, *bad)),)), "links")

    article = page(visitor.get("/chat").text).all("article")[0]

    assert [link.attributes["href"] for link in article.all("a")] == ["/chat", "https://city.example/a?b=1&c=2"]
    assert "Script" in article.text


# Forms


def filled(html: str, **values: str) -> dict[str, str]:
    good = {"f-title": "No power", "f-device": "Laptop", "f-floor": "3", "f-people": "4"}
    return form_to(html, "/chat/form") | good | {f"f-{name}": value for name, value in values.items()}


def test_a_form_is_a_page_of_its_own(visitor: Visitor) -> None:
    asked = page(say(visitor, "form"))

    assert asked.all("h1")[0].text == "Describe the problem"
    assert len(asked.all("form", action="/chat/form")) == 1


def test_a_form_sent_is_answered_in_the_conversation(visitor: Visitor) -> None:
    html = say(visitor, "form")

    after = messages(visitor.post("/chat/form", filled(html, more="One\r\nTwo", urgent="yes")).text)

    assert "Thank you" in after[-1]
    assert "One Two" in after[-1]
    assert "yes" in after[-1]


def test_several_choices_arrive_as_lines(visitor: Visitor, app: App) -> None:
    html = say(visitor, "form")

    visitor.post("/chat/form", filled(html) | {"f-days": ["Monday", "Tuesday"]})

    with app.database.session() as session:
        card = session.exec(select(ChatMessage).where(ChatMessage.card.is_not(None))).one().card  # type: ignore[union-attr]
    assert {"label": "days", "value": "Monday\nTuesday"} in card["body"][0]["items"]


def test_what_is_wrong_is_said_at_the_field_and_everything_typed_is_still_there(visitor: Visitor) -> None:
    html = say(visitor, "form")

    back = visitor.post(
        "/chat/form", filled(html, title="", more="A long story\nwith lines", people="0", floor="9", device="Phone")
    ).text

    form = page(back).all("form", action="/chat/form")[0]
    assert "This needs an answer." in form.text
    assert "cannot be less than 1" in form.text
    people = form.all("input", name="f-people")[0].attributes
    assert people["aria-invalid"] == "true"
    assert "f-people-error" in people["aria-describedby"]
    assert [link.attributes["href"] for link in form.all("a")] == ["#f-title", "#f-people"]
    sent = form_to(back, "/chat/form")
    assert sent["f-more"] == "A long story\nwith lines"
    assert (sent["f-floor"], sent["f-device"], sent["f-people"]) == ("9", "Phone", "0")


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("title", "x" * 81, "At most 80 characters, please; this is 81."),
        ("device", "Toaster", "choose from the list"),
        ("floor", "99", "choose from the list"),
        ("since", "yesterday", "write a date"),
        ("people", "four", "write a number"),
        ("people", "nan", "write a number"),
        ("people", "501", "cannot be more than 500"),
    ],
)
def test_a_value_that_cannot_be_reaches_no_handler(visitor: Visitor, field: str, value: str, problem: str) -> None:
    back = visitor.post("/chat/form", filled(say(visitor, "form"), **{field: value})).text

    assert problem in page(back).all("form", action="/chat/form")[0].text


def test_what_the_feature_rejects_is_said_at_the_field(visitor: Visitor) -> None:
    back = visitor.post("/chat/form", filled(say(visitor, "form"), title="bad", more="Kept")).text

    assert "no longer available" in page(back).all("p", id="f-title-error")[0].text
    assert form_to(back, "/chat/form")["f-more"] == "Kept"


def test_a_form_given_back_can_be_mended_and_sent(visitor: Visitor) -> None:
    back = visitor.post("/chat/form", filled(say(visitor, "form"), title="bad")).text

    after = visitor.post("/chat/form", form_to(back, "/chat/form") | {"f-title": "Good", "f-device": "Laptop"}).text

    assert "Thank you" in messages(after)[-1]


def test_a_refusal_outside_the_form_loses_nothing_that_was_typed(visitor: Visitor) -> None:
    back = visitor.post("/chat/form", filled(say(visitor, "form"), title="closed", more="Kept")).text

    form = page(back).all("form", action="/chat/form")[0]
    assert "no longer available" in form.text
    assert form_to(back, "/chat/form")["f-more"] == "Kept"

    again = form_to(back, "/chat/form") | {"f-title": "open", "f-device": "Laptop"}
    assert "Thank you" in messages(visitor.post("/chat/form", again).text)[-1]


def test_a_form_sent_twice_is_answered_once(visitor: Visitor) -> None:
    sent = filled(say(visitor, "form"))

    visitor.post("/chat/form", sent)
    after = messages(visitor.post("/chat/form", sent).text)

    assert sum("Thank you" in said for said in after) == 1


def test_a_form_sent_twice_says_that_it_was_sent(visitor: Visitor) -> None:
    sent = filled(say(visitor, "form"))
    visitor.post("/chat/form", sent)

    for _ in range(2):
        after = messages(visitor.post("/chat/form", sent).text)

    assert sum("This was sent already" in said for said in after) == 1


def test_an_old_page_sent_with_other_choices_is_given_back_with_them(visitor: Visitor) -> None:
    old = filled(say(visitor, "form"))
    visitor.post("/chat/form", old)

    back = visitor.post("/chat/form", old | {"f-more": "Something else"}).text

    assert "This was sent already" in page(back).all("form", action="/chat/form")[0].text
    again = form_to(back, "/chat/form")
    assert again["f-more"] == "Something else"
    after = messages(visitor.post("/chat/form", again | {"f-title": "Other", "f-device": "Laptop"}).text)
    assert sum("Thank you" in said for said in after) == 2


def test_a_forged_form_is_refused(visitor: Visitor) -> None:
    sent = filled(say(visitor, "form"))

    for forged in ("", "x", sent["form"][:-2] + "AA", sent["form"].swapcase()):
        assert visitor.post("/chat/form", sent | {"form": forged}).status_code == 400


def test_a_form_is_not_for_anyone_else_to_send(visitor: Visitor, app: App) -> None:
    sent = filled(say(visitor, "form"))

    refused = visit(app, app.hire("Bob Lavoie")).post("/chat/form", sent)

    assert refused.status_code == 400
    assert "opened by someone else" in refused.text


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_decimal_comma_is_one_in_every_language(app: App, locale: str) -> None:
    luc = visit(app, app.hire("Luc Roy", locale=locale))
    html = say(luc, "form")
    values = {"f-title": "Panne", "f-device": "Laptop" if locale == "en" else "Portable", "f-floor": "3"}

    sent = form_to(html, "/chat/form") | values
    assert "4.5" in messages(luc.post("/chat/form", sent | {"f-people": "4,5"}).text)[-1]


def test_a_comma_that_means_two_things_is_asked_about(visitor: Visitor) -> None:
    back = visitor.post("/chat/form", filled(say(visitor, "form"), people="1,000")).text

    assert "Write 1000 or 1.000" in page(back).text
    assert "cannot be more than 500" in page(back).text
    assert form_to(back, "/chat/form")["f-people"] == "1,000"


# What is kept


def test_neither_presses_nor_answers_are_kept(visitor: Visitor, app: App, ada: Person) -> None:
    marked = Button("Very bad", "sample.take", "MARKER-PRESS")
    app.tell(ada, Card("How was your week?", (Buttons((marked,)),)), "week", subject="week")
    press(visitor, "Very bad")
    visitor.post("/chat/form", filled(say(visitor, "form"), title="bad", more="MARKER-ANSWER"))
    app.tell(ada, Card("Thank you"), "thanks", subject="week")

    with app.database.session() as session:
        rows = session.exec(select(ChatMessage)).all()
    assert "MARKER" not in "".join(row.model_dump_json() for row in rows)


def test_the_name_of_a_turn_cannot_be_guessed_back(visitor: Visitor, app: App, ada: Person) -> None:
    five = tuple(Button(str(n), "sample.priority", str(n)) for n in range(1, 6))
    app.tell(ada, Card("Score", (Buttons(five),)), "score")
    html = visitor.get("/chat").text

    nonces = {button(html, str(n))["nonce"] for n in range(1, 6)}
    again = button(visitor.get("/chat").text, "1")["nonce"]

    assert again not in nonces
    assert all(len(nonce) >= 22 for nonce in nonces)


# Channels and threads


@pytest.fixture
def desk(app: App) -> App:
    app.open_place("it", "IT desk", "agent:it")
    return app


def test_agents_find_their_channel_and_others_do_not(desk: App, visitor: Visitor) -> None:
    bob = visit(desk, desk.hire("Bob Lavoie", "agent:it"))

    assert "IT desk" in bob.get("/chat").text
    assert "IT desk" not in visitor.get("/chat").text
    assert visitor.get("/chat/p/it").status_code == 403
    assert visitor.get("/chat/p/nowhere").status_code == 404


def test_what_is_typed_in_a_channel_is_read_by_all_of_it(desk: App) -> None:
    bob, eve = (visit(desk, desk.hire(name, "agent:it")) for name in ("Bob Lavoie", "Eve Morin"))

    say(bob, "Who has the keys?", "/chat/p/it")

    assert "Bob Lavoie" in messages(eve.get("/chat/p/it").text)[0]
    assert "Who has the keys?" in messages(eve.get("/chat/p/it").text)[0]


def test_an_answer_in_a_channel_is_for_the_asker_unless_it_is_public(desk: App) -> None:
    bob, eve = (visit(desk, desk.hire(name, "agent:it")) for name in ("Bob Lavoie", "Eve Morin"))

    assert "Only you see this" in messages(say(bob, "help", "/chat/p/it"))[1]
    say(bob, "aloud Coffee!", "/chat/p/it")

    seen = messages(eve.get("/chat/p/it").text)
    assert len(seen) == 3
    assert "What I can do" not in "".join(seen)
    assert "Coffee!" in seen[2]


def test_nobody_writes_into_a_channel_that_is_not_theirs(desk: App, visitor: Visitor) -> None:
    box = form_to(visitor.get("/chat").text, "/chat/say")

    refused = visitor.post("/chat/say", box | {"text": "Let me in", "place": "it"})

    assert refused.status_code == 403
    with desk.database.session() as session:
        assert session.exec(select(ChatMessage)).all() == []


def test_a_button_in_a_channel_changes_it_for_all(desk: App) -> None:
    bob, eve = (visit(desk, desk.hire(name, "agent:it")) for name in ("Bob Lavoie", "Eve Morin"))
    desk.tell_place("it", everything("en"), "new")

    press(bob, "Take it", "/chat/p/it")

    assert "Bob Lavoie took 7" in messages(eve.get("/chat/p/it").text)[0]


def test_a_card_that_reads_replies_invites_them(desk: App, visitor: Visitor, ada: Person) -> None:
    desk.tell(ada, Card("IT-1", replies="Reply to the agent"), "one")
    desk.tell(ada, Card("A remark"), "two")

    articles = page(visitor.get("/chat").text).all("article")

    assert articles[0].all("a")[0].text == "Reply to the agent"
    assert articles[1].all("a") == []


def test_a_reply_stands_in_its_thread_and_is_counted(visitor: Visitor, app: App) -> None:
    say(visitor, "note Printer")
    app.deliver()
    thread = page(visitor.get("/chat").text).all("article")[1].all("a")[0].attributes["href"]

    after = messages(say(visitor, "It is jammed", thread))

    assert "Printer" in after[0]
    assert "It is jammed" in after[1]
    assert "It is jammed under note:Printer" in after[2]
    assert "2 replies" in messages(visitor.get("/chat").text)[1]
    assert len(messages(visitor.get("/chat").text)) == 2


def test_what_comes_in_a_thread_cannot_be_missed(visitor: Visitor, app: App, ada: Person) -> None:
    app.tell(ada, Card("IT-1", replies="Reply"), "one", subject="note:1")
    app.tell(ada, Card("Bob", (Text("Have you tried turning it off?"),)), "two", thread="note:1")

    last = page(visitor.get("/chat").text).all("article")[-1]

    assert "New under “IT-1”" in last.text
    assert "Have you tried turning it off?" in last.text
    assert visitor.get(last.all("a")[0].attributes["href"]).status_code == 200


def test_a_reply_may_be_read_by_its_own_address(visitor: Visitor, app: App, ada: Person) -> None:
    app.tell(ada, Card("IT-1", replies="Reply"), "one", subject="note:1")
    app.tell(ada, Card("Answer"), "two", thread="note:1")
    with app.database.session() as session:
        reply = session.exec(select(ChatMessage).where(ChatMessage.thread_id.is_not(None))).one()  # type: ignore[union-attr]

    assert len(messages(visitor.get(f"/chat/t/{reply.id}").text)) == 2


def test_a_thread_of_another_is_not_shown(visitor: Visitor, app: App) -> None:
    bob = app.hire("Bob Lavoie")
    app.tell(bob, Card("Private", replies="Reply"), "one")
    thread = page(visit(app, bob).get("/chat").text).all("article")[0].all("a")[0].attributes["href"]

    assert visitor.get(thread).status_code == 404
    assert visitor.get(f"/chat/t/{uuid4()}").status_code == 404
    assert visitor.get("/chat/t/not-a-thread").status_code == 404


# Texts, files, pages


@pytest.mark.parametrize(
    "text", [HOSTILE, "שלום עולם", "👩🏽‍💻🎉", "a" * 100_000, "=1+1", "{{ 7*7 }}", "</textarea><script>"]
)
def test_any_text_is_kept_as_typed_and_shown_harmlessly(visitor: Visitor, app: App, text: str) -> None:
    html = say(visitor, text)

    with app.database.session() as session:
        assert session.exec(select(ChatMessage.text).where(ChatMessage.text != "")).one() == text.strip()
    assert " ".join(text.split())[:500] in messages(html)[0]
    article = page(html).all("article")[0]
    assert article.all("script") + article.all("b") == []


def test_a_long_text_is_folded(visitor: Visitor) -> None:
    html = say(visitor, "word " * 2000)

    assert len(page(html).all("article")[0].all("details")) == 1


def test_a_file_is_for_those_who_see_a_message_that_carries_it(visitor: Visitor, app: App, ada: Person) -> None:
    from tests.integrations.web.test_contract import WebKit

    picture, document = WebKit(app).files()
    app.tell(ada, everything("en", image=picture, file=document), "files", subject="files")
    bob = visit(app, app.hire("Bob Lavoie"))

    shown, taken = visitor.get(f"/chat/files/{picture}"), visitor.get(f"/chat/files/{document}")

    assert shown.headers["content-type"] == "image/svg+xml"
    assert shown.headers["content-disposition"].startswith("inline")
    assert shown.headers["content-security-policy"].startswith("sandbox")
    assert taken.headers["content-disposition"].startswith("attachment")
    assert taken.content == b"a,b\n"
    assert bob.get(f"/chat/files/{picture}").status_code == 404
    assert visitor.get(f"/chat/files/{uuid4()}").status_code == 404
    assert visitor.get("/chat/files/etc").status_code == 404

    app.tell(ada, Card("Gone"), "gone", subject="files")
    assert visitor.get(f"/chat/files/{document}").status_code == 404


def test_a_long_conversation_is_read_page_by_page(visitor: Visitor, app: App, ada: Person) -> None:
    for number in range(60):
        app.tell(ada, Card(f"Message {number:02}"), f"m{number}")

    newest = visitor.get("/chat").text
    earlier = next(link for link in page(newest).all("a") if link.text == "Earlier messages").attributes["href"]

    assert "Message 10" in messages(newest)[0]
    assert len(messages(newest)) == 50
    assert [said.split("\n")[-1] for said in messages(visitor.get(earlier).text)] == [
        f"Message {n:02}" for n in range(10)
    ]


def test_a_french_person_reads_french(app: App) -> None:
    luc = visit(app, app.hire("Luc Roy", locale="fr"))

    html = say(luc, "tout")

    assert '<html lang="fr">' in html
    assert "Tout ce que je sais montrer" in html
    assert "Écrire à workbot" in html


def test_a_leaver_reads_nothing(visitor: Visitor, app: App, ada: Person) -> None:
    with app.database.session() as session:
        session.get_one(Person, ada.id).active = False

    assert visitor.get("/chat").url.path == "/signin"

"""Following delivery: what became of a campaign, sending again, settling doubts; and what nobody is shown."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlmodel import select

from tests.console.town import MARKUP, Town
from tests.messages import ROOT
from tests.small_app import MONDAY
from workbot import plugins
from workbot.cards import Card, Text, dump
from workbot.console.campaigns import DOUBTS_SHOWN, anchor
from workbot.console.reasons import SENTENCES
from workbot.people import Channel, Person
from workbot.pulse import Wave

PAGE = "/console/campaigns"
KEY = "news/2026:autumn #1"


def counts(page: str, name: str) -> dict[str, str]:
    """What the card of a campaign says of its messages: each number by its label."""
    card = page.partition(f'id="{anchor(name)}"')[2].partition("</article>")[0]
    return dict(re.findall(r"<dt>([^<]+)</dt>.*?<span>([^<]+)</span>", card, re.DOTALL))


def test_before_anything_was_sent_the_page_says_so(town: Town) -> None:
    page = town.visit(town.priya).get(PAGE).text

    assert "No campaign has been sent yet" in page
    assert "In doubt" not in page
    assert "Lanes" not in page


def test_a_campaign_shows_what_became_of_its_messages(town: Town) -> None:
    town.campaign(KEY, "Autumn news", queued=2, sending=1, sent=6, read=4, failed=3, unknown=1, withdrawn=2)
    town.campaign("other", sent=9)

    page = town.visit(town.priya).get(PAGE).text

    assert counts(page, KEY) == {
        "All": "15",
        "Sent": "6",
        "Read or answered": "4",
        "Waiting": "3",
        "Failed": "3",
        "In doubt": "1",
        "Taken back": "2",
    }
    assert "12 of 15 are settled" in page
    assert "The last will have gone at about Mon, Nov 23, 9:00" in page
    assert re.search(
        r"They have no account that we can write to\..*?<strong class=\"at-end\">3</strong>", page, re.DOTALL
    )


def test_the_newest_campaign_stands_first(town: Town) -> None:
    town.campaign("first", "Spring news", sent=1)
    town.clock.move_to(MONDAY + timedelta(days=1))
    town.campaign("second", "Autumn news", sent=1)

    page = town.visit(town.priya).get(PAGE).text

    assert page.index("Autumn news") < page.index("Spring news")


def test_a_campaign_that_is_through_waits_for_nothing_and_has_nothing_to_send_again(town: Town) -> None:
    town.campaign(KEY, sent=3, withdrawn=1)

    page = town.visit(town.priya).get(PAGE).text

    assert "<progress" not in page
    assert "The last will have gone" not in page
    assert "Send the failed ones again" not in page


def test_servers_that_word_one_reason_differently_make_one_line(town: Town) -> None:
    town.campaign(KEY)
    with town.database.session() as session:
        session.add_all(
            town.message(f"m{number}", "failed", campaign=KEY, reason=f"the address was refused: 550 <p{number}@city>")
            for number in range(4)
        )
        session.add_all(
            town.message(f"n{number}", "failed", campaign=KEY, reason=f"reason {number}") for number in range(8)
        )

    page = town.visit(town.priya).get(PAGE).text

    assert page.count("The mail server refuses their address.") == 1
    assert "550" not in page
    assert page.count("The answer was") == 5
    assert re.search(r"For other reasons</span>.*?>3</strong>", page, re.DOTALL)


def test_sending_again_queues_what_failed_and_nothing_else(town: Town) -> None:
    town.campaign(KEY, queued=1, sent=2, failed=3, unknown=1, withdrawn=1)
    town.campaign("other", failed=2)
    visitor = town.visit(town.priya)
    action = f"{PAGE}/{quote(KEY)}/retry"
    assert f'action="{action}"' in visitor.get(PAGE).text

    page = visitor.post(action).text

    assert "What failed is queued again" in page
    assert town.states(KEY) == {"queued": 4, "sent": 2, "unknown": 1, "withdrawn": 1}
    assert town.states("other") == {"failed": 2}


def test_sending_again_when_nothing_failed_is_refused_kindly(town: Town) -> None:
    town.campaign(KEY, sent=2)

    answer = town.visit(town.david).post(f"{PAGE}/{quote(KEY)}/retry")

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Nothing of this campaign is left to send again." in answer.text
    assert counts(answer.text, KEY)["Sent"] == "2"
    assert town.states(KEY) == {"sent": 2}


def test_a_campaign_that_never_was_cannot_be_sent_again(town: Town) -> None:
    answer = town.visit(town.priya).post(f"{PAGE}/nothing/retry")

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "There is no such campaign." in answer.text


def test_a_doubt_shows_to_whom_and_about_what_and_never_what_was_written(town: Town) -> None:
    town.leave_in_doubt("m", subject="pulse:1")

    page = town.visit(town.priya).get(PAGE).text

    assert "Mei Lin" in page
    assert "How was your week?" in page
    assert "No answer came in time" in page
    assert "Between you and me." not in page


def test_a_doubt_about_a_request_does_not_say_what_was_asked_for(town: Town) -> None:
    title = dump(Card("HR-1 · About my pay", (Text("Too little."),)))
    town.leave_in_doubt("m", subject="request:1", card=title)
    town.leave_in_doubt("n", thread="request:1", card=title)

    page = town.visit(town.david).get(PAGE).text

    assert page.count("<bdi>About a request</bdi>") == 2
    assert "About my pay" not in page


def test_a_doubt_about_a_journey_does_not_say_who_leaves(town: Town) -> None:
    title = dump(Card("Leaving well: James Whitaker", (Text("Soon."),)))
    town.leave_in_doubt("m", subject="journey:1:2", card=title)

    page = town.visit(town.david).get(PAGE).text

    assert "About a journey" in page
    assert "James Whitaker" not in page


@pytest.mark.parametrize(("subject", "recipient"), [("", "Mei Lin"), ("ballot:1", "Somebody")])
def test_of_what_no_feature_permits_nothing_is_shown(town: Town, subject: str, recipient: str) -> None:
    town.leave_in_doubt("m", subject=subject, card=dump(Card("Somebody claims your account", (Text("Is it you?"),))))

    page = town.visit(town.david).get(PAGE).text

    assert "<bdi>A message</bdi>" in page
    assert "claims your account" not in page
    assert ("Mei Lin" in page) == (recipient == "Mei Lin")
    assert recipient in page


def test_the_strictest_of_what_a_message_is_about_decides(town: Town) -> None:
    town.leave_in_doubt("m", subject="pulse:1", thread="ballot:1")

    page = town.visit(town.david).get(PAGE).text

    assert "How was your week?" not in page
    assert "Mei Lin" not in page


def test_a_doubt_about_a_channel_names_the_channel(town: Town) -> None:
    with town.database.session() as session:
        place = Channel(name="it", title="IT desk", platform="slack", address="C1", role="agent:it", locale="en")
        session.add(place)
        session.flush()
        session.add(town.message("m", person_id=None, place_id=place.id, recipient=f"place:{place.id}"))

    assert "#IT desk" in town.visit(town.david).get(PAGE).text


def test_what_will_settle_itself_is_nobodys_to_decide(town: Town) -> None:
    town.leave_in_doubt("m", lease_until=MONDAY)

    assert "Send again" not in town.visit(town.priya).get(PAGE).text


def test_of_many_doubts_the_oldest_are_shown(town: Town) -> None:
    for number in range(DOUBTS_SHOWN + 1):
        town.leave_in_doubt(f"m{number}")

    page = town.visit(town.priya).get(PAGE).text

    assert f"The oldest {DOUBTS_SHOWN} are shown." in page
    assert page.count("/resend") == DOUBTS_SHOWN
    assert ">51</span>" in page


@pytest.mark.parametrize(
    ("verb", "state", "said"),
    [("resend", "queued", "The message is queued again."), ("let-be", "withdrawn", "The message is left as it is.")],
)
def test_a_person_settles_a_doubt(town: Town, verb: str, state: str, said: str) -> None:
    message = town.leave_in_doubt("mine")
    town.leave_in_doubt("other")

    page = town.visit(town.priya).post(f"{PAGE}/messages/{message}/{verb}").text

    assert said in page
    assert town.states("mine") == {state: 1}
    assert town.states("other") == {"unknown": 1}


@pytest.mark.parametrize("verb", ["resend", "let-be"])
def test_a_doubt_settled_meanwhile_is_left_alone(town: Town, verb: str) -> None:
    message = town.leave_in_doubt("m", state="sent")

    answer = town.visit(town.priya).post(f"{PAGE}/messages/{message}/{verb}")

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "This message has been settled meanwhile. Nothing was changed." in answer.text
    assert town.states("m") == {"sent": 1}


@pytest.mark.parametrize("way", ["1/delete", f"{10**30}/resend"])
def test_there_is_no_other_way_to_settle_a_doubt(town: Town, way: str) -> None:
    town.leave_in_doubt("m")

    assert town.visit(town.priya).post(f"{PAGE}/messages/{way}").status_code == HTTPStatus.NOT_FOUND
    assert town.states("m") == {"unknown": 1}


@pytest.mark.parametrize("role", ["bea", "etienne", "audrey", "mei", "james"])
def test_nobody_but_hr_and_administrators_follows_or_changes_delivery(town: Town, role: str) -> None:
    town.campaign(KEY, failed=1)
    message = town.leave_in_doubt("m")
    person: Person = getattr(town, role)
    visitor = town.visit(person)

    answers = [
        visitor.get(PAGE),
        visitor.post(f"{PAGE}/{quote(KEY)}/retry"),
        visitor.post(f"{PAGE}/messages/{message}/resend"),
        visitor.post(f"{PAGE}/messages/{message}/let-be"),
    ]

    assert {answer.status_code for answer in answers} == {HTTPStatus.FORBIDDEN}
    assert (town.states(KEY), town.states("m")) == ({"failed": 1}, {"unknown": 1})


def test_a_lane_says_how_it_goes_and_how_many_wait(town: Town) -> None:
    town.campaign(KEY, queued=3)
    town.pace("email", slowness=1.5)
    town.pace("slack:T1", paused_until=MONDAY + timedelta(minutes=2), reason="the platform did not answer in time")
    town.pace("teams", paused_until=MONDAY - timedelta(minutes=2), reason="over")
    with town.database.session() as session:
        session.add(town.message("later", "queued", lane=""))

    page = town.visit(town.david).get(PAGE).text
    rows = re.findall(r'<th scope="row">([^<]+)</th><td class="number">(\d+)</td>.*?<span[^>]*>([^<]+)</span>', page)

    assert rows[0] == ("E-mail", "3", "slowed to 67%")
    assert rows[1][:2] == ("Slack · T1", "0")
    assert re.fullmatch(r"resting until Mon, Nov 23, 9:02\sa\.m\.", rows[1][2])
    assert "No answer came in time." in page
    assert rows[2:] == [("Teams", "0", "at full speed"), ("Not under way yet", "1", "until their time comes")]


def test_how_many_read_an_invitation_waits_for_enough_answers(town: Town) -> None:
    number = town.launch()
    key = _subject(town, number)
    with town.database.session() as session:
        session.add_all(town.message(f"m{each}", "sent", campaign=key, is_read=each < 6) for each in range(7))

    town.answer(number, 5, 4, 5, 2)
    before = counts(town.visit(town.priya).get(PAGE).text, key)["Read or answered"]
    town.answer(number, 5, 4, 5, 2, 3, 3)
    after = counts(town.visit(town.priya).get(PAGE).text, key)["Read or answered"]

    assert (before, after) == ("–", "6")


def test_a_wave_leads_to_its_delivery_and_back(town: Town) -> None:
    number = town.launch()
    wave, hr = f"/console/surveys/weekly/{number}", town.visit(town.priya)
    here = anchor(_subject(town, number))

    assert f'href="{PAGE}#{here}"' in hr.get(wave).text
    assert f'id="{here}"' in hr.get(PAGE).text
    assert f'href="{wave}"' in hr.get(PAGE).text
    assert f'href="{wave}"' not in town.visit(town.david).get(PAGE).text


def test_an_anchor_is_a_valid_id_whatever_the_key() -> None:
    assert re.fullmatch(r"campaign-[0-9a-f]{12}", anchor(MARKUP))
    assert anchor("a:b") != anchor("a-b")


def test_the_overview_of_administrators_leads_to_delivery_and_hr_see_no_more_of_it_than_before(town: Town) -> None:
    admin, hr = town.visit(town.david).get("/console").text, town.visit(town.priya).get("/console").text

    assert "How delivery goes" in admin
    assert "How the house is doing" not in hr
    assert PAGE in hr


def test_in_french_all_of_it_is_french(town: Town) -> None:
    with town.database.session() as session:
        session.get_one(Person, town.priya.id).locale = "fr"
    town.campaign(KEY, "Nouvelles", queued=2, sent=6, read=4, failed=3, unknown=1)
    town.pace("email", slowness=1.5)
    town.pace("web", paused_until=MONDAY + timedelta(minutes=2), reason="the platform did not answer in time")

    page = town.visit(town.priya).get(PAGE).text

    assert counts(page, KEY)["Lus ou répondus"] == "4"
    assert "Renvoyer ceux qui ont échoué" in page
    assert "ralentie à 67\u00a0%" in page
    said = " ".join(re.sub(r"<[^>]*>", " ", page.partition("<main")[2].partition("</main>")[0]).split())
    said = said.replace("How was your week?", "")
    assert not re.search(r"\b(the|of|sent|failed|waiting|again|and|until|are|delivery|was)\b", said, re.IGNORECASE)


def test_hostile_words_are_shown_and_do_nothing(town: Town) -> None:
    town.campaign(MARKUP, MARKUP, failed=1)
    town.leave_in_doubt("m", card=dump(Card(MARKUP)), reason=MARKUP)
    visitor = town.visit(town.priya)

    page = visitor.get(PAGE).text
    action = re.findall(r'action="([^"]+/retry)"', page)[0]

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert visitor.post(action).status_code == HTTPStatus.OK
    assert town.states(MARKUP) == {"queued": 1}


def test_every_reason_that_is_explained_is_one_that_is_given() -> None:
    explained = {"workbot/delivery": SENTENCES}
    explained |= {f"integrations/{name}": dict(plugin.reasons) for name, plugin in plugins.installed().items()}

    assert [
        begins for part, reasons in explained.items() for begins in reasons if begins not in _source(ROOT / part)
    ] == []


def _source(part: Path) -> str:
    """What stands in the files of a part, apart from where its reasons are explained."""
    return "".join(file.read_text() for file in sorted(part.rglob("*.py")) if file.name != "plugin.py")


def _subject(town: Town, number: int) -> str:
    with town.database.session() as session:
        return session.exec(select(Wave).where(Wave.number == number)).one().subject

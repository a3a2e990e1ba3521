"""What the first start of the demo leaves behind, what a second keeps, and what a power cut costs: nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlmodel import Session, col, func, select

from integrations.web.models import ChatMessage
from tests.demo.city import City, records, serving
from tests.demo.conftest import WEEKS
from workbot import demo
from workbot.delivery import Message
from workbot.delivery.models import State
from workbot.jobs import Job
from workbot.onboarding import Journey, Step
from workbot.people import Person, by_email
from workbot.pulse import Participation, Wave
from workbot.requests.models import Request

UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-11-23T09:00", "2026-11-17T10:00"),  # a Monday: last week's Tuesday
        ("2026-11-24T09:00", "2026-11-24T10:00"),  # a Tuesday, early: that very day
        ("2026-11-29T23:00", "2026-11-24T10:00"),
    ],
)
def test_the_demo_begins_on_a_tuesday_at_ten(now: str, began: str) -> None:
    zone = ZoneInfo("America/Toronto")
    moment = demo.morning_after_launch(datetime.fromisoformat(now).replace(tzinfo=zone), zone)
    assert moment.astimezone(zone).isoformat(timespec="minutes").startswith(began)
    assert moment.tzinfo is UTC


def test_there_is_a_history_and_something_to_do(made: Path) -> None:
    with records(made) as database, database.session() as session:
        people = session.exec(select(Person)).all()
        assert 58 <= len(people) <= 70
        assert {person.locale for person in people} == {"en", "fr"}

        waves = session.exec(select(Wave).order_by(col(Wave.number))).all()
        assert [wave.closed_at is not None for wave in waves] == [True] * WEEKS + [False]
        assert 0.5 < _share_done(session, waves[0]) < 1
        amelie = by_email(session, "amelie.tremblay@rivermont.example")
        assert amelie is not None
        hers = session.exec(select(Participation).where(Participation.person_id == amelie.id)).all()
        assert [place.done for place in hers if place.wave_id == waves[-1].id] == [False]

        assert {request.state for request in session.exec(select(Request))} >= {"open", "taken", "resolved"}
        assert len(session.exec(select(Journey)).all()) == 4
        open_steps = select(Step.step).where(col(Step.told), col(Step.done_at).is_(None))
        assert {"safety", "two-weeks"} <= set(session.exec(open_steps))


def test_nothing_in_it_went_wrong(made: Path) -> None:
    with records(made) as database, database.session() as session:
        assert set(session.exec(select(Message.state))) <= {State.SENT, State.WITHDRAWN, State.QUEUED}
        assert session.exec(select(Job.reason).where(Job.state == "failed")).all() == []
    assert len(list((made / "mail" / "new").iterdir())) >= WEEKS


def test_a_second_start_keeps_what_the_first_one_did(folder: Path) -> None:
    with records(folder) as database, database.session() as session:
        before = _everything(session)
    demo.make(folder, 8080, lambda share: pytest.fail("the city was made again"))
    with records(folder) as database, database.session() as session:
        assert _everything(session) == before


def test_half_a_city_is_made_again_and_nothing_else_is_removed(folder: Path) -> None:
    (folder / "made").unlink()
    (folder / "notes.txt").write_text("mine")
    demo._clear(folder)
    assert [file.name for file in folder.iterdir()] == ["notes.txt"]


def test_however_often_it_is_killed_nothing_is_lost_and_nothing_sent_twice(made: Path, tmp_path: Path) -> None:
    assert _live_on(made, tmp_path / "calm", kills=0) == 0
    assert _live_on(made, tmp_path / "stormy", kills=8) >= 3

    assert _outcome(tmp_path / "stormy") == _outcome(tmp_path / "calm")


def test_what_was_answered_is_there_after_a_power_cut(folder: Path) -> None:
    with serving(folder) as city:
        with _be(city, "amelie.tremblay") as visitor:
            hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', _compose(visitor))
            said = visitor.post("/chat/say", data={**dict(hidden), "text": "Bonjour, la nuit tombe"})
            assert said.status_code < 400, said.text
        city.kill()
    with serving(folder) as city, _be(city, "amelie.tremblay") as visitor:
        assert "Bonjour, la nuit tombe" in visitor.get("/chat").text


def _live_on(made: Path, folder: Path, *, kills: int) -> int:
    """Live five days more, in processes that are killed; how many were."""
    subprocess.run(["cp", "-r", str(made), str(folder)], check=True)
    command = [sys.executable, "-m", "tests.demo.crashes", str(folder), "5", str(kills)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(told.stdout.split()[-1])


def _outcome(folder: Path) -> dict[str, Counter[tuple[object, ...]]]:
    """All that can be seen of a city, with what is random in it left out."""
    with records(folder) as database, database.session() as session:
        return _everything(session) | {
            "mail": Counter((_subject(file),) for file in (folder / "mail" / "new").iterdir()),
        }


def _everything(session: Session) -> dict[str, Counter[tuple[object, ...]]]:
    messages = session.exec(select(Message.key, Message.recipient, Message.platform, Message.state))
    shown = session.exec(select(ChatMessage.address, ChatMessage.card, ChatMessage.text))
    jobs = session.exec(select(Job.key, Job.state))
    return {
        "messages": Counter((_bare(key), lane, platform, state) for key, lane, platform, state in messages),
        "shown": Counter((address, card["title"] if card else "", text) for address, card, text in shown),
        "jobs": Counter((_bare(key), state) for key, state in jobs),
        "waves": Counter(session.exec(select(Wave.number, func.count()).join(Participation).group_by(Wave.number))),
    }


def _share_done(session: Session, wave: Wave) -> float:
    done = session.exec(select(Participation.done).where(Participation.wave_id == wave.id)).all()
    return sum(done) / len(done)


def _bare(key: str) -> str:
    return UUIDS.sub("…", key)


def _subject(file: Path) -> str:
    return next(line for line in file.read_text(errors="replace").splitlines() if line.lower().startswith("subject:"))


@contextmanager
def _be(city: City, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=city.url, follow_redirects=True) as visitor:
        visitor.post(f"/demo/be/{name}@rivermont.example").raise_for_status()
        yield visitor


def _compose(visitor: httpx.Client) -> str:
    page = visitor.get("/chat").text
    return page[page.index('id="compose"') :]

"""Of the platforms on which somebody has an account, the one they are written to first."""

from __future__ import annotations

import pytest

from tests.delivery.test_sender import queue
from tests.talk import Recorder, Talk, hire
from workbot.delivery.sender import OutboxSender
from workbot.people import Account
from workbot.storage.database import Database


@pytest.mark.parametrize(("preferred", "first"), [("", "zulip"), ("web", "web"), ("zulip", "zulip"), ("gone", "zulip")])
def test_the_web_comes_after_where_somebody_is_besides_unless_they_prefer_it(
    talk: Talk, database: Database, preferred: str, first: str
) -> None:
    web, zulip = Recorder("web"), Recorder("zulip")
    talk.sender = OutboxSender(database, {"web": web, "zulip": zulip}, talk.clock)
    with database.session() as session:
        ada = hire(session, "Ada Roy", preferred_platform=preferred)
        for platform in ("web", "zulip"):
            session.add(Account(person_id=ada.id, platform=platform, user="ada", address="ada"))

    queue(talk, ada, "Hello")
    talk.wait()

    assert [platform.name for platform in (web, zulip) if platform.delivered] == [first]

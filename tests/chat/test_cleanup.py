"""What waits in vain is thrown away on every platform, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlmodel import select

from workbot.chat.cleanup import clean_up
from workbot.chat.models import KeptForm, LongValue
from workbot.storage.database import Database

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)


def test_what_is_too_old_is_thrown_away_and_nothing_else(database: Database) -> None:
    with database.session() as session:
        for platform in ("slack", "teams"):
            for key, age in (("old", timedelta(hours=49)), ("new", timedelta(hours=47))):
                form = {"key": key, "tenant": "t", "user": "u", "form": {}, "asked_at": MONDAY - age}
                session.add(KeptForm(platform=platform, **form))
            for key, age in (("old", timedelta(days=181)), ("new", timedelta(days=179))):
                session.add(LongValue(platform=platform, key=key, value="x", used_at=MONDAY - age))

    with database.session() as session:
        clean_up(session, now=MONDAY)

    with database.session() as session:
        assert session.exec(select(KeptForm.platform, KeptForm.key)).all() == [("slack", "new"), ("teams", "new")]
        assert session.exec(select(LongValue.platform, LongValue.key)).all() == [("slack", "new"), ("teams", "new")]

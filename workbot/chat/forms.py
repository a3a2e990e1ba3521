"""Forms that wait to be sent: kept under a name, and closed, since what people wrote stands in them.

A name has two parts. The first is what is stored; the second is of one showing of the form and known to the platform
alone, so that nobody who reads our tables can tell from the record of a turn what was sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlmodel import Session

from workbot.cards import FORM, Form
from workbot.chat.models import KeptForm
from workbot.platforms import Host
from workbot.text_cipher import TextCipher
from workbot.turns import Sender, Submission


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a form was asked: in which channel, from which message, and where a change of that is taken."""

    place: str = ""
    message: str = ""
    response_url: str = ""


@dataclass(frozen=True, slots=True)
class AskedForm:
    """A form that was asked, as it is stored: its name without the part that is a showing's, and where it was asked."""

    key: str
    form: Form
    origin: Origin

    def submission(self, sender: Sender, shown: str, values: Mapping[str, str]) -> Submission:
        """The turn of sending it: each showing can be sent once, however often its button is pressed."""
        return Submission(
            sender=sender,
            id=_turn_of(shown, values),
            form=hashlib.sha256(shown.encode()).hexdigest(),
            channel=self.origin.place,
            message=self.origin.message,
            action=self.form.action,
            values=dict(values),
            state=self.form.state,
        )


class KeptForms:
    """The forms that are open on one platform."""

    def __init__(self, host: Host, platform: str) -> None:
        self.host = host
        self.platform = platform
        self.cipher = TextCipher(host.settings.secrets)

    def keep(self, session: Session, form: Form, key: str, sender: Sender, origin: Origin) -> None:
        """Keep a form that is asked of somebody, in the transaction of the turn that asks it."""
        session.merge(
            KeptForm(
                platform=self.platform,
                key=stored_key(key),
                tenant=sender.tenant,
                user=sender.user,
                form=_closed(self.cipher, form, stored_key(key)),
                place=origin.place,
                message=origin.message,
                response_url=origin.response_url,
                asked_at=self.host.clock.now(),
            )
        )

    async def find(self, key: str, sender: Sender) -> AskedForm | None:
        """The form of a name, if it was asked of this person and is not too old."""
        row = await self.host.database.read(partial(_row, platform=self.platform, key=stored_key(key)))
        if row is None or (row.tenant, row.user) != (sender.tenant, sender.user):
            return None
        form = _opened(self.cipher, row.form, row.key)
        return AskedForm(row.key, form, Origin(row.place, row.message, row.response_url)) if form else None


def stored_key(key: str) -> str:
    """The part of a form's name that is stored."""
    return key.partition(".")[0]


def _turn_of(shown: str, values: Mapping[str, str]) -> str:
    """The name of the turn of sending a form with these values."""
    return f"form:{hashlib.sha256(json.dumps([shown, *sorted(values.items())]).encode()).hexdigest()}"


def _row(session: Session, *, platform: str, key: str) -> KeptForm | None:
    return session.get(KeptForm, (platform, key)) if key else None


def _closed(cipher: TextCipher, form: Form, key: str) -> dict[str, str]:
    return {"closed": cipher.encrypt(FORM.dump_json(form).decode(), key)}


def _opened(cipher: TextCipher, kept: Mapping[str, Any], key: str) -> Form | None:
    """A form as it was; None when nothing that we have opens it."""
    if "closed" not in kept:
        # Forms of before 2026-12 were not, and go after two days.
        return FORM.validate_python(kept)
    words = cipher.decrypt(kept["closed"], key)
    return None if words is None else FORM.validate_json(words)

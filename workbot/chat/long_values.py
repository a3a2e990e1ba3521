"""Values of buttons that are too long for a platform: kept under a name that is sent in their place, and closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from sqlmodel import Session

from workbot.chat.models import LongValue
from workbot.errors import WorkbotError
from workbot.platforms import Host
from workbot.seals import Opened
from workbot.text_cipher import TextCipher


class LongValues:
    """The long values of one platform's buttons: people wrote them, so none is stored as it is."""

    def __init__(self, host: Host, platform: str) -> None:
        self.host = host
        self.platform = platform
        self.cipher = TextCipher(host.settings.secrets)

    async def keep(self, values: Mapping[str, str]) -> None:
        """Keep values by their names, before anyone can press their buttons."""
        if values:
            closed = {key: self.cipher.encrypt(value, key) for key, value in values.items()}
            keep = partial(_keep, platform=self.platform, values=closed, now=self.host.clock.now())
            await self.host.database.run(keep)

    async def find(self, key: str) -> str:
        """The value of a name; empty when it is not kept any more."""
        closed = await self.host.database.read(partial(_value, platform=self.platform, key=key))
        return self.cipher.decrypt(closed, key) or ""

    async def of(self, pressed: Opened) -> str:
        """The value that a button stands for; raises WorkbotError when it is not kept any more."""
        if not pressed.is_memo:
            return pressed.value
        if value := await self.find(pressed.value):
            return value
        raise WorkbotError("This is no longer available. Type “help” to see what I can do.")


def _keep(session: Session, *, platform: str, values: Mapping[str, str], now: datetime) -> None:
    for key, value in values.items():
        session.merge(LongValue(platform=platform, key=key, value=value, used_at=now))


def _value(session: Session, *, platform: str, key: str) -> str:
    found = session.get(LongValue, (platform, key))
    return found.value if found else ""

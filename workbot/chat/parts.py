"""Messages too long for one: where each part stands, so that a card that is put in place anew leaves none behind."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Protocol, TypeVar

from sqlmodel import Session, select

from workbot.chat.models import MessagePart
from workbot.storage.database import Database

P_contra = TypeVar("P_contra", contravariant=True)


class Thread(Protocol[P_contra]):
    """Where the parts after the first stand, and how a platform sends them; they are counted from 1."""

    async def post(self, number: int, part: P_contra) -> str:
        """Post a part; returns what the platform calls it."""
        ...

    async def change(self, number: int, message: str, part: P_contra) -> None: ...

    async def delete(self, message: str) -> None: ...


class MessageParts:
    """The parts of one platform's messages."""

    def __init__(self, database: Database, platform: str) -> None:
        self.database = database
        self.platform = platform

    async def of(self, root: str) -> dict[int, str]:
        """What stands under the beginning of a message, by number."""
        return await self.database.read(partial(_parts, platform=self.platform, root=root))

    async def put(self, thread: Thread[P_contra], root: str, rest: Sequence[P_contra], there: dict[int, str]) -> None:
        """Have the parts after the first stand in a thread: each in place of what is `there`, and none too many."""
        for number, part in enumerate(rest, 1):
            if message := there.get(number):
                await thread.change(number, message, part)
            else:
                message = await thread.post(number, part)
            await self._note(root, number, message)
        for number in sorted(there):
            if number > len(rest):
                await thread.delete(there[number])
                await self._note(root, number, "")

    async def begun(self, key: str) -> str:
        """The reference of the message of a key, of which the first part at least was posted; empty if none was."""
        return (await self.of(_name(key))).get(0, "")

    async def begin(self, key: str, reference: str) -> None:
        """Note that the first part of the message of a key is posted."""
        await self._note(_name(key), 0, reference)

    async def _note(self, root: str, number: int, message: str) -> None:
        part = MessagePart(platform=self.platform, root=root, number=number, message=message)
        await self.database.run(partial(_note, part=part))


def _name(key: str) -> str:
    return f"key:{hashlib.sha256(key.encode()).hexdigest()}"


def _parts(session: Session, *, platform: str, root: str) -> dict[int, str]:
    wanted = select(MessagePart).where(MessagePart.platform == platform, MessagePart.root == root)
    return {part.number: part.message for part in session.exec(wanted)}


def _note(session: Session, *, part: MessagePart) -> None:
    """Keep where a part stands; one without a message stands nowhere any more."""
    if part.message:
        session.merge(part)
    elif found := session.get(MessagePart, (part.platform, part.root, part.number)):
        session.delete(found)

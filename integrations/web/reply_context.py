"""What a turn came with that its reply may need."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.web.conversations import Conversation
from integrations.web.models import ChatMessage
from integrations.web.names import NAME
from workbot.i18n import Language, language
from workbot.people import Person
from workbot.turns import Sender


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """Where a turn happens: who, in which conversation, from which message, and under which name."""

    person: Person
    where: Conversation
    turn: str
    message: ChatMessage | None = None

    @property
    def lang(self) -> Language:
        return language(self.person.locale)

    @property
    def sender(self) -> Sender:
        return Sender(platform=NAME, user=str(self.person.id))

    @property
    def place(self) -> str:
        """The address of the channel; a conversation of one's own is no place."""
        return self.where.address if self.where.place else ""

    @property
    def reference(self) -> str:
        return str(self.message.id) if self.message else ""

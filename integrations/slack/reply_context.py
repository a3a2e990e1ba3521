"""What a turn came with, and the names of forms that are asked in reply."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from integrations.slack.parsing import Where
from workbot.chat.forms import Origin, stored_key
from workbot.i18n import Language, language


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """What a turn came with that its reply may need: the ways that Slack opens, and the reader's language.

    `trigger` opens a modal within three seconds, once. `response_url` changes the message that was acted on, or
    adds to it, five times in half an hour. `key` is the name of the form that the reply may be.
    """

    where: Where
    locale: str
    trigger: str = ""
    response_url: str = ""
    key: str = ""

    @property
    def lang(self) -> Language:
        return language(self.locale)

    @property
    def origin(self) -> Origin:
        """Where a form is asked that is the reply."""
        return Origin(self.where.place, self.where.message, self.response_url)


def new_key() -> str:
    """The name of a form that is asked."""
    return f"{uuid4().hex}.{uuid4().hex}"


def shown_again(key: str) -> str:
    """The name of another showing of a form."""
    return f"{stored_key(key)}.{uuid4().hex}"

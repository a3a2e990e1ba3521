"""What a turn came with, and what that says of its reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from integrations.teams.parsing import Where
from integrations.teams.render import Surface
from workbot.chat.forms import AskedForm, Origin
from workbot.i18n import Language, language


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """What a turn came with that its reply may need: where, and in which language.

    `key` is the name of the form that the reply may be. `asked` is the form that was sent, `values` what was filled in.
    """

    where: Where
    locale: str
    key: str
    asked: AskedForm | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    # The name under which the form was shown that was sent.
    shown: str = ""

    @property
    def lang(self) -> Language:
        return language(self.locale)

    @property
    def origin(self) -> Origin:
        """Where a form is asked that is the reply."""
        return Origin(self.where.place, self.where.message)

    @property
    def surface(self) -> Surface:
        """What a card is drawn for that stands where something was pressed."""
        return "alone" if self.where.is_targeted else "message"

    @property
    def message(self) -> str:
        """The message that is to change with the reply."""
        return self.asked.origin.message if self.asked else self.where.message

    @property
    def way_in(self) -> str:
        """The message that the form was opened from, where that is no other than the way to it."""
        here = self.where.message if self.where.is_own else ""
        return here if self.asked and here != self.asked.origin.message else ""

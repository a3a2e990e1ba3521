"""What someone wrote elsewhere, handed to a desk: a request that begins with a message."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from workbot.errors import Gone
from workbot.turns import Sender


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of a message, who wrote them, and where they stand.

    `reference` is its platform's name for it and `by` the account that wrote it, as `account_of` names it.
    `claimed_by` is whose word for that is all there is.
    """

    text: str = ""
    author: str = ""
    link: str = ""
    reference: str = ""
    by: str = ""
    claimed_by: str = ""

    @property
    def title(self) -> str:
        """The first line that says something."""
        return next((line.strip() for line in self.text.splitlines() if line.strip()), "")


def account_of(sender: Sender | None) -> str:
    """The account of a sender in one word."""
    return "|".join((sender.platform, sender.tenant, sender.user)) if sender else ""


@dataclass(frozen=True, slots=True)
class RequestDraft:
    """Which desk is asked, and the message it begins with: how both travel through a button or a form."""

    desk: str
    quote: Quote = Quote()

    def __str__(self) -> str:
        return WISH.dump_json(self).decode() if self.quote != Quote() else self.desk


WISH = TypeAdapter(RequestDraft)


def draft(text: str) -> RequestDraft:
    """What was written by `str`; raises Gone when it was not."""
    if not text.startswith("{"):
        return RequestDraft(text)
    try:
        found = WISH.validate_json(text)
    except ValidationError as error:
        raise Gone("This form is not one of ours. Please open it again.") from error
    if found.quote.link and not found.quote.link.startswith("https://"):
        raise Gone("This form is not one of ours. Please open it again.")
    return found

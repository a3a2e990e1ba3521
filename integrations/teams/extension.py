"""The message extension: looking for one's requests while writing, and what links of ours lead to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from integrations.teams import parsing
from integrations.teams.accounts import Accounts
from integrations.teams.parsing import Body, Where
from integrations.teams.posting import Posting, attached
from integrations.teams.replies import Answer
from integrations.teams.texts import cut_bytes, one_line
from workbot.cards import Card, Facts, Text
from workbot.i18n import language
from workbot.platforms import Host
from workbot.turns import LinkShared, Page, Say, Search

LONGEST_TITLE, LONGEST_PREVIEW = 200, 400
MOST_RESULTS = 25
# Of Adaptive Cards Teams takes no later version there.
UNDER_LINKS = "1.3"
THUMBNAIL = "application/vnd.microsoft.card.thumbnail"


class Extension:
    """Answers while people write. What it gives is read by all who read the message: it is what they all may know."""

    def __init__(self, host: Host, posting: Posting, accounts: Accounts) -> None:
        self.host = host
        self.posting = posting
        self.accounts = accounts

    async def search(self, body: Body) -> Answer:
        where = parsing.where(body)
        locale = await self.accounts.locale(where)
        turn = Search(sender=where.sender, id=where.activity, channel=where.place, text=parsing.query(body))
        reply = await self.host.receive(turn)
        cards = reply.cards[:MOST_RESULTS] if isinstance(reply, Page) else ()
        if not cards:
            lang = language(locale)
            text = lang("Nothing was found that everyone here may see.")
            return {"composeExtension": {"type": "message", "text": text}}
        return _result([await self._given(card, locale) for card in cards])

    async def unfurl(self, body: Body) -> Answer:
        """An address of ours in what somebody writes: under it stands what everyone there may know."""
        where = parsing.where(body)
        value = body.get("value")
        url = urlsplit(str(value.get("url") or "") if isinstance(value, dict) else "")
        if url.netloc != urlsplit(self.host.settings.url).netloc:
            return _result([])
        reply = await self.host.receive(self._linked(where, url.path))
        if not (isinstance(reply, Say) and reply.public):
            return _result([])
        given = await self._given(reply.card, await self.accounts.locale(where))
        return _result([given | {"content": given["content"] | {"version": UNDER_LINKS}}])

    def _linked(self, where: Where, path: str) -> LinkShared:
        """An address, wherever it is written: Teams keeps what it is answered for half an hour, and shows it in other
        places too (https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/link-unfurling)."""
        return LinkShared(sender=where.sender, id=where.activity, path=path)

    async def _given(self, card: Card, locale: str) -> dict[str, Any]:
        """A card that stands in a message, and the line that it is chosen by."""
        # Who will read it nobody knows, so that no file of ours is for them.
        parts = await self.posting.draw(card, locale, "", "result")
        line = {
            "title": cut_bytes(one_line(card.title), LONGEST_TITLE),
            "text": cut_bytes(_line(card), LONGEST_PREVIEW),
        }
        return attached(parts.first, preview={"contentType": THUMBNAIL, "content": line})


def _line(card: Card) -> str:
    """What a card says, in a line."""
    words = []
    for element in card.body:
        if isinstance(element, Text):
            words.append(element.body)
        if isinstance(element, Facts):
            words += [fact.value for fact in element.items]
    return one_line(" · ".join(words))


def _result(attachments: list[dict[str, Any]]) -> Answer:
    return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": attachments}}

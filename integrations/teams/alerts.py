"""What only people can put right: told to those who can, with what to do."""

from __future__ import annotations

from functools import partial

import structlog

from integrations.teams.names import NAME
from workbot.cards import Card, Text
from workbot.chat.alerts import AlertSender
from workbot.i18n import Language
from workbot.people import Channel, Person
from workbot.platforms import Host

log = structlog.get_logger(__name__)


class Alerts:
    """Tells administrators, desks and HR of what is wrong in Teams, once each time it goes wrong."""

    def __init__(self, host: Host) -> None:
        self.sender = AlertSender(host, NAME)

    async def locked_out(self, reason: str) -> None:
        """Microsoft does not let us in any more."""
        log.warning("teams.locked_out", reason=reason)
        await self.sender.happened("admin", partial(_locked_out, reason=reason), "locked_out")

    async def channel_closed(self, address: str, reason: str) -> None:
        """A desk's channel does not take us any more: its requests are still on the web."""
        await self.sender.channel_closed(address, reason, _channel_closed)

    async def channel_opened(self, place: Channel, channel: str, team: str) -> None:
        """A desk has a channel from now on: those of the desk are told, so that it is none that they do not know."""
        card = partial(_channel_opened, channel=channel, team=team, title=place.title)
        await self.sender.happened(place.role, card, f"opened:{place.id}:{place.address}")

    async def channel_needs_id(self, name: str, role: str, tenant: str, channel: str) -> None:
        """A private desk has a channel of its name: nothing is said in it until its file says that it is theirs."""
        card = partial(_channel_needs_id, name=name, channel=channel)
        await self.sender.is_so_this_week(role, card, f"needs_id:{tenant}:{name}")

    async def account_closed(self, person: Person, tenant: str, user: str, reason: str) -> None:
        """Somebody who is with us, as far as we know, has no account of ours any more."""
        card = partial(_account_closed, name=person.name, reason=reason)
        await self.sender.happened("hr", card, f"account:{tenant}:{user}")

    async def too_many_gone(self, tenant: str, gone: int, known: int) -> None:
        """So many accounts are gone at once that none was closed."""
        card = partial(_too_many_gone, gone=gone, known=known)
        await self.sender.is_so_today("admin", card, f"gone:{tenant}")


def _locked_out(lang: Language, *, reason: str) -> Card:
    text = lang(
        "Microsoft does not let me in any more ({reason}). What is meant for people in Teams waits. Look at the secret "
        "of the app registration in the Entra admin centre, set TEAMS_CLIENT_SECRET anew, and restart.",
        reason=reason,
    )
    return Card(lang("Teams has locked me out"), (Text(text),), tone="bad")


def _channel_closed(lang: Language, *, title: str) -> Card:
    text = lang(
        "I cannot write in the Teams channel of “{title}” any more: it was deleted or archived, or I was removed from "
        "its team. Add the app to the team again to bring me back. Until then the requests are on the web.",
        title=title,
    )
    return Card(lang("Your desk’s channel in Teams is closed to me"), (Text(text),), tone="warn")


def _channel_opened(lang: Language, *, channel: str, team: str, title: str) -> Card:
    text = lang(
        "What is asked of “{title}” stands in the Teams channel “{channel}” of the team “{team}” from now on, for all "
        "who are in it. If that is not your desk’s channel, remove me from the team, and name the right one by its id "
        "in the desk’s file.",
        title=title,
        channel=channel,
        team=team,
    )
    return Card(lang("Your desk has a channel in Teams"), (Text(text),), tone="good")


def _channel_needs_id(lang: Language, *, name: str, channel: str) -> Card:
    text = lang(
        "There is a channel “{name}” in a team that has me. This desk is private, and Teams does not tell me who reads "
        "along, so I say nothing there. If only the desk’s own people are in it, name it in the desk’s file by its id: "
        "{channel}",
        name=name,
        channel=channel,
    )
    return Card(lang("Your desk’s channel in Teams must be named by its id"), (Text(text),), tone="warn")


def _account_closed(lang: Language, *, name: str, reason: str) -> Card:
    text = lang(
        "{name} is a stranger to me in Teams from now on, since {reason}. What I have for them reaches them in other "
        "ways. If they have left, enter their last day in the list of people, so that they hear nothing more.",
        name=name,
        reason=lang(reason),
    )
    return Card(lang("{name} has no Teams account any more", name=name), (Text(text),), tone="warn")


def _too_many_gone(lang: Language, *, gone: int, known: int) -> Card:
    text = lang(
        "The directory of Microsoft says that {gone} of the {known} accounts that I know are gone. That is more likely "
        "a mistake than true, so I have closed none of them. If it is true, import the list of people without them.",
        gone=lang.number(gone),
        known=lang.number(known),
    )
    return Card(lang("Many Teams accounts are gone at once"), (Text(text),), tone="warn")

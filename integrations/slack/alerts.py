"""What only people can put right: told to those who can, with what to do."""

from __future__ import annotations

from functools import partial

import structlog

from integrations.slack.names import NAME
from integrations.slack.workspaces import Workspaces
from workbot.cards import Button, Buttons, Card, Text
from workbot.chat.alerts import AlertSender
from workbot.i18n import Language
from workbot.people import Channel, Person
from workbot.platforms import Host

log = structlog.get_logger(__name__)


class Alerts:
    """Tells administrators, desks and HR of what is wrong in Slack, once each time it goes wrong."""

    def __init__(self, host: Host, workspaces: Workspaces) -> None:
        self.host = host
        self.sender = AlertSender(host, NAME)
        self.workspaces = workspaces

    async def broken(self, tenant: str, reason: str, *, for_good: bool = False) -> None:
        """A workspace does not take us any more."""
        found = await self.workspaces.find(tenant)
        name = (found.name if found else "") or tenant
        if await self.workspaces.broke(tenant, reason, for_good=for_good):
            log.warning("slack.broken", workspace=tenant, reason=reason)
            card = partial(_broken, name=name, reason=reason, url=f"{self.host.settings.url}/slack/install")
            await self.sender.happened("admin", card, f"broken:{tenant}")

    async def channel_closed(self, address: str, reason: str) -> None:
        """A desk's channel does not take us any more: its requests are still on the web."""
        await self.sender.channel_closed(address, reason, _channel_closed)

    async def channel_opened(self, place: Channel, channel: str) -> None:
        """A desk has a channel from now on: those of the desk are told, so that it is none that they do not know."""
        card = partial(_channel_opened, channel=channel, title=place.title)
        await self.sender.happened(place.role, card, f"opened:{place.id}:{place.address}")

    async def channel_is_shared(self, name: str, role: str, tenant: str) -> None:
        """A private desk's channel is another organisation's too, or about to be: nothing is said in it."""
        await self.sender.happened(role, partial(_channel_is_shared, channel=name), f"shared:{tenant}:{name}")

    async def channel_is_strange(self, place: Channel, channel: str) -> None:
        """A private desk's channel has us through somebody who is not of the desk: nothing is said in it."""
        card = partial(_channel_is_strange, channel=channel, title=place.title)
        await self.sender.happened(place.role, card, f"strange:{place.name}:{channel}")

    async def channel_is_unknown(self, role: str, address: str) -> None:
        """Slack does not say who reads a private desk's channel: what is for it waits."""
        card = partial(_channel_is_unknown, url=self.host.settings.url)
        await self.sender.happened(role, card, f"unknown:{address}")

    async def channel_is_public(self, name: str, role: str, tenant: str) -> None:
        """A private desk's channel is open to all: nothing is said in it."""
        card = partial(_channel_is_public, channel=name)
        await self.sender.is_so_this_week(role, card, f"public:{tenant}:{name}")

    async def account_closed(self, person: Person, tenant: str, user: str, reason: str) -> None:
        """Somebody who is with us, as far as we know, has no account of ours any more."""
        card = partial(_account_closed, name=person.name, reason=reason)
        await self.sender.happened("hr", card, f"account:{tenant}:{user}")


def _broken(lang: Language, *, name: str, reason: str, url: str) -> Card:
    text = lang(
        "Slack’s workspace “{name}” does not let me in any more ({reason}). What is meant for people there waits. "
        "Install the app again, or set a new SLACK_BOT_TOKEN and restart.",
        name=name,
        reason=reason,
    )
    button = Buttons((Button(lang("Install in Slack"), url=url),))
    return Card(lang("Slack has locked me out"), (Text(text), button), tone="bad")


def _channel_closed(lang: Language, *, title: str) -> Card:
    text = lang(
        "I cannot write in the Slack channel of “{title}” any more: it was archived, or I was removed. Type "
        "“/invite @workbot” there to bring me back. Until then the requests are on the web.",
        title=title,
    )
    return Card(lang("Your desk’s channel in Slack is closed to me"), (Text(text),), tone="warn")


def _channel_opened(lang: Language, *, channel: str, title: str) -> Card:
    text = lang(
        "What is asked of “{title}” stands in the Slack channel #{channel} from now on, for all who are in it. If "
        "that is not your desk’s channel, remove me from it, and name the right one by its id in the desk’s file.",
        title=title,
        channel=channel,
    )
    return Card(lang("Your desk has a channel in Slack"), (Text(text),), tone="good")


def _channel_is_public(lang: Language, *, channel: str) -> Card:
    text = lang(
        "The Slack channel #{channel} is open to everyone, and this desk is private, so I say nothing there. Make it "
        "a private channel, and invite me with “/invite @workbot”.",
        channel=channel,
    )
    return Card(lang("Your desk’s channel in Slack must be private"), (Text(text),), tone="warn")


def _channel_is_shared(lang: Language, *, channel: str) -> Card:
    text = lang(
        "The Slack channel #{channel} is shared with another organisation, or is about to be, and this desk is "
        "private, so I say nothing there. Stop sharing it and invite me again with “/invite @workbot”, or use another "
        "private channel. Until then the requests are on the web.",
        channel=channel,
    )
    return Card(lang("Your desk’s channel in Slack is shared with others"), (Text(text),), tone="warn")


def _channel_is_strange(lang: Language, *, channel: str, title: str) -> Card:
    text = lang(
        "Somebody who is not of “{title}” brought me into the private Slack channel #{channel}. I say nothing there "
        "until one of the desk invites me: remove me, then type “/invite @workbot”, or name the channel by its id in "
        "the desk’s file.",
        title=title,
        channel=channel,
    )
    return Card(lang("I was brought into a channel that bears your desk’s name"), (Text(text),), tone="warn")


def _channel_is_unknown(lang: Language, *, url: str) -> Card:
    text = lang(
        "Slack does not tell me at the moment who reads along in your desk’s channel. The desk is private, so what I "
        "have for it waits until I know. The requests are on the web."
    )
    button = Buttons((Button(lang("Open the requests"), url=f"{url}/console"),))
    return Card(lang("I say nothing in your desk’s channel in Slack for now"), (Text(text), button), tone="warn")


def _account_closed(lang: Language, *, name: str, reason: str) -> Card:
    text = lang(
        "The Slack account of {name} is {reason}: whoever uses it is a stranger to me. What I have for them goes by "
        "their other ways from now on. If they have left, enter their last day in the list of people, so that they "
        "hear nothing more.",
        name=name,
        reason=lang(reason),
    )
    return Card(lang("{name} has no Slack account any more", name=name), (Text(text),), tone="warn")

"""What only people can put right: told to those who can, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog

from integrations.slack.names import NAME
from integrations.slack.workspaces import Workspaces
from workbot.cards import Button, Buttons, Card, Text
from workbot.i18n import Language
from workbot.people import Person, Place, close_place, recognise
from workbot.platforms import Host
from workbot.turns import Sender

log = structlog.get_logger(__name__)


class Trouble:
    """Tells administrators, desks and HR of what is wrong in Slack, once each time it goes wrong."""

    def __init__(self, host: Host, workspaces: Workspaces) -> None:
        self.host = host
        self.workspaces = workspaces

    async def broken(self, tenant: str, reason: str, *, for_good: bool = False) -> None:
        """A workspace does not take us any more."""
        found = await self.workspaces.find(tenant)
        name = (found.name if found else "") or tenant
        if await self.workspaces.broke(tenant, reason, for_good=for_good):
            log.warning("slack.broken", workspace=tenant, reason=reason)
            card = partial(_broken, name=name, reason=reason, url=f"{self.host.settings.url}/slack/install")
            await self._alert("admin", card, f"slack.broken:{tenant}")

    async def channel_closed(self, address: str, reason: str) -> None:
        """A desk's channel does not take us any more: its requests are still on the web."""
        place = await self.host.database.run(partial(close_place, platform=NAME, address=address, reason=reason))
        if place:
            log.warning("slack.channel_closed", place=place.name, reason=reason)
            card = partial(_channel_closed, title=place.title)
            await self._alert(place.role, card, f"slack.channel:{place.id}")

    async def channel_opened(self, place: Place, channel: str) -> None:
        """A desk has a channel from now on: those of the desk are told, so that it is none that they do not know."""
        card = partial(_channel_opened, channel=channel, title=place.title)
        await self._alert(place.role, card, f"slack.opened:{place.id}:{place.address}")

    async def channel_is_public(self, name: str, role: str, tenant: str) -> None:
        """A private desk's channel is open to all: nothing is said in it."""
        year, week, _day = self.host.clock.now().isocalendar()
        card = partial(_channel_is_public, channel=name)
        await self.host.alert(role, card, key=f"slack.public:{tenant}:{name}:{year}:{week}")

    async def user_gone(self, tenant: str, user: str) -> None:
        """An account was found deactivated before anything told us of it."""
        person = await self.host.database.read(partial(recognise, sender=Sender(NAME, user, tenant)))
        if person:
            await self.account_closed(person, tenant, user)

    async def account_closed(self, person: Person, tenant: str, user: str) -> None:
        """Somebody who is with us, as far as we know, has no account any more."""
        await self._alert("hr", partial(_account_closed, name=person.name), f"slack.account:{tenant}:{user}")

    async def _alert(self, role: str, card: Callable[[Language], Card], key: str) -> None:
        """Tell of something that happened; should it happen again, it is told again."""
        await self.host.alert(role, card, key=f"{key}:{self.host.clock.now():%Y-%m-%dT%H}")


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


def _account_closed(lang: Language, *, name: str) -> Card:
    text = lang(
        "The Slack account of {name} was deactivated. What I have for them goes by their other ways from now on. "
        "If they have left, enter their last day in the list of people, so that they hear nothing more.",
        name=name,
    )
    return Card(lang("{name} has no Slack account any more", name=name), (Text(text),), tone="warn")

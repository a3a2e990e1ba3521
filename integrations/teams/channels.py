"""Which channels are our desks': found by id or by name in the teams that have us, and lost when they are gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import structlog
from sqlmodel import Session, col, select

from integrations.teams.alerts import Alerts
from integrations.teams.connector import Connector, Thing
from integrations.teams.errors import FOREIGN, is_closed, refusal, word
from integrations.teams.models import TeamsConversation, TeamsTeam
from integrations.teams.names import NAME, address_of, parts_of
from workbot.people import Channel, link_channel, linked_channel, name_on_platform, wanted_channels
from workbot.platforms import Host

log = structlog.get_logger(__name__)


class Channels:
    """Keeps desks' channels as Teams has them."""

    def __init__(self, host: Host, connector: Connector, alerts: Alerts) -> None:
        self.host = host
        self.connector = connector
        self.alerts = alerts

    async def compare(self, tenant: str) -> int:
        """Look at all channels of a tenant; how many are new to a desk."""
        count = 0
        for row in await self.host.database.read(partial(_teams, tenant=tenant)):
            try:
                count += await self._team_channels(row)
            except FOREIGN as error:
                if not is_closed(error, channel=True):
                    raise refusal(error) from error
                log.info("teams.team_closed", reason=word(error))
                await self.team_gone(tenant, row.team, word(error))
        return count

    async def changed(self, tenant: str, team: str) -> None:
        """Look at one team's channels again: we came, or one was made, renamed, or removed."""
        row = await self.host.database.read(partial(_team, tenant=tenant, team=team))
        if row is None:
            await self.team_gone(tenant, team, "the app was removed from the team")
            return
        try:
            await self._team_channels(row)
        except FOREIGN as error:
            raise refusal(error) from error

    async def gone(self, tenant: str, channel: str) -> None:
        """Note that a channel is not there any more."""
        await self.alerts.channel_closed(address_of(tenant, channel), "channelDeleted")

    async def team_gone(self, tenant: str, team: str, reason: str) -> None:
        """Note that all channels of a team are closed to us."""
        for address in await self.host.database.run(partial(_forget_team, tenant=tenant, team=team)):
            await self.alerts.channel_closed(address, reason)

    async def _team_channels(self, row: TeamsTeam) -> int:
        """Make a team's channels those of our places, by id or by name; how many are new."""
        found = await self.connector.channels(row.service_url, row.team)
        for address in await self.host.database.read(partial(_lost, row=row, found=[str(one["id"]) for one in found])):
            await self.alerts.channel_closed(address, "channelDeleted")
        name = row.name or str((await self.connector.team(row.service_url, row.team)).get("name") or "")
        count = 0
        for home in await self.host.database.read(wanted_channels):
            linked = await self.host.database.read(partial(linked_channel, name=home.name, platform=NAME))
            channel = _of(home, linked, row.tenant, found, name)
            if channel is None or not await self._may_speak(home, channel, row.tenant):
                continue
            address = address_of(row.tenant, str(channel["id"]))
            join = partial(_join, home=home, team=row, channel=channel, address=address, now=self.host.clock.now())
            if place := await self.host.database.run(join):
                await self.alerts.channel_opened(place, str(channel.get("name") or name), name)
                count += 1
        return count

    async def _may_speak(self, home: Channel, channel: Thing, tenant: str) -> bool:
        """Whether what is meant for a place may be said in a channel.

        Teams does not tell us who may read one, so what is private is said only where the desk's file names it by id.
        """
        if not home.private or home.channels.get(NAME) == channel["id"]:
            return True
        await self.alerts.channel_needs_id(home.name, home.role, tenant, str(channel["id"]))
        return False


def _of(home: Channel, linked: Channel | None, tenant: str, channels: Sequence[Thing], team: str) -> Thing | None:
    """The channel of a place: by the id that its desk's file gives; the one that it has, whatever that is called now;
    or by the name (also `team/channel`) that the file gives, or the place's own."""
    wanted = name_on_platform(home, NAME)
    by_id = {str(channel["id"]): channel for channel in channels}
    if wanted in by_id:
        return by_id[wanted]
    # Another name in the file asks for another channel.
    if linked and linked.tenant == tenant and linked.channels.get(NAME, wanted) == wanted:
        found = by_id.get(parts_of(linked.address)[1])
        if found or not linked.closed:
            return found
    return _called(wanted.lower(), channels, team.lower())


def _called(wanted: str, channels: Sequence[Thing], team: str) -> Thing | None:
    for channel in channels:
        if wanted == f"{team}/{str(channel.get('name') or 'General').lower()}":
            return channel
    return next((one for one in channels if str(one.get("name") or "").lower() == wanted), None)


def _teams(session: Session, *, tenant: str) -> list[TeamsTeam]:
    return list(session.exec(select(TeamsTeam).where(TeamsTeam.tenant == tenant).order_by(TeamsTeam.team)))


def _team(session: Session, *, tenant: str, team: str) -> TeamsTeam | None:
    return session.get(TeamsTeam, (tenant, team))


def _join(
    session: Session, *, home: Channel, team: TeamsTeam, channel: Thing, address: str, now: datetime
) -> Channel | None:
    """Make a channel that of a place; None if it was before, or has one elsewhere."""
    place = link_channel(session, home, NAME, tenant=team.tenant, address=address)
    if place:
        key = str(channel["id"])
        session.merge(
            TeamsConversation(
                tenant=team.tenant,
                target=key,
                conversation=key,
                service_url=team.service_url,
                team=team.team,
                name=str(channel.get("name") or team.name),
                heard_at=now,
            )
        )
    return place


def _lost(session: Session, *, row: TeamsTeam, found: Sequence[str]) -> list[str]:
    """The addresses of open places that were channels of a team, and are not among those that it has."""
    known = select(TeamsConversation.target).where(
        TeamsConversation.tenant == row.tenant, TeamsConversation.team == row.team
    )
    gone = [address_of(row.tenant, target) for target in session.exec(known) if target not in found]
    here = (Channel.platform == NAME, Channel.closed == "", col(Channel.address).in_(gone))
    return list(session.exec(select(Channel.address).where(*here))) if gone and found else []


def _forget_team(session: Session, *, tenant: str, team: str) -> list[str]:
    """Forget a team that has us no more; returns the addresses of the channels that were known of it."""
    gone = session.get(TeamsTeam, (tenant, team))
    if gone:
        session.delete(gone)
    known = select(TeamsConversation.target).where(TeamsConversation.tenant == tenant, TeamsConversation.team == team)
    return [address_of(tenant, target) for target in session.exec(known)]

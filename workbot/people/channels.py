"""Channels that a platform has: how they become those of our desks, and how they are lost and found again."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session, col

from workbot.people.models import Channel
from workbot.people.service import HOME_PLATFORM


def wanted_channels(session: Session) -> list[Channel]:
    """The channels that we speak in, as they are at home."""
    return list(
        session.scalars(select(Channel).where(col(Channel.platform) == HOME_PLATFORM).order_by(col(Channel.name)))
    )


def linked_channel(session: Session, name: str, platform: str) -> Channel | None:
    """A place as it is, or was, on a platform: open or closed."""
    return session.scalars(select(Channel).where(col(Channel.name) == name, col(Channel.platform) == platform)).first()


def link_channel(session: Session, home: Channel, platform: str, *, tenant: str, address: str) -> Channel | None:
    """Make a platform's channel that of a place; None if it was before, or has one in another tenant.

    What the desk's file called it is kept: while the file says the same, the channel is known by its id.
    """
    found = linked_channel(session, home.name, platform)
    if found and not found.closed and (found.tenant != tenant or found.address == address):
        if found.address == address:
            found.channels = {platform: name_on_platform(home, platform)}
            session.add(found)
        return None
    channel = found or Channel(name=home.name, platform=platform, address="", role=home.role, locale=home.locale)
    channel.title, channel.role, channel.locale, channel.private = home.title, home.role, home.locale, home.private
    channel.tenant, channel.address, channel.closed = tenant, address, ""
    channel.channels = {platform: name_on_platform(home, platform)}
    session.add(channel)
    session.flush()
    return channel


def name_on_platform(home: Channel, platform: str) -> str:
    """What a place's channel is called on a platform: by the id or name in its desk's file, or as the place itself."""
    return str(home.channels.get(platform) or home.name)


def close_channel(session: Session, platform: str, address: str, reason: str) -> Channel | None:
    """Note that a platform's channel is closed to us; the place that it was, if it was open until now."""
    found = select(Channel).where(
        col(Channel.platform) == platform, col(Channel.address) == address, col(Channel.closed) == ""
    )
    channel = session.scalars(found).first()
    if channel:
        channel.closed = reason
        session.add(channel)
    return channel

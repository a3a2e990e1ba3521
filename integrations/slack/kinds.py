"""What kind of channel a desk's is: kept up by events, and asked anew where that is too long ago."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from integrations.slack.models import SlackChannel

# How long what Slack said of a channel is believed where nothing told of a change.
KIND_LIVES = timedelta(minutes=10)
# What says of a channel that others read along, or are about to.
SHARED = ("is_ext_shared", "is_pending_ext_shared", "pending_connected_team_ids", "pending_shared")


def is_shared(channel: Mapping[str, Any]) -> bool:
    """Whether another organisation reads a channel, or is about to; workspaces of one organisation may share theirs."""
    return any(channel.get(name) for name in SHARED) or bool(
        channel.get("is_shared") and not channel.get("is_org_shared")
    )


def keep_kind(session: Session, *, tenant: str, channel: Mapping[str, Any], now: datetime, inviter: str) -> str:
    """Keep how a channel is; returns who brought us there: `inviter`, or else who it was before."""
    key = str(channel["id"])
    kept = kind_of(session, tenant=tenant, channel=key) or SlackChannel(tenant=tenant, channel=key)
    kept.is_private, kept.is_shared = bool(channel.get("is_private")), is_shared(channel)
    kept.checked_at, kept.inviter = now, inviter or kept.inviter
    session.add(kept)
    return kept.inviter


def forget_inviter(session: Session, *, tenant: str, channel: str) -> None:
    """Note that we are not in a channel any more."""
    if kept := kind_of(session, tenant=tenant, channel=channel):
        kept.inviter, kept.checked_at = "", None
        session.add(kept)


def kind_of(session: Session, *, tenant: str, channel: str) -> SlackChannel | None:
    return session.get(SlackChannel, (tenant, channel))


def unsure(session: Session, *, tenant: str, channel: str) -> None:
    """Note that a channel has changed, and Slack did not say how."""
    if kept := kind_of(session, tenant=tenant, channel=channel):
        kept.checked_at = None
        session.add(kept)

"""Users as Slack describes them: who is a member of ours, and why others are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.slack.names import address_of
from workbot.i18n import N_
from workbot.people import DirectoryAccount
from workbot.texts import clean

DEACTIVATED = N_("deactivated in Slack")
GUEST = N_("a guest in Slack")
ELSEWHERE = N_("of another organisation in Slack")
MACHINE = N_("an app in Slack")


def known(tenant: str, user: Mapping[str, Any]) -> DirectoryAccount:
    """A user as their workspace lists them."""
    key, email = str(user["id"]), str((user.get("profile") or {}).get("email") or "")
    is_verified = bool(user.get("is_email_confirmed"))
    return DirectoryAccount(
        key,
        address_of(tenant, key),
        email if is_verified else "",
        "" if is_verified else email,
        named(user),
        _stranger(tenant, user),
    )


def named(user: Mapping[str, Any]) -> str:
    """What somebody is called in Slack."""
    profile = user.get("profile") or {}
    return clean(str(profile.get("real_name") or user.get("real_name") or user.get("name") or ""))


def _stranger(tenant: str, user: Mapping[str, Any]) -> str:
    """Why nobody may act by an account; empty for those who are members."""
    if user.get("deleted"):
        return DEACTIVATED
    if user.get("is_stranger") or tenant not in _homes(tenant, user):
        return ELSEWHERE
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return GUEST
    if user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") == "USLACKBOT":
        return MACHINE
    return ""


def _homes(tenant: str, user: Mapping[str, Any]) -> set[str]:
    """The workspaces and the organisation that somebody belongs to; on Grid there may be several."""
    grid = user.get("enterprise_user") or {}
    return {
        str(user.get("team_id") or tenant),
        str(grid.get("enterprise_id") or ""),
        *map(str, grid.get("teams") or ()),
    }

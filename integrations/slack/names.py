"""How Slack's people and channels are named with us."""

from __future__ import annotations

NAME = "slack"
# What our shortcuts are called in the manifest, and in what comes of them.
NEW_REQUEST = "request"
QUOTE = "quote"


def address_of(tenant: str, target: str) -> str:
    """The address of a user or channel of a workspace."""
    return f"{tenant}/{target}"


def parts_of(address: str) -> tuple[str, str]:
    """The workspace of an address and the id in it; the former is empty where a directory gave the address."""
    tenant, _, target = address.rpartition("/")
    return tenant, target


def reference_of(channel: str, ts: str) -> str:
    """The reference of a message."""
    return f"{channel}:{ts}" if channel and ts else ""

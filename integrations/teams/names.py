"""How Teams' people, channels and messages are named with us."""

from __future__ import annotations

NAME = "teams"
# What our commands are called in the app package, and in what comes of them.
QUOTE = "quote"
SEARCH = "search"
# Where Teams sends what people do, and where it shows a person's own page.
MESSAGES = "/api/messages"
TAB = "/teams/tab"


def address_of(tenant: str, target: str) -> str:
    """The address of a person (their Entra object id) or channel (its conversation id) of a tenant."""
    return f"{tenant}/{target}"


def parts_of(address: str) -> tuple[str, str]:
    """The tenant of an address and the id in it; the former is empty where a directory gave the address."""
    tenant, _, target = address.partition("/")
    return (tenant, target) if target else ("", tenant)


def reference_of(conversation: str, activity: str) -> str:
    """The reference of a message."""
    return f"{conversation}|{activity}" if conversation and activity else ""


def spot_of(reference: str) -> tuple[str, str]:
    """The conversation and the activity of a reference."""
    conversation, _, activity = reference.rpartition("|")
    return conversation, activity


def has_threads(conversation: str) -> bool:
    """Whether messages can stand under others there: in channels, not in chats."""
    return conversation.endswith(("@thread.tacv2", "@thread.skype"))


def is_channel(target: str) -> bool:
    """Whether an address leads to a channel or a chat of several people, rather than to a person."""
    return target.startswith("19:")

"""The web platform: a chat in the browser for everyone, with or without Slack or Teams."""

from integrations.web.platform import WebPlatform
from workbot.platforms import Host

__all__ = ["WebPlatform", "build"]


def build(host: Host) -> WebPlatform:
    """It needs no settings of its own: it is always on."""
    return WebPlatform(host)

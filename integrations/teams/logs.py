"""What the libraries say while they work: nothing, for what they say may hold what people wrote."""

from __future__ import annotations

import logging

LOUD = ("microsoft_teams", "botbuilder", "botframework", "msrest", "msal")


def quieten() -> None:
    """Keep the libraries' own words out of our logs: they print whole activities that they cannot read."""
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    spoken = logging.getLogger("httpx")
    spoken.setLevel(logging.WARNING)
    # The SDK sets this level anew for each client that it makes, three for an activity: addresses would be logged, and
    # what each logger remembers is thrown away.
    spoken.setLevel = _stays  # type: ignore[method-assign]


def _stays(level: int | str) -> None:
    """A level that is not changed."""

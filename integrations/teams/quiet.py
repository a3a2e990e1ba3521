"""What the libraries say while they work: nothing, for what they say may hold what people wrote."""

from __future__ import annotations

import logging

LOUD = ("microsoft_teams", "botbuilder", "botframework", "msrest", "msal")


def quieten() -> None:
    """Keep the libraries' own words out of our logs: they print whole activities that they cannot read."""
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)

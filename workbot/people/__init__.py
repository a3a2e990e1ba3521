"""People, their accounts, departments, roles, places and working time."""

from workbot.people.entries import COLUMNS
from workbot.people.languages import Languages
from workbot.people.linking import (
    Known,
    close_accounts,
    close_place,
    link_accounts,
    link_place,
    reopen_accounts,
    wanted_places,
)
from workbot.people.models import Account, Calendar, DayOff, Department, Leave, Person, Place, Role
from workbot.people.service import (
    accounts,
    agents,
    by_email,
    channel_at,
    channel_of,
    holders,
    holds,
    may_enter,
    open_place,
    places,
    recognise,
    require,
    roles,
    welcome_home,
)

__all__ = [
    "COLUMNS",
    "Account",
    "Calendar",
    "DayOff",
    "Department",
    "Known",
    "Languages",
    "Leave",
    "Person",
    "Place",
    "Role",
    "accounts",
    "agents",
    "by_email",
    "channel_at",
    "channel_of",
    "close_accounts",
    "close_place",
    "holders",
    "holds",
    "link_accounts",
    "link_place",
    "may_enter",
    "open_place",
    "places",
    "recognise",
    "reopen_accounts",
    "require",
    "roles",
    "wanted_places",
    "welcome_home",
]

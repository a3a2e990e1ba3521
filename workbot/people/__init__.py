"""People, their accounts, departments, roles, places and working time."""

from workbot.people.entries import COLUMNS
from workbot.people.models import Account, Calendar, DayOff, Department, Leave, Person, Place, Role
from workbot.people.service import (
    accounts,
    agents,
    by_email,
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
    "Leave",
    "Person",
    "Place",
    "Role",
    "accounts",
    "agents",
    "by_email",
    "channel_of",
    "holders",
    "holds",
    "may_enter",
    "open_place",
    "places",
    "recognise",
    "require",
    "roles",
    "welcome_home",
]

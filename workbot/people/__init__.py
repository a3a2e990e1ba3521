"""People, their accounts, departments, roles, places and working time."""

from workbot.people.claims import confirm as confirm_claim
from workbot.people.claims import note_claims, open_claim, unlinked
from workbot.people.claims import refuse as refuse_claim
from workbot.people.entries import COLUMNS
from workbot.people.languages import Languages
from workbot.people.linking import (
    Known,
    LinkRule,
    close_accounts,
    end_access,
    link_accounts,
    reopen_accounts,
    with_twins,
)
from workbot.people.models import SIGNED_OUT, Account, AccountClaim, Calendar, DayOff, Department, Leave, Person, Place, Role
from workbot.people.places import close_place, link_place, linked_place, wanted_channel, wanted_places
from workbot.people.service import (
    accounts,
    agents,
    as_now,
    by_email,
    channel_at,
    channel_of,
    holders,
    holds,
    may_enter,
    of_senders,
    open_place,
    places,
    recognise,
    require,
    roles,
    welcome_home,
)

__all__ = [
    "COLUMNS",
    "SIGNED_OUT",
    "Account",
    "AccountClaim",
    "Calendar",
    "DayOff",
    "Department",
    "Known",
    "Languages",
    "Leave",
    "LinkRule",
    "Person",
    "Place",
    "Role",
    "accounts",
    "agents",
    "as_now",
    "by_email",
    "channel_at",
    "channel_of",
    "close_accounts",
    "close_place",
    "confirm_claim",
    "end_access",
    "holders",
    "holds",
    "link_accounts",
    "link_place",
    "linked_place",
    "may_enter",
    "note_claims",
    "of_senders",
    "open_claim",
    "open_place",
    "places",
    "recognise",
    "refuse_claim",
    "reopen_accounts",
    "require",
    "roles",
    "unlinked",
    "wanted_channel",
    "wanted_places",
    "welcome_home",
    "with_twins",
]

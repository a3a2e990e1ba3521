"""Finding people, and asking what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, String, Table, and_, bindparam
from sqlmodel import Session, col, select

from workbot.errors import NotAllowed
from workbot.people.models import Account, Channel, Person, Role
from workbot.storage.bulk import JsonRows
from workbot.texts import identifier
from workbot.turns import Sender

_ACCOUNTS: Table = Account.__table__  # type: ignore[attr-defined]
_PEOPLE: Table = Person.__table__  # type: ignore[attr-defined]


def of_senders(senders: FromClause) -> FromClause:
    """Rows that name senders by `platform`, `tenant` and `user`, each with the active person whose account it is."""
    same = (_ACCOUNTS.c[name] == senders.c[name] for name in ("platform", "tenant", "user"))
    accounts = and_(*same, _ACCOUNTS.c.access_ended_at.is_(None))
    return senders.join(_ACCOUNTS, accounts).join(
        _PEOPLE, and_(_PEOPLE.c.id == _ACCOUNTS.c.person_id, _PEOPLE.c.active)
    )


_SENDER = JsonRows(platform=String(), tenant=String(), user=String())
OF_SENDER = select(Person).select_from(of_senders(_SENDER.table))
STILL_HERE = select(Person).where(Person.id == bindparam("this"), col(Person.active))
OPEN_CHANNELS = (
    select(Channel).where(Channel.name == bindparam("name"), Channel.closed == "").order_by(Channel.platform)
)


def person_of(session: Session, sender: Sender) -> Person | None:
    """The active person whose account a platform authenticated."""
    who = {"platform": sender.platform, "tenant": sender.tenant, "user": sender.user}
    return session.exec(OF_SENDER, params=_SENDER.rows(session, [who])).first()


def reload(session: Session, person: Person) -> Person | None:
    """A person as they are by now, if they are still here."""
    return session.exec(STILL_HERE, params={"this": person.id}).first()


def by_email(session: Session, email: str) -> Person | None:
    """The active person of an e-mail address, whatever its case and whatever in it nobody sees."""
    return session.exec(select(Person).where(Person.email == identifier(email).lower(), col(Person.active))).first()


def roles(session: Session, person: Person) -> set[str]:
    return set(session.exec(select(Role.name).where(Role.person_id == person.id)))


def has_role(session: Session, person: Person, *wanted: str) -> bool:
    """Whether a person holds one of the roles; an admin holds none of them by being admin."""
    return not roles(session, person).isdisjoint(wanted)


def require(session: Session, person: Person, *wanted: str) -> None:
    """Refuse a person who holds none of the roles."""
    if not has_role(session, person, *wanted):
        raise NotAllowed("You may not do that. If you should, ask an administrator for the role it needs.")


def people_with_role(session: Session, role: str, *, now: datetime) -> list[Person]:
    """The people of a role who are here now, by name: nobody before their first day, nobody after their last."""
    named = select(Person).join(Role).where(Role.name == role, col(Person.active)).order_by(Person.name)
    return [person for person in session.exec(named) if person.is_here(now)]


def agents_of(session: Session, desk: str, *, now: datetime) -> list[Person]:
    return people_with_role(session, f"agent:{desk}", now=now)


def channels_named(session: Session, name: str) -> list[Channel]:
    """The channels that bear a name and are open to us, one per platform."""
    return list(session.exec(OPEN_CHANNELS, params={"name": name}))


def channel_of(session: Session, desk: str) -> str:
    """The name of the channel that a desk's agents share, or nothing when there is none."""
    return (
        session.exec(select(Channel.name).where(Channel.role == f"agent:{desk}").order_by(Channel.name)).first() or ""
    )


def channel_at(session: Session, platform: str, address: str) -> str:
    """The name that the app has for a platform's channel, or nothing."""
    if not address:
        return ""
    found = select(Channel.name).where(Channel.platform == platform, Channel.address == address, Channel.closed == "")
    return session.exec(found).first() or ""


def may_enter(session: Session, person: Person, channel: Channel) -> bool:
    """Whether a person may read and write in a channel of ours."""
    return has_role(session, person, channel.role)


def accounts(session: Session, person: Person) -> list[Account]:
    """Where a person is at home, the preferred platform first, then by platform name."""
    theirs = (Account.person_id == person.id, col(Account.access_ended_at).is_(None))
    found = session.exec(select(Account).where(*theirs)).all()
    return sorted(found, key=lambda account: (account.platform != person.preferred_platform, account.platform))


# A platform that refused somebody is tried again after a while, then each time as long as it has refused already.
FIRST_RETRY, LAST_RETRY = timedelta(hours=1), timedelta(days=7)


def unreachable(account: Account, reason: str, *, now: datetime) -> None:
    """Remember that a platform refuses a person, until they are seen there again or a later try arrives."""
    since = (account.unreachable and account.unreachable_since) or now
    account.unreachable, account.unreachable_since = reason, since
    account.retry_at = now + min(LAST_RETRY, max(FIRST_RETRY, now - since))


def ended(account: Account, reason: str, *, now: datetime) -> None:
    """Remember that somebody's account has ended: nothing is tried there before it is seen to be back."""
    account.unreachable, account.unreachable_since = reason, now
    account.retry_at = None


def reachable(account: Account) -> None:
    account.unreachable, account.unreachable_since, account.retry_at = "", None, None


# The platform that is always there: everyone has an account on it, and every place exists on it.
HOME_PLATFORM = "web"
# The platform that reaches people by their address alone, without an account.
MAIL_PLATFORM = "email"


def ensure_web_account(session: Session, person: Person) -> Account:
    """See that a person has an account on the home platform."""
    found = session.exec(
        select(Account).where(Account.person_id == person.id, Account.platform == HOME_PLATFORM)
    ).first()
    account = found or Account(**web_account(person.id))
    session.add(account)
    return account


def web_account(person_id: UUID) -> dict[str, Any]:
    """The account on the home platform that a person has."""
    return {
        "person_id": person_id,
        "platform": HOME_PLATFORM,
        "user": str(person_id),
        "address": f"person:{person_id}",
    }


def ensure_channel(
    session: Session,
    name: str,
    *,
    title: str,
    role: str,
    locale: str,
    channels: Mapping[str, str] | None = None,
    private: bool = False,
    emoji: str = "",
) -> Channel:
    """See that a place exists on the home platform, under its present title and role."""
    found = session.exec(select(Channel).where(Channel.name == name, Channel.platform == HOME_PLATFORM)).first()
    channel = found or Channel(name=name, platform=HOME_PLATFORM, address=f"place:{name}", role=role, locale=locale)
    channel.title, channel.role, channel.locale = title, role, locale
    channel.channels, channel.private, channel.emoji = dict(channels or {}), private, emoji
    session.add(channel)
    return channel

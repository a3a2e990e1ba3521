"""Working time: when a person may be disturbed, and which day is so many working days away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

import holidays
import structlog
from sqlmodel import Session, col, select

from workbot.people.models import Calendar, DayOff, Leave, Person

OFFICE_HOURS: dict[str, tuple[str, str]] = {str(day): ("09:00", "17:00") for day in range(1, 6)}
DEFAULT = "default"
# Whoever has not one working moment in so many days is looked at again when they are over.
HORIZON_DAYS = 400

DAY = timedelta(days=1)
Hours = tuple[time, time]
Span = tuple[datetime, datetime]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class WorkingTime:
    """One person's: weekly hours by ISO weekday, in their own zone, less holidays, leave and quiet hours.

    Hours whose end is not after their beginning run over midnight and belong to the day they begin on.
    """

    zone: ZoneInfo
    hours: dict[int, Hours]
    region: str = ""
    days_off: frozenset[date] = frozenset()
    leave: tuple[tuple[date, date], ...] = ()
    quiet: Hours | None = None

    def is_working_day(self, day: date) -> bool:
        """Whether the employer's calendar has this day as a working one; a person's leave is another matter.

        Without any weekly hours, as for a volunteer, every day is.
        """
        if not self.hours:
            return True
        is_free = day in self.days_off or day in public_holidays(self.region, day.year)
        return day.isoweekday() in self.hours and not is_free

    def is_away(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.leave)

    def next_moment(self, at: datetime) -> datetime:
        """The first moment from `at` on at which the person works and wants no quiet."""
        # Last night's hours may still run.
        first = at.astimezone(self.zone).date() - DAY
        for offset in range(HORIZON_DAYS):
            for start, end in self._open(first + timedelta(days=offset)):
                if at < end:
                    return max(at, start)
        return at + timedelta(days=HORIZON_DAYS)

    def later(self, at: datetime, working: timedelta) -> datetime:
        """The moment at which so much working time has passed since `at`; what lies beyond the horizon counts whole."""
        reached, left = at, working
        first = at.astimezone(self.zone).date() - DAY
        for offset in range(HORIZON_DAYS):
            for start, end in self._open(first + timedelta(days=offset)):
                reached = max(reached, start)
                if end - reached >= left and reached < end:
                    return reached + left
                left -= max(end - reached, timedelta())
                reached = max(reached, end)
        return reached + left

    def earlier(self, at: datetime, working: timedelta) -> datetime:
        """The moment from which so much working time passes until `at`; what lies beyond the horizon counts whole."""
        reached, left = at, working
        last = at.astimezone(self.zone).date()
        for offset in range(HORIZON_DAYS):
            for start, end in reversed(self._open(last - timedelta(days=offset))):
                reached = min(reached, end)
                if reached - start >= left and start < reached:
                    return reached - left
                left -= max(reached - start, timedelta())
                reached = min(reached, start)
        return reached - left

    def after_quiet(self, at: datetime) -> datetime:
        """The first moment from `at` on at which the person wants no quiet; they may be off work."""
        day = at.astimezone(self.zone).date()
        return max([at, *(end for start, end in self._quiet_around(day) if start <= at < end)])

    def tomorrow(self, at: datetime) -> datetime:
        """The midnight that ends the person's day."""
        return self.at(at.astimezone(self.zone).date() + DAY, time.min)

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`th working day after `day`, or before it when negative; 0 is `day` itself or the next one."""
        if not self.hours:
            return day + timedelta(days=count)
        if count == 0:
            return day if self.is_working_day(day) else self.add_working_days(day, 1)
        step, left = (DAY, count) if count > 0 else (-DAY, -count)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def at(self, day: date, clock: time) -> datetime:
        """A local time of a day as a moment.

        One that the clock skips in spring moves past the gap; of one that comes twice in autumn it is
        the first.
        """
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def _open(self, day: date) -> list[Span]:
        """When a person may be disturbed during the hours that begin on a day."""
        if not self.is_working_day(day) or self.is_away(day):
            return []
        working = self._span(day, self.hours.get(day.isoweekday(), (time.min, time.min)))
        quiet = self._quiet_around(day)
        return list(without(working, quiet)) or list(self._after_quiet(working[0], quiet))

    def _quiet_around(self, day: date) -> list[Span]:
        if self.quiet is None or self.quiet[0] == self.quiet[1]:
            return []
        return [self._span(day + shift, self.quiet) for shift in (-DAY, timedelta(), DAY)]

    def _after_quiet(self, at: datetime, quiet: list[Span]) -> Iterator[Span]:
        """The rest of the day on which quiet ends: for who wants it during all their hours."""
        for start, end in quiet:
            if start <= at < end:
                midnight = self.at(end.astimezone(self.zone).date() + DAY, time.min)
                yield from without((end, midnight), quiet)

    def _span(self, day: date, hours: Hours) -> Span:
        start, end = hours
        return self.at(day, start), self.at(day if start < end else day + DAY, end)


def without(span: Span, taken: Iterable[Span]) -> Iterator[Span]:
    """What is left of a span when others, in order, are taken out of it."""
    start, end = span
    for taken_from, taken_until in taken:
        if start < min(taken_from, end):
            yield start, min(taken_from, end)
        start = max(start, taken_until)
    if start < end:
        yield start, end


@cache
def public_holidays(region: str, year: int) -> frozenset[date]:
    """The public holidays of a year where an ISO 3166 code such as `CA-ON` or `FR` says."""
    if not region:
        return frozenset()
    country, _, part = region.partition("-")
    try:
        # Whole years, because the package's own lazy table is not safe to share between threads.
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:
        # One slip in one calendar must not hold up everyone's messages.
        log.warning("calendar.unknown_region", region=region)
        return frozenset()


def working_time(session: Session, person: Person) -> WorkingTime:
    """The working time that applies to a person now."""
    return working_times(session, [person])[person.id]


def desk_time(session: Session, *, calendar: str, zone: str) -> WorkingTime:
    """The working time of a desk: a calendar's hours and holidays in a zone, nobody's leave and nobody's quiet hours.

    Of a calendar that there is not, or of none, everyone's is taken.
    """
    named = session.exec(select(Calendar).where(Calendar.name == calendar)).first() if calendar else None
    found = named or default_calendar(session)
    days_off = frozenset(
        off.day for off in session.exec(select(DayOff)) if off.calendar_id in (None, found and found.id)
    )
    hours = found.hours if found else OFFICE_HOURS
    return WorkingTime(ZoneInfo(zone), _hours(hours), found.region if found else "", days_off)


def working_times(session: Session, people: Sequence[Person]) -> dict[UUID, WorkingTime]:
    """The working time of each of some people, in a few statements however many they are."""
    default = default_calendar(session)
    wanted = {person.calendar_id for person in people if person.calendar_id}
    own = select(Calendar).where(col(Calendar.id).in_(wanted))
    calendars = {calendar.id: calendar for calendar in session.exec(own)} if wanted else {}
    offs: defaultdict[UUID | None, set[date]] = defaultdict(set)
    for off in session.exec(select(DayOff)):
        offs[off.calendar_id].add(off.day)
    leaves: defaultdict[UUID, list[tuple[date, date]]] = defaultdict(list)
    for leave in session.exec(select(Leave).where(col(Leave.person_id).in_([person.id for person in people]))):
        leaves[leave.person_id].append((leave.first_day, leave.last_day))

    found: dict[UUID, WorkingTime] = {}
    for person in people:
        calendar = calendars[person.calendar_id] if person.calendar_id else default
        days_off = offs[None] | (offs[calendar.id] if calendar else set())
        found[person.id] = _working_time(person, calendar, days_off, leaves[person.id])
    return found


def _working_time(
    person: Person, calendar: Calendar | None, days_off: Iterable[date], leave: Sequence[tuple[date, date]]
) -> WorkingTime:
    hours = calendar.hours if calendar else OFFICE_HOURS
    quiet = (person.quiet_from, person.quiet_until)
    return WorkingTime(
        zone=ZoneInfo(person.timezone),
        hours=_hours(hours),
        region=calendar.region if calendar else "",
        days_off=frozenset(days_off),
        leave=tuple(leave),
        quiet=(quiet[0], quiet[1]) if quiet[0] is not None and quiet[1] is not None else None,
    )


def _hours(written: Mapping[str, Sequence[str]]) -> dict[int, Hours]:
    return {int(day): (time.fromisoformat(start), time.fromisoformat(end)) for day, (start, end) in written.items()}


def default_calendar(session: Session) -> Calendar | None:
    """The calendar of everyone who has none of their own."""
    return session.exec(select(Calendar).where(Calendar.name == DEFAULT)).first()


def open_default_calendar(session: Session, *, region: str) -> Calendar:
    """See that there is a calendar for everyone who has none of their own, with a region's public holidays."""
    calendar = default_calendar(session) or Calendar(name=DEFAULT, hours=dict(OFFICE_HOURS))
    calendar.region = region
    session.add(calendar)
    return calendar

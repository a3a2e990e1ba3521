"""Working time: when a person may be disturbed, and which day is so many working days away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from sqlmodel import Session, col, or_, select

from workbot.people.models import Calendar, DayOff, Leave, Person

OFFICE_HOURS: dict[str, tuple[str, str]] = {str(day): ("09:00", "17:00") for day in range(1, 6)}
# Further than this nobody is scheduled; a calendar without a working day would otherwise never end.
HORIZON_DAYS = 800


@dataclass(frozen=True)
class WorkingTime:
    """One person's: weekly hours by ISO weekday, in their own zone, less holidays, leave and quiet hours."""

    zone: ZoneInfo
    hours: dict[int, tuple[time, time]]
    region: str = ""
    days_off: frozenset[date] = frozenset()
    leave: tuple[tuple[date, date], ...] = ()
    quiet: tuple[time, time] | None = None

    def is_working_day(self, day: date) -> bool:
        """Whether the employer's calendar has this day as a working one; a person's leave is another matter."""
        return day.isoweekday() in self.hours and day not in self.days_off and day not in public_holidays(self.region)

    def is_away(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.leave)

    def next_moment(self, at: datetime) -> datetime:
        """The first moment from `at` on at which the person works and wants no quiet."""
        local = at.astimezone(self.zone)
        for offset in range(HORIZON_DAYS):
            day = local.date() + timedelta(days=offset)
            if not self.is_working_day(day) or self.is_away(day):
                continue
            for start, end in self._open(day):
                if at < end:
                    return max(at, start)
        return at

    def add_working_days(self, day: date, count: int) -> date:
        """The day that lies `count` working days after `day` (before it when negative); 0 is `day` or the next one."""
        step = timedelta(days=-1 if count < 0 else 1)
        left = abs(count)
        for _ in range(HORIZON_DAYS):
            if left == 0 and self.is_working_day(day):
                return day
            day += step
            if self.is_working_day(day) and left:
                left -= 1
        return day

    def at(self, day: date, clock: time) -> datetime:
        """A local time of a day as a moment; one that the clock skips in spring moves past the gap."""
        return datetime.combine(day, clock, self.zone).astimezone(ZoneInfo("UTC"))

    def _open(self, day: date) -> list[tuple[datetime, datetime]]:
        start, end = self.hours[day.isoweekday()]
        spans = [(start, end)]
        if self.quiet:
            spans = [part for span in spans for part in _without(span, self.quiet)]
        return [(self.at(day, first), self.at(day, last)) for first, last in spans if first < last]


@cache
def public_holidays(region: str) -> holidays.HolidayBase | frozenset[date]:
    """The public holidays of an ISO 3166 code such as `CA-ON` or `FR`."""
    if not region:
        return frozenset()
    country, _, part = region.partition("-")
    return holidays.country_holidays(country, subdiv=part or None)


def working_time(session: Session, person: Person, *, default_region: str = "") -> WorkingTime:
    """The working time that applies to a person now."""
    calendar = session.get(Calendar, person.calendar_id) if person.calendar_id else default_calendar(session)
    hours = dict(calendar.hours) if calendar else dict(OFFICE_HOURS)
    off = select(col(DayOff.day)).where(
        or_(col(DayOff.calendar_id).is_(None), DayOff.calendar_id == (calendar and calendar.id))
    )
    leave = select(Leave).where(Leave.person_id == person.id)
    quiet = (person.quiet_from, person.quiet_until)
    return WorkingTime(
        zone=ZoneInfo(person.timezone),
        hours={int(day): (time.fromisoformat(start), time.fromisoformat(end)) for day, (start, end) in hours.items()},
        region=calendar.region if calendar else default_region,
        days_off=frozenset(session.exec(off)),
        leave=tuple((row.first_day, row.last_day) for row in session.exec(leave)),
        quiet=(quiet[0], quiet[1]) if quiet[0] is not None and quiet[1] is not None else None,
    )


def default_calendar(session: Session) -> Calendar | None:
    """The calendar of everyone who has none of their own."""
    return session.exec(select(Calendar).where(Calendar.name == "default")).first()


def _without(span: tuple[time, time], quiet: tuple[time, time]) -> list[tuple[time, time]]:
    """What of a span is left outside quiet hours, which may run over midnight."""
    (start, end), (quiet_from, quiet_until) = span, quiet
    if quiet_from <= quiet_until:
        return [(start, min(end, quiet_from)), (max(start, quiet_until), end)]
    return [(max(start, quiet_until), min(end, quiet_from))]

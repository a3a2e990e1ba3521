"""When a wave asks, reminds and closes: local days and times made into moments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workbot.people.calendar import OFFICE_HOURS, WorkingTime
from workbot.pulse.definitions import SurveyDefinition

MORNING = time(9)


def clock_of(definition: SurveyDefinition) -> time:
    """The local time at which people are asked."""
    return definition.schedule.clock if definition.schedule else MORNING


def local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A local time of a day as a moment; one that the clock skips in spring moves past the gap."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def earliest(day: date, clock: time, zones: Iterable[str]) -> datetime:
    """When that time of that day comes first, anywhere in these zones."""
    return min(local(day, clock, ZoneInfo(zone)) for zone in zones)


def next_day(clock: time, zone: ZoneInfo, now: datetime) -> date:
    """The local day on which that time comes next: today, if it has not passed."""
    today = now.astimezone(zone).date()
    return today if local(today, clock, zone) >= now else today + timedelta(days=1)


def closing(definition: SurveyDefinition, first_day: date, zone: ZoneInfo) -> datetime:
    """When a wave closes that asks first on a day, in the organisation's zone."""
    day = first_day + timedelta(days=definition.open_for.days)
    return local(day, time.fromisoformat(definition.open_for.until), zone)


def longest_delay(due: datetime, closes_at: datetime) -> timedelta:
    """How late a wave may still open: by half of the time for which it was to be open."""
    return max(closes_at - due, timedelta()) / 2


def asking(morning: datetime, opens_at: datetime, closes_at: datetime, zone: ZoneInfo) -> datetime | None:
    """When people of a zone are asked whose own morning comes at a moment.

    Where it comes only after the close they are asked at the opening, if that is within office hours there; else not
    at all, since they could not answer in time.
    """
    if morning < closes_at:
        return max(morning, opens_at)
    local_time = opens_at.astimezone(zone)
    hours = OFFICE_HOURS.get(str(local_time.isoweekday()))
    is_at_work = hours is not None and time.fromisoformat(hours[0]) <= local_time.time() < time.fromisoformat(hours[1])
    return opens_at if is_at_work else None


def reminding_day(definition: SurveyDefinition, first_day: date) -> date | None:
    """The day of the reminder: so many weekdays on. Holidays and leave are minded at the sending."""
    if definition.remind_after is None:
        return None
    hours = {
        int(day): (time.fromisoformat(start), time.fromisoformat(end)) for day, (start, end) in OFFICE_HOURS.items()
    }
    return WorkingTime(ZoneInfo("UTC"), hours).add_working_days(first_day, definition.remind_after)

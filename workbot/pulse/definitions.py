"""What a survey's file may say."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from workbot.definitions import Definition, Part, Texts, was_published
from workbot.people import Conditions
from workbot.people.entries import ROLE
from workbot.pulse.questions import AnyQuestion, Counted, Rated, Written

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
# A local time of day. A string, so that YAML's 09:00 and its base-60 numbers are never confused.
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Schedule(Part):
    """When a wave opens: `every: week` on a weekday, or `every: month` on a day (the last one where it is shorter)."""

    every: Literal["week", "month"]
    weekday: Weekday | None = None
    day: int | None = Field(None, ge=1, le=31)
    at: ClockTime = "09:00"

    @model_validator(mode="after")
    def _one_day(self) -> Schedule:
        wanted, other = ("weekday", "day") if self.every == "week" else ("day", "weekday")
        if getattr(self, wanted) is None or getattr(self, other) is not None:
            message = "with `every: {every}` give `{wanted}`, and not `{other}`"
            raise PydanticCustomError("schedule", message, {"every": self.every, "wanted": wanted, "other": other})
        return self

    @property
    def clock(self) -> time:
        return time.fromisoformat(self.at)

    def falls_on(self, day: date) -> bool:
        if self.every == "week":
            return WEEKDAYS[day.weekday()] == self.weekday
        tomorrow = day + timedelta(days=1)
        return day.day == self.day or (tomorrow.day == 1 and day.day < (self.day or 0))

    def next_after(self, day: date) -> date:
        """The first day after `day` on which a wave opens."""
        following = day + timedelta(days=1)
        while not self.falls_on(following):
            following += timedelta(days=1)
        return following


class OpenFor(Part):
    """How long answers are taken: until a local time of the organisation, so many days after the opening."""

    days: int = Field(ge=0, le=90)
    until: ClockTime = "17:00"


class Started(Part):
    """A window of days since someone's first day, both ends included."""

    at_least_days: int = Field(0, ge=0)
    at_most_days: int | None = Field(None, ge=0)


class Audience(Part):
    """Who is asked: everyone, unless narrowed; every line that is given must hold."""

    departments: tuple[str, ...] = ()
    where: Conditions = Conditions()
    started: Started | None = None


def _known_role(role: str, info: ValidationInfo) -> str:
    if not ROLE.fullmatch(role) and not was_published(info):
        raise PydanticCustomError("role", "there is no such role; use hr, admin, auditor or agent:DESK")
    return role


class Reporting(Part):
    """Who may read the results, by role, and whether they are told them by mail too."""

    roles: tuple[Annotated[str, AfterValidator(_known_role)], ...] = ("hr",)
    mail: bool = True

    @field_validator("roles")
    @classmethod
    def _somebody(cls, roles: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not roles and not was_published(info):
            raise PydanticCustomError("readers", "nobody could read the results; name at least one role")
        return roles


class SurveyDefinition(Definition):
    """A survey: who is asked what, when, under which promise, and who hears the results.

    `k` is the smallest group whose scores are shown, `comment_k` the smallest number of comments;
    an identified survey shows who said what and has no use for either.
    """

    title: Texts
    intro: Texts
    mode: Literal["identified", "confidential"]
    k: int = Field(5, ge=5)
    comment_k: int = Field(10, ge=10)
    audience: Audience = Audience()
    schedule: Schedule | None = None
    open_for: OpenFor
    remind_after: int | None = Field(None, ge=1, le=30)
    questions: tuple[AnyQuestion, ...] = Field(min_length=1, max_length=20)
    report: Reporting = Reporting()

    @field_validator("mode", mode="before")
    @classmethod
    def _no_empty_promise(cls, mode: object) -> object:
        if mode == "anonymous":
            message = (
                "sealed ballots, which make answers anonymous, are not here yet; "
                "use `confidential`, which promises less and keeps it"
            )
            raise PydanticCustomError("anonymous", message)
        return mode

    @field_validator("open_for")
    @classmethod
    def _opens_at_all(cls, open_for: OpenFor, info: ValidationInfo) -> OpenFor:
        schedule: Schedule | None = info.data.get("schedule")
        if schedule and open_for.days == 0 and open_for.until <= schedule.at and not was_published(info):
            message = (
                "a wave would close at {until}, before it opens at {at} of the same day, so none would ever open; "
                "give it more `days`, or a later `until`"
            )
            raise PydanticCustomError("never", message, {"until": open_for.until, "at": schedule.at})
        return open_for

    @field_validator("questions")
    @classmethod
    def _different_ids(cls, questions: tuple[AnyQuestion, ...]) -> tuple[AnyQuestion, ...]:
        ids = [question.id for question in questions]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise PydanticCustomError("twice", "each question needs an id of its own; twice: {ids}", {"ids": twice})
        return questions

    def question(self, name: str) -> AnyQuestion | None:
        return next((question for question in self.questions if question.id == name), None)

    def after(self, name: str) -> AnyQuestion | None:
        """The question that follows one, or None after the last."""
        ids = [question.id for question in self.questions]
        following = ids.index(name) + 1
        return self.questions[following] if following < len(ids) else None

    @property
    def counted(self) -> tuple[Counted, ...]:
        """Those with answers to count, in the order of reports: first those with a score."""
        counted = (question for question in self.questions if isinstance(question, Counted))
        return tuple(sorted(counted, key=lambda question: not isinstance(question, Rated)))

    @property
    def rated(self) -> tuple[Rated, ...]:
        return tuple(question for question in self.questions if isinstance(question, Rated))

    @property
    def written(self) -> tuple[Written, ...]:
        return tuple(question for question in self.questions if isinstance(question, Written))

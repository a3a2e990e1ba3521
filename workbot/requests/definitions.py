"""What a desk is: whom it serves, what its form asks, and how long people wait."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from workbot.definitions import Definition, Part, Slug, Texts
from workbot.zones import zone_called


def _zone(text: str) -> str:
    return zone_called(text) if text else ""


class OptionDefinition(Part):
    id: Slug
    label: Texts


class FieldDefinition(Part):
    """One question of a desk's form."""

    id: Slug
    kind: Literal["text", "multiline", "choice", "date", "number", "toggle"] = "text"
    label: Texts
    hint: Texts | None = None
    required: bool = False
    # As many as a list of Slack's takes.
    options: tuple[OptionDefinition, ...] = Field((), max_length=100)

    @model_validator(mode="after")
    def _has_options(self) -> FieldDefinition:
        if (self.kind == "choice") != bool(self.options):
            raise ValueError("a choice has options, and nothing else has")
        return self


class DeskDefinition(Definition):
    """A department's desk.

    `key` begins the numbers of its requests. `channel` is where its agents work; `channels` says what it is called on
    a platform on which it has another name, or its id there. `emoji` is the name of the one that makes a request
    of the message it is put on. `calendar` and `timezone` say when it works: everyone's calendar, and the requester's
    zone, where they are not there.
    """

    key: Annotated[str, Field(pattern=r"^[A-Z]{2,8}$")]
    title: Texts
    intro: Texts
    channel: Slug
    channels: dict[Slug, Annotated[str, Field(min_length=1, max_length=80)]] = Field(default_factory=dict)
    emoji: Annotated[str, Field(pattern=r"^[a-z0-9_+'-]{1,100}$")] | None = None
    private: bool = False
    promise: Texts
    # More is no form that anyone fills in on a phone, nor one that fits into a dialog of Slack's or Teams'.
    fields: tuple[FieldDefinition, ...] = Field((), max_length=40)
    nudge_after_hours: Annotated[int, Field(ge=1, le=80)] = 8
    close_after_days: Annotated[int, Field(ge=1, le=60)] = 5
    calendar: Annotated[str, Field(max_length=80)] = ""
    timezone: Annotated[str, AfterValidator(_zone)] = ""

    @property
    def role(self) -> str:
        """What its agents hold."""
        return f"agent:{self.name}"

    @model_validator(mode="after")
    def _fields_differ(self) -> DeskDefinition:
        names = [field.id for field in self.fields]
        if len(set(names)) != len(names) or "title" in names:
            raise ValueError("every field has an id of its own, and `title` is taken")
        return self

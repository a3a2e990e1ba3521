"""What every definition is made of, and the life that each of its versions has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError
from sqlmodel import Session

from workbot.i18n import LOCALES, Language


def _every_language(texts: dict[str, str]) -> dict[str, str]:
    if missing := [locale for locale in LOCALES if not texts.get(locale, "").strip()]:
        raise PydanticCustomError("language", "give the text in {missing} too", {"missing": " and ".join(missing)})
    if unknown := [locale for locale in texts if locale not in LOCALES]:
        raise PydanticCustomError("language", "{unknown} is not a language here", {"unknown": ", ".join(unknown)})
    return texts


# A text in every language: `{en: Laptop, fr: Ordinateur portable}`.
Texts = Annotated[dict[str, str], AfterValidator(_every_language)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


# What is said to validators of a definition that was published.
AS_PUBLISHED = {"published": True}


def was_published(info: ValidationInfo) -> bool:
    """Whether a definition comes from the database: rules that are newer than it do not apply to what runs on it."""
    return bool(info.context and info.context.get("published"))


class Part(BaseModel):
    """A piece of a definition: unknown keys are errors, so that a typing slip is not silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Definition(Part):
    """What a file defines; `name` is how people and commands call it, and is the file's own name."""

    name: Slug


D = TypeVar("D", bound=Definition)


class Origin(StrEnum):
    """Where a version comes from: the program's own templates, the organisation's folder, or the console."""

    SHIPPED = "shipped"
    FILE = "file"
    CONSOLE = "console"


class State(StrEnum):
    """Whether a version waits for somebody's yes, has been published, or is taken back."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


@dataclass(frozen=True)
class Finding:
    """What is wrong with a definition beside others, and the path of keys to where it says so.

    `beside` is the one other definition of its kind that it cannot be on together with, if that is what is wrong.
    """

    name: str
    where: tuple[int | str, ...]
    message: str
    beside: str = ""


# Every definition there is, by the folder of its kind and by its name.
Everything = Mapping[str, Mapping[str, Definition]]
Across = Callable[[Everything], Iterable[Finding]]
Against = Callable[[Session, D, date], Iterable[Finding]]


def _nothing(*_: Any) -> Iterable[Finding]:
    return ()


@dataclass(frozen=True)
class Kind(Generic[D]):
    """One kind of definition.

    `folder` is how files and commands call it, `title` how people do, and `counted` says how many there are. `shipped`
    holds the templates that come with the program. `across` finds what is wrong with definitions of this kind beside
    all others, and `against` what has no meaning in one for want of people, on a day.
    """

    folder: str
    model: type[D]
    shipped: Path
    title: Callable[[Language], str] = field(default=lambda lang: "")
    counted: Callable[[Language, int], str] = field(default=lambda lang, count: str(count))
    across: Across = _nothing
    against: Against[D] = _nothing

"""What every definition is made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from workbot.i18n import LOCALES


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


@dataclass(frozen=True)
class Kind(Generic[D]):
    """One kind of definition: its folder's name, its model, and the examples shipped with the program."""

    folder: str
    model: type[D]
    shipped: Path

"""The letters that wait in the loft, or have flown."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class Letter(SQLModel, table=True):
    """`thread` is the letter that this one follows, empty for one by itself."""

    __tablename__ = "pigeon_letter"

    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(index=True)
    thread: str = ""
    text: str

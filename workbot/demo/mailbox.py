"""The letters that the demo has sent, read back from the folder that stands for everyone's mailbox."""

from __future__ import annotations

import base64
import email
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html import escape
from pathlib import Path

# What a letter may do in the page that shows it: be seen. Its links open in place of that page.
HARMLESS = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'"


@dataclass(frozen=True)
class Enclosure:
    """A file that came with a letter, by its place among the letter's parts."""

    place: int
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """One letter, by its place in the order of arrival."""

    number: int
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def to(self) -> str:
        return str(self.message["To"])

    @property
    def sent_at(self) -> datetime:
        return parsedate_to_datetime(str(self.message["Date"]))

    @property
    def enclosures(self) -> list[Enclosure]:
        """What a mail program lists as attached; pictures that stand in the text are not among it."""
        return [
            Enclosure(place, part.get_filename() or "", part.get_content_type(), _bytes(part))
            for place, part in enumerate(self.message.walk())
            if part.get_content_disposition() == "attachment"
        ]

    def page(self) -> str:
        """The letter as a page of its own, with its pictures in it."""
        body = self.message.get_body(("html", "plain"))
        page = str(body.get_content()) if body else ""
        if body is None or body.get_content_subtype() == "plain":
            return f'<!doctype html><pre style="white-space: pre-wrap">{escape(page)}</pre>'
        for part in self.message.walk():
            if cid := part.get("Content-ID"):
                data = base64.b64encode(_bytes(part)).decode()
                page = page.replace(f"cid:{cid.strip('<>')}", f"data:{part.get_content_type()};base64,{data}")
        return page.replace("<head>", '<head><base target="_top">', 1)


def letters(folder: Path) -> list[Letter]:
    """Everything in a mail folder, newest first."""
    files = sorted((folder / "new").glob("*"), key=lambda file: file.stat().st_mtime_ns)
    read = [email.message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [Letter(number, letter) for number, letter in enumerate(read, 1)][::-1]


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""

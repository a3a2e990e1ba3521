"""Forms on their way through the browser: signed, so that what comes back is what was asked."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from itsdangerous import BadSignature
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData

from workbot.cards import ChoiceField, Field, Form
from workbot.errors import WorkbotError
from workbot.seals import Secrets, serializer
from workbot.texts import clean


@dataclass(frozen=True, slots=True)
class Asked:
    """A form, whom it was shown to, and where: the conversation, and the message whose button opened it."""

    form: Form
    person: UUID
    nonce: str
    place: str = ""
    thread: str = ""
    message: str = ""

    def again(self, form: Form) -> Asked:
        """The same question as a new one: sent again, it is another turn."""
        return replace(self, form=form, nonce=nonce())


ASKED = TypeAdapter(Asked)


class Seal:
    """Signs what a page gives back, with the app's own secret."""

    def __init__(self, secrets: Secrets) -> None:
        self._serializer = serializer(secrets, "chat.form")

    def close(self, asked: Asked) -> str:
        plain = replace(asked, form=replace(asked.form, errors={}))
        return str(self._serializer.dumps(ASKED.dump_python(plain, mode="json")))

    def open(self, sealed: str) -> Asked:
        """The form that was asked; raises WorkbotError if it was not asked by us, or by an older version of us."""
        try:
            return ASKED.validate_python(self._serializer.loads(sealed))
        except (BadSignature, ValidationError) as error:
            raise WorkbotError("This form is not one of ours. Please open it again.") from error


def nonce() -> str:
    return secrets.token_urlsafe(16)


def turn_id(person: UUID, nonce: str, *parts: str) -> str:
    """The name of a turn: the same thing sent twice from one rendering is one turn.

    The nonce is known to the page only, so that the stored name tells nothing of the parts.
    """
    spelled = json.dumps([str(person), nonce, *parts])
    return hashlib.sha256(spelled.encode()).hexdigest()


def typed(form: Form, data: FormData) -> dict[str, str]:
    """What was typed, by field name; what the form did not ask for is left out."""
    return {field.name: _typed(field, data) for field in form.fields}


def values_turn(asked: Asked, values: Mapping[str, str]) -> str:
    """The name of the turn of sending a form with these values."""
    return turn_id(asked.person, asked.nonce, *_flat(values))


def name_of(asked: Asked) -> str:
    """What the showing of a form is known by in the record of turns."""
    return hashlib.sha256(asked.nonce.encode()).hexdigest()


def _flat(values: Mapping[str, str]) -> Iterable[str]:
    for name, value in values.items():
        yield from (name, value)


def _typed(field: Field, data: FormData) -> str:
    given = [clean(value) for value in data.getlist(f"f-{field.name}") if isinstance(value, str)]
    if isinstance(field, ChoiceField) and field.multiple:
        return "\n".join(value for value in given if value)
    return given[0] if given else ""

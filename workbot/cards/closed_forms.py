"""Forms that wait to be sent, closed: what people wrote stands in them, as what they begin with."""

from __future__ import annotations

from typing import Any

from workbot.cards import FORM, Form
from workbot.kept import Chest


def closed(chest: Chest, form: Form, key: str) -> dict[str, str]:
    """A form as it is kept under a name."""
    return {"closed": chest.close(FORM.dump_json(form).decode(), key)}


def opened(chest: Chest, kept: dict[str, Any], key: str) -> dict[str, Any] | None:
    """A kept form as plain data; None when nothing that we have opens it."""
    if "closed" not in kept:
        # Forms of before 2026-12 were not, and go after two days.
        return kept
    words = chest.open(kept["closed"], key)
    return None if words is None else FORM.dump_python(FORM.validate_json(words), mode="json")

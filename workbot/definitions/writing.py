"""From definitions to the text of a file."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ruamel.yaml import YAML


def as_yaml(content: dict[str, Any]) -> str:
    """A definition's content as it would stand in a file."""
    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    yaml.dump(content, text)
    return text.getvalue()

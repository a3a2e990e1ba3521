"""Definitions: journeys, surveys and desks written in YAML, checked to the line, kept as versions.

The files are read at start and published into the database, a new version whenever the content has
changed. What runs holds on to the version it began with, so editing a file rewrites no history.
"""

from workbot.definitions.complaints import Complaint, DefinitionsWrong
from workbot.definitions.reading import files, read, read_all, read_folder
from workbot.definitions.shape import Definition, Kind, Part, Slug, Texts, was_published
from workbot.definitions.versions import DefinitionVersion, all_current, as_published, current, publish, readable

__all__ = [
    "Complaint",
    "Definition",
    "DefinitionVersion",
    "DefinitionsWrong",
    "Kind",
    "Part",
    "Slug",
    "Texts",
    "all_current",
    "as_published",
    "current",
    "files",
    "publish",
    "read",
    "read_all",
    "read_folder",
    "readable",
    "was_published",
]

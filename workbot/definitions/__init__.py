"""Definitions: journeys, surveys and desks written in YAML, checked to the line, kept as versions.

The files are read at start and published into the database, a new version whenever a file says something else. What
runs holds on to the version it began with, so editing a file rewrites no history. What is off begins nothing.
"""

from workbot.definitions.complaints import Complaint, DefinitionsWrong
from workbot.definitions.crossing import across, against, twice
from workbot.definitions.following import follow_files
from workbot.definitions.models import DefinitionSwitch, DefinitionVersion
from workbot.definitions.reading import FileDefinition, files, read, read_all, read_files, read_folder
from workbot.definitions.shape import (
    Definition,
    Everything,
    Finding,
    Kind,
    Origin,
    Part,
    Slug,
    State,
    Texts,
    was_published,
)
from workbot.definitions.switches import names_on, turn
from workbot.definitions.versions import (
    all_current,
    all_known,
    all_offered,
    as_published,
    current,
    discard_draft,
    lock,
    newest_of_all,
    offered,
    publish,
    publish_draft,
    readable,
)
from workbot.definitions.writing import as_yaml

__all__ = [
    "Complaint",
    "Definition",
    "DefinitionSwitch",
    "DefinitionVersion",
    "DefinitionsWrong",
    "Everything",
    "FileDefinition",
    "Finding",
    "Kind",
    "Origin",
    "Part",
    "Slug",
    "State",
    "Texts",
    "across",
    "against",
    "all_current",
    "all_known",
    "all_offered",
    "as_published",
    "as_yaml",
    "current",
    "discard_draft",
    "files",
    "follow_files",
    "lock",
    "names_on",
    "newest_of_all",
    "offered",
    "publish",
    "publish_draft",
    "read",
    "read_all",
    "read_files",
    "read_folder",
    "readable",
    "turn",
    "twice",
    "was_published",
]

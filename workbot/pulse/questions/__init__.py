"""Kinds of question, one file each, and the list of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from workbot.pulse.questions.base import Asking, Counted, Question, Written
from workbot.pulse.questions.choice import Choice
from workbot.pulse.questions.comment import Comment
from workbot.pulse.questions.rated import Rated
from workbot.pulse.questions.scale import Scale

__all__ = ["AnyQuestion", "Asking", "Counted", "Question", "Rated", "Written"]

# Every kind of question that a survey may have: a new one is its file, and its name here.
AnyQuestion = Annotated[Scale | Choice | Comment, Field(discriminator="kind")]

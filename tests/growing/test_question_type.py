"""A new kind of question is its file, its name in the list, and its words in French."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.growing.tree import ROOT, ScratchTree

KINDS = "workbot/pulse/questions/__init__.py"
FRENCH = "workbot/locales/fr/pulse.po"
MOST_FILES = 3

FACES = '''"""Faces: five of them, each with a word."""

from __future__ import annotations

from typing import ClassVar, Literal

from workbot.definitions import Texts
from workbot.i18n import N_, Language
from workbot.pulse.questions.rated import Rated

FACES = {"1": N_("😞 Bad"), "2": N_("🙁 Poor"), "3": N_("😐 So-so"), "4": N_("🙂 Fine"), "5": N_("😀 Great")}


class Faces(Rated):
    """Five faces, from the saddest to the happiest."""

    numbers: ClassVar[tuple[int, ...]] = (1, 2, 3, 4, 5)

    kind: Literal["faces"]

    def name_of(self, value: str) -> Texts | None:
        return None

    def label(self, value: str, lang: Language) -> str:
        return lang(FACES[value])
'''
IN_FRENCH = """
msgid "😞 Bad"
msgstr "😞 Mauvais"

msgid "🙁 Poor"
msgstr "🙁 Médiocre"

msgid "😐 So-so"
msgstr "😐 Moyen"

msgid "🙂 Fine"
msgstr "🙂 Bien"

msgid "😀 Great"
msgstr "😀 Excellent"

msgid "How people answered"
"""
TEN = '''"""Nought to ten, of which the ends have words."""

from __future__ import annotations

from typing import ClassVar, Literal

from workbot.definitions import Texts
from workbot.pulse.questions.rated import Rated


class Ten(Rated):
    """Nought to ten."""

    numbers: ClassVar[tuple[int, ...]] = tuple(range(11))

    kind: Literal["ten"]
    low: Texts
    high: Texts

    def name_of(self, value: str) -> Texts | None:
        return {"0": self.low, "10": self.high}.get(value)
'''
YES_NO = '''"""Yes or no."""

from __future__ import annotations

from typing import ClassVar, Literal

from workbot.definitions import Texts
from workbot.pulse.questions.base import Counted

WORDS: dict[str, Texts] = {"yes": {"en": "Yes", "fr": "Oui"}, "no": {"en": "No", "fr": "Non"}}


class YesNo(Counted):
    """Yes or no."""

    values: ClassVar[tuple[str, ...]] = ("yes", "no")

    kind: Literal["yes-no"]

    def name_of(self, value: str) -> Texts | None:
        return WORDS[value]

    def example(self, mood: float, number: int) -> str:
        return self.values[number % 2]
'''
SURVEY = """\
name: grown
title: {en: Grown, fr: Nouveau}
intro: {en: Two questions., fr: Deux questions.}
mode: confidential
open_for: {days: 4}
questions:
  - id: grown
    kind: KIND
    text: {en: How is it?, fr: Comment est-ce?}
  - id: usual
    kind: scale
    text: {en: And else?, fr: Et sinon?}
    low: {en: Badly, fr: Mal}
    high: {en: Well, fr: Bien}
"""
ENDS = "    low: {en: Never, fr: Jamais}\n    high: {en: Always, fr: Toujours}\n"


def grown(tree: ScratchTree, kind: str, model: str, source: str) -> None:
    """Add a kind of question: its file, and its name in the list."""
    module = kind.replace("-", "_")
    tree.add(f"workbot/pulse/questions/{module}.py", source)
    last = "from workbot.pulse.questions.scale import Scale\n"
    tree.edit(KINDS, last, f"{last}from workbot.pulse.questions.{module} import {model}\n")
    tree.edit(KINDS, "Annotated[Scale | ", f"Annotated[{model} | Scale | ")


def lived(tree: ScratchTree, tmp_path: Path, survey: str) -> dict[str, Any]:
    """What people see of one wave of a survey that has a question of the new kind."""
    own = tmp_path / "own"
    (own / "surveys").mkdir(parents=True)
    (own / "surveys" / "grown.yaml").write_text(survey, encoding="utf-8")
    # The tests stand behind the copy, so that it and not the product beside them is played.
    said = tree.run(
        f"import sys; sys.path.append({str(ROOT)!r}); from tests.growing import one_wave; one_wave.play({str(own)!r})"
    )
    seen: dict[str, Any] = json.loads(said.splitlines()[-1])
    assert seen["product"] == str(tree.folder / "workbot")
    print(f"A new kind of question touches {len(tree.touched)} files: {', '.join(sorted(tree.touched))}")
    return seen


def test_faces_take_three_files_and_work_from_the_survey_to_the_report(tree: ScratchTree, tmp_path: Path) -> None:
    grown(tree, "faces", "Faces", FACES)
    tree.edit(FRENCH, '\nmsgid "How people answered"\n', IN_FRENCH)

    seen = lived(tree, tmp_path, SURVEY.replace("KIND", "faces"))

    assert len(tree.touched) <= MOST_FILES
    assert "everything" in seen["check"].lower() or "survey" in seen["check"].lower()
    assert "[😞 Bad]  [🙁 Poor]  [😐 So-so]  [🙂 Fine]  [😀 Great]" in seen["asked"]
    assert "[😀 Excellent]" in seen["demandé"]
    assert "not one of the answers" in seen["forged"]
    assert "Thank you! That is all." in seen["thanked"]
    assert "Everyone,How is it?,Mean,2.88" in seen["csv"]
    assert "Everyone,How is it?,😀 Great,3" in seen["csv"]
    assert "Tout le monde;Comment est-ce?;😀 Excellent;3" in seen["données"]
    assert "Answers from 1 to 5" in seen["html"]
    assert "😀 Great" in seen["page"]
    assert "6 of 6 people answered" in seen["simulated"].replace("\u00a0", " ")


def test_another_scale_takes_two_files_and_its_ends_go_all_the_way(tree: ScratchTree, tmp_path: Path) -> None:
    grown(tree, "ten", "Ten", TEN)

    seen = lived(tree, tmp_path, SURVEY.replace("KIND", "ten").replace("est-ce?}\n", f"est-ce?}}\n{ENDS}", 1))

    assert len(tree.touched) < MOST_FILES
    assert "0 · Never" in seen["asked"]
    assert "10 · Toujours" in seen["demandé"]
    assert "Everyone,How is it?,Mean,4.06" in seen["csv"]
    assert seen["html"].count("How people answered") >= 2
    assert "Answers from 0 to 10" in seen["html"]
    assert "Answers from 1 to 5" in seen["html"]
    assert "Mean from 0 to 10, and the share of favourable answers (9 or 10)" in seen["html"]
    assert "4.1 <small>/ 10</small>" in seen["page"]
    assert 'class="part-5"' in seen["page"]
    assert "part-6" not in seen["page"]
    assert "4.1 <small>/ 10</small>" in seen["home"]
    assert seen["files"]["pdf"] == "%PDF"
    assert seen["files"]["xlsx"].startswith("PK")


def test_answers_without_a_number_take_two_files_and_come_to_shares(tree: ScratchTree, tmp_path: Path) -> None:
    grown(tree, "yes-no", "YesNo", YES_NO)

    seen = lived(tree, tmp_path, SURVEY.replace("KIND", "yes-no"))

    assert len(tree.touched) < MOST_FILES
    assert "[Yes]  [No]" in seen["asked"]
    assert "[Oui]  [Non]" in seen["demandé"]
    assert "Everyone,How is it?,Yes,8" in seen["csv"]
    assert "Yes (50%) and No (50%)" in seen["html"]
    assert "How is it?,Mean" not in seen["csv"]


def test_a_kind_that_lacks_a_part_is_refused_at_once(tree: ScratchTree) -> None:
    grown(tree, "yes-no", "YesNo", YES_NO[: YES_NO.index("    def example")])

    made = "YesNo(kind='yes-no', id='a', text={'en': 'a', 'fr': 'b'})"
    with pytest.raises(AssertionError, match="example"):
        tree.run(f"from workbot.pulse.questions.yes_no import YesNo; {made}")

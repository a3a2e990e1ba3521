"""Everything the program says exists in French, says the same, and nothing is translated for nobody."""

from __future__ import annotations

from tests import messages
from workbot.i18n import language, plain


def test_every_message_is_translated() -> None:
    assert [f"{said.file}:{said.line}: {said.forms[0]}" for said in messages.missing()] == []


def test_there_are_messages_to_translate() -> None:
    assert len(messages.said()) > 100


def test_translations_have_the_same_placeholders() -> None:
    wrong = [
        english
        for english, versions in messages.translated().items()
        for french in versions
        if messages.placeholders(english) != messages.placeholders(french)
    ]

    assert wrong == []


def test_no_message_is_translated_in_two_ways() -> None:
    assert [english for english, versions in messages.translated().items() if len(versions) > 1] == []


def test_nothing_is_translated_that_is_not_said() -> None:
    said = {message.forms for message in messages.said()}

    assert sorted(set(messages.translated()) - said) == []


def test_a_platform_can_be_missing_and_nobody_else_lacks_a_word() -> None:
    ours = messages.translated(messages.ROOT / "workbot").keys()
    with_own = {part: ours | messages.translated(part).keys() for part in (messages.ROOT / "integrations").iterdir()}

    borrowed = [
        f"{said.file}:{said.line}: {said.forms[0]}"
        for said in messages.said()
        if said.forms not in with_own.get(messages.ROOT.joinpath(*said.file.parts[:2]), ours)
    ]

    assert borrowed == []


def test_a_language_is_found_by_any_tag_and_english_stands_in() -> None:
    assert language("fr-CA").locale == "fr"
    assert language("FR_fr").locale == "fr"
    assert language("de").locale == "en"
    assert language(None).locale == "en"


def test_plain_forgives_case_and_accents() -> None:
    assert plain("  INTÉGRATION ") == plain("integration")

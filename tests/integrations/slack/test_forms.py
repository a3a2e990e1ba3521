"""Forms as Slack's modals, field by field, and what comes back of them."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.slack import forms
from tests.sampler import form as sample
from tests.slackland.blocks import view_problems, visible
from workbot.cards import (
    Card,
    ChoiceField,
    DateField,
    Field,
    Form,
    NumberField,
    Option,
    Text,
    TextField,
    ToggleField,
)
from workbot.cards.forms import problems
from workbot.i18n import language

EN = language("en")


def form(*fields: Field, **more: Any) -> Form:
    return Form(**{"action": "it.send", "title": "Ask", "submit": "Send it", "fields": fields} | more)


def view(asked: Form, **more: Any) -> dict[str, Any]:
    shown = forms.modal(asked, EN, key="key", **more)
    assert view_problems(shown) == []
    return shown


def element(field: Field) -> dict[str, Any]:
    """What a field is asked with."""
    (block,) = view(form(field))["blocks"]
    asked: dict[str, Any] = block["element"]
    return asked


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def choices(*labels: str) -> tuple[Option, ...]:
    return tuple(Option(label, f"value of {label}") for label in labels)


def drawn(*labels: str) -> list[dict[str, Any]]:
    return [{"text": plain(label), "value": str(number)} for number, label in enumerate(labels)]


def typed(**blocks: dict[str, Any]) -> dict[str, Any]:
    """The state of a modal as Slack sends it; `f0_1` is the second part of the first field."""
    return {name.replace("_", "."): {"value": answer} for name, answer in blocks.items()}


def test_a_form_is_a_modal_that_knows_which_it_is() -> None:
    shown = view(form(TextField("title", "In short", hint="One line."), intro="A minute."))

    assert shown == {
        "type": "modal",
        "callback_id": "form",
        "private_metadata": "key",
        "title": plain("Ask"),
        "submit": plain("Send it"),
        "close": plain("Cancel"),
        "blocks": [
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "A minute."}]}],
            },
            {
                "type": "input",
                "block_id": "f0",
                "label": plain("In short"),
                "hint": plain("One line."),
                "optional": False,
                "element": {
                    "type": "plain_text_input",
                    "action_id": "value",
                    "multiline": False,
                    "max_length": 3000,
                },
            },
        ],
    }


def test_a_title_too_long_for_a_modal_is_there_whole_inside() -> None:
    shown = view(form(TextField("x", "X"), title="Which of these would you like to have?"))

    assert shown["title"] == plain("Which of these would yo…")
    assert visible(shown["blocks"])[0] == "Which of these would you like to have?"


def test_a_text_keeps_what_is_in_it() -> None:
    assert element(TextField("x", "X", value="Old\nwords", multiline=True, max_length=80)) == {
        "type": "plain_text_input",
        "action_id": "value",
        "multiline": True,
        "max_length": 80,
        "initial_value": "Old\nwords",
    }


def test_a_text_longer_than_slack_takes_is_asked_in_parts_and_put_together_again() -> None:
    text = "word " * 1500
    asked = form(TextField("x", "Details", max_length=10_000, value=text))

    blocks = view(asked)["blocks"]

    assert [block["label"]["text"] for block in blocks] == ["Details", "Details (2)", "Details (3)"]
    assert [block["optional"] for block in blocks] == [False, True, True]
    state = typed(**{block["block_id"].replace(".", "_"): {"value": block["element"]["initial_value"]}
                     for block in blocks})  # fmt: skip
    assert forms.values(asked, state) == {"x": text}


def test_there_is_room_to_write_on_after_a_long_text() -> None:
    blocks = view(form(TextField("x", "Details", max_length=10_000, value="w" * 6000)))["blocks"]

    assert [len(block["element"].get("initial_value", "")) for block in blocks] == [3000, 3000, 0]


def test_few_choices_are_seen_at_a_glance() -> None:
    assert element(ChoiceField("x", "X", choices("Laptop", "Phone"), value="value of Phone")) == {
        "type": "radio_buttons",
        "action_id": "value",
        "options": drawn("Laptop", "Phone"),
        "initial_option": drawn("Laptop", "Phone")[1],
    }


def test_a_choice_that_may_be_left_open_is_a_list_that_can_be_cleared() -> None:
    assert element(ChoiceField("x", "X", choices("Laptop", "Phone"), required=False))["type"] == "static_select"


@pytest.mark.parametrize(("count", "kind"), [(7, "radio_buttons"), (8, "static_select"), (100, "static_select")])
def test_more_choices_are_a_list(count: int, kind: str) -> None:
    asked = element(ChoiceField("x", "X", choices(*map(str, range(count)))))

    assert (asked["type"], len(asked["options"])) == (kind, count)


@pytest.mark.parametrize(("multiple", "kind"), [(False, "static_select"), (True, "multi_static_select")])
def test_more_choices_than_a_list_takes_are_in_groups(multiple: bool, kind: str) -> None:
    asked = element(ChoiceField("x", "X", choices(*map(str, range(150))), multiple=multiple))

    assert asked["type"] == kind
    assert [(group["label"]["text"], len(group["options"])) for group in asked["option_groups"]] == [
        ("0 – 99", 100),
        ("100 – 149", 50),
    ]


@pytest.mark.parametrize(("count", "kind"), [(10, "checkboxes"), (11, "multi_static_select")])
def test_several_choices_are_boxes_or_a_list(count: int, kind: str) -> None:
    field = ChoiceField(
        "x", "X", choices(*map(str, range(count))), multiple=True, value="value of 1\nvalue of 3", required=False
    )

    asked = element(field)

    assert asked["type"] == kind
    assert [option["value"] for option in asked["initial_options"]] == ["1", "3"]


def test_the_whole_of_a_long_choice_stands_above() -> None:
    long = "word " * 20 + "END"

    above, asked = view(form(ChoiceField("x", "X", choices("Short", long))))["blocks"]

    assert visible([above]) == [long]
    assert asked["element"]["options"][1]["text"]["text"].endswith("…")


def test_a_choice_of_nothing_says_so_and_comes_back_empty() -> None:
    asked = form(TextField("y", "Y"), ChoiceField("x", "Floor", ()))

    shown = view(asked)

    assert visible(shown["blocks"])[-1] == "Floor: there is nothing to choose from."
    assert forms.values(asked, {})["x"] == ""


@pytest.mark.parametrize(("value", "day"), [("2026-11-24", "2026-11-24"), ("20261124", None), ("soon", None)])
def test_a_day_is_filled_in_if_it_is_one(value: str, day: str | None) -> None:
    assert element(DateField("x", "X", value=value)).get("initial_date") == day


def test_a_number_has_its_limits() -> None:
    assert element(NumberField("x", "X", minimum=1, maximum=0.00001e6, value="2.50")) == {
        "type": "number_input",
        "action_id": "value",
        "is_decimal_allowed": True,
        "min_value": "1",
        "max_value": "10",
        "initial_value": "2.5",
    }


@pytest.mark.parametrize("value", ["", "many", "nan", "inf", "0", "501"])
def test_a_number_that_slack_would_refuse_is_not_filled_in(value: str) -> None:
    assert "initial_value" not in element(NumberField("x", "X", minimum=1, maximum=500, value=value))


def test_a_very_small_number_is_written_out() -> None:
    assert element(NumberField("x", "X", minimum=0.0000001))["min_value"] == "0.0000001"


def test_yes_is_a_box() -> None:
    box = {"text": plain("Yes"), "value": "yes"}

    assert element(ToggleField("x", "X", value="yes")) == {
        "type": "checkboxes",
        "action_id": "value",
        "options": [box],
        "initial_options": [box],
    }
    assert "initial_options" not in element(ToggleField("x", "X"))


def test_what_was_typed_comes_back_by_name() -> None:
    asked = sample("en")

    values = forms.values(
        asked,
        typed(
            f0={"type": "plain_text_input", "value": "Laptop\r\nbroken\0"},
            f1={"type": "plain_text_input", "value": None},
            f2={"type": "radio_buttons", "selected_option": {"value": "1"}},
            f3={"type": "checkboxes", "selected_options": [{"value": "0"}, {"value": "1"}]},
            f4={"type": "static_select", "selected_option": None},
            f5={"type": "datepicker", "selected_date": "2026-11-24"},
            f6={"type": "number_input", "value": "3"},
            f7={"type": "checkboxes", "selected_options": [{"value": "yes"}]},
            f8={"type": "plain_text_input", "value": "nobody asked"},
        ),
    )

    assert values == {
        "title": "Laptop\nbroken",
        "more": "",
        "device": "Phone",
        "days": "Monday\nTuesday",
        "floor": "",
        "since": "2026-11-24",
        "people": "3",
        "urgent": "yes",
    }
    assert problems(asked, values, EN) == {"floor": "This needs an answer."}


@pytest.mark.parametrize("state", [{}, {"f0": None}, {"f0": {}}, {"f0": {"value": None}}, {"f0": {"value": "x"}}])
def test_what_is_missing_or_odd_is_empty(state: dict[str, Any]) -> None:
    assert forms.values(form(TextField("x", "X")), state) == {"x": ""}


@pytest.mark.parametrize("number", ["2", "-1", "99999999999", "²", "", "value of Laptop"])
def test_an_option_that_was_not_offered_is_none(number: str) -> None:
    asked = form(ChoiceField("x", "X", choices("Laptop", "Phone")))

    assert forms.values(asked, typed(f0={"selected_option": {"value": number}})) == {"x": ""}


def test_messages_stand_at_their_fields() -> None:
    asked = form(TextField("x", "X"), ChoiceField("y", "Y", ()), TextField("z", "Z"))

    assert forms.errors(asked, {"z": "Too long."}) == {"f2": "Too long."}


def test_messages_without_a_field_stand_at_the_first_and_none_is_lost() -> None:
    asked = form(ChoiceField("y", "Y", ()), TextField("x", "X"))

    assert forms.errors(asked, {"x": "Too long.", "y": "Choose.", "gone": "What?"}) == {"f1": "Too long. Choose. What?"}


def test_a_refusal_and_messages_stand_in_the_form_and_what_was_typed_is_still_there() -> None:
    asked = form(TextField("x", "X"), errors={"x": "Too long."})

    shown = view(asked, values={"x": "typed"}, notice=Card("That did not work", (Text("It is closed."),)))

    assert visible(shown["blocks"])[:2] == ["⚠️ That did not work\nIt is closed.", "⚠️ Too long."]
    assert shown["blocks"][-1]["element"]["initial_value"] == "typed"


def test_a_form_with_more_to_say_than_fits_keeps_its_fields() -> None:
    fields = tuple(TextField(f"x{n}", "X") for n in range(90))
    asked = form(*fields, errors={field.name: "Too long." for field in fields})

    blocks = view(asked)["blocks"]

    assert len(blocks) == 100
    assert sum(block["type"] == "input" for block in blocks) == 90


def test_a_form_with_more_to_say_than_slack_carries_keeps_its_fields() -> None:
    asked = form(TextField("x", "X"), intro="é" * 100_000)

    blocks = view(asked)["blocks"]

    assert [block["type"] for block in blocks].count("input") == 1
    assert len(blocks) > 5


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_one_of_each_field_is_as_slack_wants_it(locale: str) -> None:
    shown = forms.modal(sample(locale), language(locale), key="key")

    assert view_problems(shown) == []
    assert [block["element"]["type"] for block in shown["blocks"][1:]] == [
        "plain_text_input",
        "plain_text_input",
        "radio_buttons",
        "checkboxes",
        "static_select",
        "datepicker",
        "number_input",
        "checkboxes",
    ]

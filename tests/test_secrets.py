"""Secret keys: several at once while one is exchanged for another, and none that can be guessed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from integrations.slack.token_cipher import TokenCipher
from integrations.web.forms import Asked
from integrations.web.forms import Seal as FormSeal
from workbot.cards import Form, TextField
from workbot.cli import app
from workbot.errors import WorkbotError
from workbot.seals import Opened, Seal, Tagger
from workbot.settings import Settings, keys

OLD, NEW, OTHER = "o" * 40, "n" * 40, "x" * 40


def settings(secret: str) -> Settings:
    return Settings.model_validate({"secret_key": SecretStr(secret)})


@pytest.mark.parametrize("between", [" ", "\n", ",", ", ", "\t", "\r\n"])
def test_several_keys_stand_in_one_setting_and_the_first_signs(between: str) -> None:
    known = settings(f"{NEW}{between}{OLD}\n")

    assert known.secrets == (NEW, OLD)
    assert known.secret == NEW


@pytest.mark.parametrize("secret", ["brief", "k" * 31, f"{NEW} brief", f"brief,{NEW}", f"{NEW}\n{'k' * 31}\n"])
def test_a_key_that_is_too_short_is_refused_wherever_it_stands(secret: str) -> None:
    with pytest.raises(WorkbotError, match="32 characters or more") as error:
        settings(secret).require_secrets()

    assert all(key not in str(error.value) for key in keys(secret))


def test_keys_of_full_length_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings("k" * 32).require_secrets()
    settings(f"{NEW} {OLD}").require_secrets()
    monkeypatch.chdir(tmp_path)
    # One is made where none was given.
    settings("").require_secrets()


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_short_key_stops_workbot_with_a_sentence(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBOT_SECRET_KEY", "marker-of-a-secret")

    with pytest.raises(SystemExit) as stopped:
        app([command])

    said = capsys.readouterr().err
    assert stopped.value.code == 1
    assert said.startswith("WORKBOT_SECRET_KEY can be guessed:")
    assert "Traceback" not in said
    assert "marker-of-a-secret" not in said
    assert not (tmp_path / ".workbot").exists()


def test_what_the_last_key_sealed_is_ours_until_that_key_is_taken_away() -> None:
    sealed = {kind: getattr(Seal(OLD, "slack"), kind)("it.take", "7") for kind in ("close", "close_memo")}

    opened = {kind: Seal([NEW, OLD], "slack").open(text) for kind, text in sealed.items()}

    assert opened == {"close": Opened("it.take", "7"), "close_memo": Opened("it.take", "7", is_memo=True)}
    assert Seal([NEW, OLD], "slack").close("it.take", "7") == Seal(NEW, "slack").close("it.take", "7")
    for text in sealed.values():
        with pytest.raises(WorkbotError):
            Seal([NEW, OTHER], "slack").open(text)


def old_seal(secret: str, platform: str, kind: str, said: str) -> str:
    """As they were until November 2026: cards that carry them are out there."""
    key = hashlib.sha256(f"workbot.{platform}.value\0{secret}".encode()).digest()
    tag = base64.urlsafe_b64encode(hmac.new(key, f"{kind}{said}".encode(), hashlib.sha256).digest()[:16])
    return f"{kind}{tag.decode().rstrip('=')}{said}"


def test_buttons_of_before_still_work_and_forged_ones_do_not() -> None:
    seal = Seal([NEW, OLD], "slack")

    assert seal.open(old_seal(OLD, "slack", "v", "it.take 7")) == Opened("it.take", "7")
    assert seal.open(old_seal(NEW, "slack", "m", "it.take 7")) == Opened("it.take", "7", is_memo=True)
    for forged in (
        old_seal(OTHER, "slack", "v", "it.take 7"),
        old_seal(OLD, "teams", "v", "it.take 7"),
        "V" + old_seal(OLD, "slack", "v", "it.take 7")[1:],
        "m" + old_seal(OLD, "slack", "v", "it.take 7")[1:],
    ):
        with pytest.raises(WorkbotError):
            seal.open(forged)


def test_a_tag_has_one_spelling() -> None:
    tagger = Tagger(NEW, "test")
    tag = tagger.tag("words")

    others = [tag[:-1] + chr(ord(tag[-1]) + step) for step in (-1, 1)] + [tag + "=", tag + "==", f" {tag}", ""]

    assert tagger.knows("words", tag)
    assert not any(tagger.knows("words", other) for other in others)
    assert not Tagger(NEW, "another purpose").knows("words", tag)


def test_forms_of_the_web_are_known_under_the_last_key() -> None:
    asked = Asked(Form("note.send", "A note", (TextField("text", "Text"),), "Send"), uuid4(), "nonce")
    sealed = FormSeal(OLD).close(asked)

    assert FormSeal([NEW, OLD]).open(sealed) == asked
    with pytest.raises(WorkbotError):
        FormSeal([NEW]).open(sealed)


def test_a_stored_token_comes_under_the_first_key_and_then_needs_no_other() -> None:
    stored = TokenCipher(OLD).close("xoxb-marker")

    both = TokenCipher([NEW, OLD])
    renewed = both.renewed(stored)

    assert both.open(stored) == TokenCipher(NEW).open(renewed) == "xoxb-marker"
    assert both.renewed(renewed) == renewed
    assert TokenCipher(OTHER).renewed(stored) == stored
    with pytest.raises(WorkbotError, match="another WORKBOT_SECRET_KEY"):
        TokenCipher(NEW).open(stored)

"""Who keeps the loft and where it is dangerous, out of the environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from workbot.settings import EnvironmentSettings


class PigeonSettings(EnvironmentSettings):
    """Pigeons fly where there is a secret."""

    secret: SecretStr = Field(SecretStr(""), validation_alias="PIGEON_SECRET")
    hawks: str = Field("", validation_alias="PIGEON_HAWKS")

    def endangers(self, address: str) -> bool:
        return address.startswith(tuple(self.hawks.split()))

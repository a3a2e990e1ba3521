"""Settings from the environment; every secret may also be given as a file (`NAME_FILE`)."""

from __future__ import annotations

import os
import re
import secrets
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from workbot.errors import WorkbotError
from workbot.zones import zone_called

HOME = Path(".workbot")
Network = IPv4Network | IPv6Network
SHORTEST_SECRET = 32
MAKE_A_KEY = "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`"


def domains_by_tenant(given: object) -> object:
    """Mail domains for each workspace or tenant, out of `T0123=city.example,schools.example; T0456=works.example`."""
    if not isinstance(given, str):
        return given
    found: dict[str, frozenset[str]] = {}
    for part in filter(None, (part.strip() for part in given.split(";"))):
        tenant, equals, domains = part.partition("=")
        names = frozenset(name.lower().lstrip("@") for name in domains.replace(",", " ").split())
        if not (tenant.strip() and equals and names):
            raise ValueError("write it as ID=domain.example,other.example; ID=third.example")
        found[tenant.strip().lower()] = names
    return found


DomainsByTenant = Annotated[dict[str, frozenset[str]], NoDecode, BeforeValidator(domains_by_tenant)]


class FromFiles(PydanticBaseSettingsSource):
    """`SMTP_URL_FILE=/run/secrets/smtp` stands for `SMTP_URL` with that file's content."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        alias = str(field.validation_alias or field_name)
        named = os.environ.get(f"{alias}_FILE")
        return (_read(Path(named)) if named else None), alias, False

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            value, alias, _ = self.get_field_value(field, name)
            if value is not None:
                found[alias] = value
        return found


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except UnicodeDecodeError as error:
        raise WorkbotError("{file} is no text; write the value itself into it.", file=file) from error
    except OSError as error:
        raise WorkbotError("{file} cannot be read: {reason}.", file=file, reason=error.strerror or error) from error


class EnvironmentSettings(BaseSettings):
    """What an integration derives its own settings from; raises WorkbotError with every name that is wrong."""

    model_config = SettingsConfigDict(populate_by_name=True, extra="ignore")

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            # Values are left out: one of them may be a secret.
            wrong = "\n".join(
                f"{detail['loc'][0]}: {detail['msg'].removeprefix('Value error, ')}" for detail in error.errors()
            )
            raise WorkbotError("The settings are wrong.\n{wrong}", wrong=wrong) from None
        except SettingsError as error:
            raise WorkbotError("The settings are wrong.\n{wrong}", wrong=error) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FromFiles(settings_cls)


class Settings(EnvironmentSettings):
    """What the whole app needs to know; each integration reads its own besides."""

    database_url: str = Field("", validation_alias="DATABASE_URL")
    listening_url: str = Field("", validation_alias="DATABASE_LISTEN_URL")
    secret_key: SecretStr = Field(SecretStr(""), validation_alias="WORKBOT_SECRET_KEY")
    base_url: str = Field("", validation_alias="WORKBOT_BASE_URL")
    host: str = Field("127.0.0.1", validation_alias="WORKBOT_HOST")
    port: int = Field(8080, validation_alias="WORKBOT_PORT", ge=1, le=65535)
    metrics_port: int = Field(0, validation_alias="WORKBOT_METRICS_PORT", ge=0, le=65535)
    timezone: str = Field("America/Toronto", validation_alias="WORKBOT_TIMEZONE")
    locale: str = Field("en", validation_alias="WORKBOT_LOCALE")
    definitions: Path | None = Field(None, validation_alias="WORKBOT_DEFINITIONS")
    holidays: str = Field("CA-ON", validation_alias="WORKBOT_HOLIDAYS")

    allowed_hosts: str = Field("", validation_alias="WORKBOT_ALLOWED_HOSTS")
    trusted_proxies: str = Field("127.0.0.0/8 ::1", validation_alias="WORKBOT_TRUSTED_PROXIES")
    turns_per_minute: int = Field(60, validation_alias="WORKBOT_TURNS_PER_MINUTE", ge=0)
    links_per_client: int = Field(60, validation_alias="WORKBOT_LINKS_PER_CLIENT", ge=1)

    @field_validator("trusted_proxies")
    @classmethod
    def _readable_networks(cls, spelled: str) -> str:
        try:
            networks(spelled)
        except ValueError as error:
            raise ValueError(f"{error}; write addresses and networks such as 10.0.0.0/8") from None
        return spelled

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return zone_called(zone)

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks of our own proxies, which are believed about whom they pass on."""
        return networks(self.trusted_proxies)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts besides the base URL's under which we may be called, as the settings spell them."""
        return tuple(self.allowed_hosts.replace(",", " ").split())

    @property
    def is_secure(self) -> bool:
        """Whether people reach us by https."""
        return self.url.startswith("https:")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def url(self) -> str:
        """Where people reach us, without a trailing slash."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{HOME / 'workbot.db'}"

    @property
    def secret(self) -> str:
        """The secret key that signs."""
        return self.secrets[0]

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret keys, the one that signs first: from the environment, or one made beside an embedded database."""
        return keys(self.secret_key.get_secret_value()) or keys(own_secret(HOME / "secret-key")) or ("",)

    def require_secrets(self) -> None:
        """Raise WorkbotError when a secret key is so short that it can be guessed."""
        if short := [key for key in self.secrets if len(key) < SHORTEST_SECRET]:
            raise WorkbotError(
                "WORKBOT_SECRET_KEY can be guessed: each key in it needs {least} characters or more, and one has "
                "{count}. Make one with {command}.",
                count=min(map(len, short)),
                least=SHORTEST_SECRET,
                command=MAKE_A_KEY,
            )


def keys(text: str) -> tuple[str, ...]:
    """The keys of a setting, between blanks, line ends or commas."""
    return tuple(key for key in re.split(r"[\s,]+", text) if key)


def networks(spelled: str) -> tuple[Network, ...]:
    """Networks from their spellings, with a comma or a space between; raises ValueError for what is none."""
    return tuple(ip_network(each, strict=False) for each in spelled.replace(",", " ").split())


def own_secret(path: Path) -> str:
    """The secret of a file, made on first use and readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()

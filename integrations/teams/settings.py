"""How we reach Teams, out of the environment."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from workbot.errors import WorkbotError
from workbot.settings import DomainsByTenant, EnvironmentSettings

CLOUDS = ("public", "gcc", "gcch", "dod")


class TeamsSettings(EnvironmentSettings):
    """Teams is on with the id of an app registration (TEAMS_CLIENT_ID)."""

    client_id: str = Field("", validation_alias="TEAMS_CLIENT_ID")
    client_secret: SecretStr = Field(SecretStr(""), validation_alias="TEAMS_CLIENT_SECRET")
    tenant_id: str = Field("", validation_alias="TEAMS_TENANT_ID")
    # Other tenants whose people we serve, besides our own.
    tenants: Annotated[tuple[str, ...], NoDecode] = Field((), validation_alias="TEAMS_TENANTS")
    cloud: str = Field("public", validation_alias="TEAMS_CLOUD")
    # Whether an address in Entra that is one of ours makes the account theirs.
    link_by_email: bool = Field(True, validation_alias="TEAMS_LINK_BY_EMAIL")
    # In other tenants: of which domains people may confirm that an account with their address is theirs.
    mail_domains: DomainsByTenant = Field(default_factory=dict, validation_alias="TEAMS_MAIL_DOMAINS")
    # Whether the directory of the tenant is compared with ours by Graph (User.Read.All).
    compare: bool = Field(True, validation_alias="TEAMS_COMPARE")
    # Whether we install the app for those whom we are to write to first
    # (TeamsAppInstallation.ReadWriteSelfForUser.All).
    install: bool = Field(False, validation_alias="TEAMS_INSTALL")
    allow_unsigned: bool = Field(False, validation_alias="TEAMS_ALLOW_UNSIGNED")

    @field_validator("tenants", mode="before")
    @classmethod
    def _separated(cls, given: object) -> object:
        return tuple(given.replace(",", " ").split()) if isinstance(given, str) else given

    @property
    def is_on(self) -> bool:
        return bool(self.client_id)

    @property
    def asks_microsoft(self) -> bool:
        """Whether there is a Microsoft to ask: where nobody has to prove that he is Teams, we prove nothing either."""
        return not self.allow_unsigned

    @property
    def allowed(self) -> frozenset[str]:
        """The tenants that we take anything from."""
        return frozenset(tenant.lower() for tenant in (self.tenant_id, *self.tenants) if tenant)

    def check(self, *hosts: str) -> None:
        """Raise WorkbotError when what is set cannot work together; `hosts` are those that we listen on and are reached
        at."""
        if self.allow_unsigned and not all(map(is_loopback, hosts)):
            raise WorkbotError(
                "TEAMS_ALLOW_UNSIGNED lets anyone who reaches us speak as anyone else: it works only while "
                "WORKBOT_HOST is 127.0.0.1 and WORKBOT_BASE_URL an address of this machine, such as "
                "http://127.0.0.1:8080. Remove it, or serve this machine alone."
            )
        if not self.client_secret.get_secret_value() and not self.allow_unsigned:
            raise WorkbotError(
                "TEAMS_CLIENT_ID needs TEAMS_CLIENT_SECRET: make one in the Entra admin centre, on the app "
                "registration’s page “Certificates & secrets”."
            )
        if not self.tenant_id:
            raise WorkbotError(
                "TEAMS_CLIENT_ID needs TEAMS_TENANT_ID: the directory (tenant) id on the app registration’s page "
                "“Overview”."
            )
        if self.cloud.lower() not in CLOUDS:
            raise WorkbotError("TEAMS_CLOUD must be one of {known}.", known=", ".join(CLOUDS))


def is_loopback(host: str) -> bool:
    """Whether a server that is bound to an address is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

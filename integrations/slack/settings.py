"""How we reach Slack, out of the environment."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from workbot.errors import WorkbotError
from workbot.settings import DomainsByTenant, EnvironmentSettings

# Slack's own hosts: of its methods, and of the addresses that it gives for answers.
SLACKS = ("slack.com", "www.slack.com", "slack-gov.com", "www.slack-gov.com")
ANSWERS = frozenset({"https://hooks.slack.com", "https://hooks.slack-gov.com"})


class SlackSettings(EnvironmentSettings):
    """Slack is on with the token of one workspace (SLACK_BOT_TOKEN), or as an app for many (SLACK_CLIENT_ID)."""

    bot_token: SecretStr = Field(SecretStr(""), validation_alias="SLACK_BOT_TOKEN")
    signing_secret: SecretStr = Field(SecretStr(""), validation_alias="SLACK_SIGNING_SECRET")
    app_token: SecretStr = Field(SecretStr(""), validation_alias="SLACK_APP_TOKEN")
    client_id: str = Field("", validation_alias="SLACK_CLIENT_ID")
    client_secret: SecretStr = Field(SecretStr(""), validation_alias="SLACK_CLIENT_SECRET")
    api_url: str = Field("https://slack.com/api/", validation_alias="SLACK_API_URL")
    # Whether a verified address in Slack that is one of ours makes the account theirs.
    link_by_email: bool = Field(True, validation_alias="SLACK_LINK_BY_EMAIL")
    # The workspace (or Grid organisation) of which that is enough; by default the first one.
    home_workspace: str = Field("", validation_alias="SLACK_HOME_WORKSPACE")
    # Elsewhere: of which domains people may confirm that an account with their address is theirs.
    mail_domains: DomainsByTenant = Field(default_factory=dict, validation_alias="SLACK_MAIL_DOMAINS")

    @property
    def is_on(self) -> bool:
        return bool(self.bot_token.get_secret_value() or self.client_id)

    @property
    def is_shared(self) -> bool:
        """Whether workspaces install the app by themselves, rather than that we hold the token of one."""
        return bool(self.client_id) and not self.bot_token.get_secret_value()

    @property
    def api(self) -> str:
        """The address of Slack's methods, with a slash at its end."""
        return self.api_url.rstrip("/") + "/"

    @property
    def answer_hosts(self) -> frozenset[str]:
        """Where answers may be posted to: Slack's hosts for that or, where SLACK_API_URL is elsewhere, that alone."""
        url = urlsplit(self.api)
        if url.hostname in SLACKS:
            return ANSWERS
        return frozenset({f"{url.scheme}://{url.netloc.lower()}"})

    def check(self) -> None:
        """Raise WorkbotError when what is set cannot work together."""
        secrets = (self.signing_secret, self.app_token)
        if not any(secret.get_secret_value() for secret in secrets):
            raise WorkbotError(
                "Slack needs SLACK_SIGNING_SECRET (from the app's page “Basic Information”), or SLACK_APP_TOKEN for "
                "Socket Mode."
            )
        if self.client_id and not self.client_secret.get_secret_value():
            raise WorkbotError(
                "SLACK_CLIENT_ID needs SLACK_CLIENT_SECRET; both are on the app's page “Basic Information”."
            )
        if not self.api_url.startswith(("https://", "http://")):
            raise WorkbotError("SLACK_API_URL must be an address such as https://slack-gov.com/api/.")

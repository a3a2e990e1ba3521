"""How we reach Slack, out of the environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from workbot.errors import WorkbotError
from workbot.settings import EnvironmentSettings


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

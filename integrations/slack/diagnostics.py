"""What `workbot doctor` says of Slack: token, scopes, signing secret, clock, and whether Slack reaches us."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import aiohttp

from integrations.slack.errors import FOREIGN, is_broken, word
from integrations.slack.manifest import SCOPES
from integrations.slack.names import NAME
from integrations.slack.settings import SlackSettings
from integrations.slack.workspaces import Workspace, Workspaces
from workbot.chat.diagnostics import clock, unlinked_accounts, unread_clock
from workbot.errors import DeliveryError
from workbot.i18n import Language
from workbot.platforms import Diagnostic, Host

SIGNING_SECRET_LENGTH = 32
ASK_SECONDS = 5.0


async def diagnose(host: Host, settings: SlackSettings, workspaces: Workspaces, lang: Language) -> Sequence[Diagnostic]:
    diagnostics = list(_settings(host, settings, lang))
    if settings.is_shared:
        diagnostics.append(
            Diagnostic(lang("Workspaces install the app at {url}.", url=f"{host.settings.url}/slack/install"))
        )
    try:
        found = await workspaces.all()
    except DeliveryError as error:
        return [*diagnostics, Diagnostic(_locked_out(error.reason, lang), "fail")]
    for workspace in found:
        diagnostics += await _workspace(workspace, workspaces, lang)
    diagnostics += await _home(found, settings, workspaces, lang)
    diagnostics += await host.database.read(partial(unlinked_accounts, platform=NAME, title="Slack", lang=lang))
    diagnostics.append(await _clock(settings, lang))
    if settings.app_token.get_secret_value():
        diagnostics.append(await _socket(settings, workspaces, lang))
    return diagnostics


def _settings(host: Host, settings: SlackSettings, lang: Language) -> Iterator[Diagnostic]:
    secret, url = settings.signing_secret.get_secret_value(), host.settings.url
    if secret and (len(secret) != SIGNING_SECRET_LENGTH or not secret.isalnum()):
        text = lang(
            "SLACK_SIGNING_SECRET does not look like one: Slack’s has 32 letters and digits. Copy it from the app’s "
            "page “Basic Information”."
        )
        yield Diagnostic(text, "warning")
    if not settings.app_token.get_secret_value() and not url.startswith("https://"):
        text = lang(
            "Slack cannot reach {url}: it calls https:// addresses only. Set WORKBOT_BASE_URL, or use Socket Mode with "
            "SLACK_APP_TOKEN.",
            url=url,
        )
        yield Diagnostic(text, "fail")


def _locked_out(reason: str, lang: Language) -> str:
    return lang(
        "Slack does not take SLACK_BOT_TOKEN ({reason}). Copy it anew from the app’s page “OAuth & Permissions”, and "
        "check that this machine reaches Slack.",
        reason=reason,
    )


async def _workspace(found: Workspace, workspaces: Workspaces, lang: Language) -> Sequence[Diagnostic]:
    """Whether a workspace lets us in, and to all that we need."""
    reason = found.broken
    try:
        await workspaces.client(found.token).auth_test()
    except FOREIGN as error:
        reason = word(error)
    if reason:
        text = lang(
            "“{name}” does not let me in ({reason}). Have an administrator there install the app again.",
            name=found.name,
            reason=reason,
        )
        return [Diagnostic(text, "fail")]
    return [Diagnostic(lang("At home in “{name}” ({url}).", name=found.name, url=found.url)), _scopes(found, lang)]


async def _home(
    found: Sequence[Workspace], settings: SlackSettings, workspaces: Workspaces, lang: Language
) -> Sequence[Diagnostic]:
    """Which workspace is home: only there an address is enough to know somebody by."""
    if not (found and settings.link_by_email):
        return ()
    home = await workspaces.home()
    known = {one.tenant.lower(): one.name for one in found}
    if home.lower() not in known:
        text = lang(
            "None of these workspaces is home, so nobody is known by their e-mail address. Set SLACK_HOME_WORKSPACE to "
            "the id of the one whose members are yours: {ids}.",
            ids=", ".join(f"{one.tenant} ({one.name})" for one in found),
        )
        return [Diagnostic(text, "warning")]
    if len(found) == 1:
        return ()
    text = lang(
        "“{name}” is home: its members are known by their verified e-mail addresses. Elsewhere they are by the "
        "people file’s slack_user_id, or by an address of SLACK_MAIL_DOMAINS that they confirm.",
        name=known[home.lower()],
    )
    return [Diagnostic(text)]


def _scopes(found: Workspace, lang: Language) -> Diagnostic:
    missing = sorted(set(SCOPES) - found.scopes)
    if not missing:
        return Diagnostic(lang("All scopes are there."))
    text = lang(
        "These scopes are missing: {scopes}. Give the app the manifest that `workbot manifest slack` prints, and "
        "install it again.",
        scopes=", ".join(missing),
    )
    return Diagnostic(text, "fail")


async def _clock(settings: SlackSettings, lang: Language) -> Diagnostic:
    """How far this machine's clock is from Slack's: a signature is good for five minutes either way."""
    harm = lang("what was signed more than five minutes ago is refused.")
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(ASK_SECONDS)) as session,
            session.post(f"{settings.api}api.test") as answer,
        ):
            return clock(answer.headers["Date"], "Slack", harm, lang)
    except (*FOREIGN, KeyError, ValueError) as error:
        return unread_clock("Slack", word(error), lang)


async def _socket(settings: SlackSettings, workspaces: Workspaces, lang: Language) -> Diagnostic:
    client = workspaces.client()
    try:
        await client.apps_connections_open(app_token=settings.app_token.get_secret_value())
    except FOREIGN as error:
        text = lang(
            "Socket Mode does not open ({reason}). SLACK_APP_TOKEN begins with xapp-, needs the scope "
            "connections:write, and Socket Mode must be switched on in the app’s settings.",
            reason=word(error),
        )
        return Diagnostic(text, "fail" if is_broken(error) else "warning")
    return Diagnostic(lang("Socket Mode opens."))

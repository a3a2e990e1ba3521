"""What `workbot doctor` says of Teams: credentials, tenant, endpoint, clock, and whether people can get at the app."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from sqlmodel import Session, col, select

from integrations.teams.clouds import Cloud
from integrations.teams.connector import Connector
from integrations.teams.errors import FOREIGN, word
from integrations.teams.graph import Expired, Graph, may_not
from integrations.teams.manifest import audience
from integrations.teams.names import MESSAGES, NAME
from integrations.teams.settings import TeamsSettings
from workbot.chat.diagnostics import clock, some, unlinked_accounts, unread_clock
from workbot.errors import DeliveryError
from workbot.i18n import Language
from workbot.people import Account, Person
from workbot.platforms import Diagnostic, Host


async def diagnose(
    host: Host, settings: TeamsSettings, cloud: Cloud, connector: Connector, graph: Graph, lang: Language
) -> Sequence[Diagnostic]:
    diagnostics = list(_settings(host, settings, lang))
    if not settings.asks_microsoft:
        return [*diagnostics, *await host.database.read(partial(_unreached, lang=lang))]
    try:
        await connector.credentials.connector()
    except DeliveryError as error:
        return [*diagnostics, Diagnostic(_locked_out(error.reason, lang), "fail")]
    diagnostics.append(
        Diagnostic(lang("Microsoft lets the app sign in, in the tenant {tenant}.", tenant=settings.tenant_id))
    )
    diagnostics.append(await _clock(cloud, settings, connector, lang))
    diagnostics.extend(await _graph(settings, graph, lang))
    diagnostics.extend(_others(settings, lang))
    diagnostics += await host.database.read(partial(unlinked_accounts, platform=NAME, title="Teams", lang=lang))
    return [*diagnostics, *await host.database.read(partial(_unreached, lang=lang))]


def _settings(host: Host, settings: TeamsSettings, lang: Language) -> Iterator[Diagnostic]:
    url = host.settings.url
    if settings.allow_unsigned:
        text = lang(
            "TEAMS_ALLOW_UNSIGNED is set: whoever reaches this machine may speak as anyone, and nobody at Microsoft is "
            "reached. Remove it before people write to the bot."
        )
        yield Diagnostic(text, "warning")
    elif not url.startswith("https://"):
        text = lang(
            "Teams cannot reach {url}: it calls https:// addresses only. Set WORKBOT_BASE_URL to the address at which "
            "the internet sees this machine.",
            url=url,
        )
        yield Diagnostic(text, "fail")
    else:
        yield Diagnostic(lang("The messaging endpoint of the bot must be {url}.", url=f"{url}{MESSAGES}"))
        uri = audience(url, settings.client_id)
        yield Diagnostic(
            lang("For the tab, the application id URI on the page “Expose an API” must be {uri}.", uri=uri)
        )


def _others(settings: TeamsSettings, lang: Language) -> Iterator[Diagnostic]:
    """How people of other tenants are known: an address there is what others say that it is."""
    others = sorted(settings.allowed - {settings.tenant_id.lower()})
    if others and settings.link_by_email:
        text = lang(
            "The tenant {home} is home: its people are known by their e-mail addresses. In {others} they are by the "
            "people file’s teams_user_id, or by an address of TEAMS_MAIL_DOMAINS that they confirm.",
            home=settings.tenant_id,
            others=", ".join(others),
        )
        yield Diagnostic(text)


def _locked_out(reason: str, lang: Language) -> str:
    return lang(
        "Microsoft does not take TEAMS_CLIENT_ID with TEAMS_CLIENT_SECRET ({reason}). Check in the Entra admin centre "
        "whether the secret has expired, whether TEAMS_TENANT_ID is the directory of the app registration, and whether "
        "this machine reaches Microsoft.",
        reason=reason,
    )


async def _clock(cloud: Cloud, settings: TeamsSettings, connector: Connector, lang: Language) -> Diagnostic:
    """How far this machine's clock is from Microsoft's."""
    harm = lang("a token that is more than five minutes off is refused.")
    try:
        answer = await connector.http.get(f"{cloud.login}/{settings.tenant_id}/v2.0/.well-known/openid-configuration")
        return clock(answer.headers["Date"], "Microsoft", harm, lang)
    except (*FOREIGN, KeyError, ValueError) as error:
        return unread_clock("Microsoft", word(error), lang)


def _unreached(session: Session, *, lang: Language) -> list[Diagnostic]:
    """Whom we cannot reach in Teams, by why."""
    wanted = (
        select(Account.unreachable, Person.name)
        .join(Person)
        .where(Account.platform == NAME, Account.unreachable != "", col(Person.active))
        .order_by(Account.unreachable, Person.name)
    )
    found: dict[str, list[str]] = {}
    for reason, name in session.exec(wanted):
        found.setdefault(reason, []).append(name)
    return [_cannot_reach(_why(reason, lang), names, lang) for reason, names in found.items()]


def _cannot_reach(why: str, names: Sequence[str], lang: Language) -> Diagnostic:
    text = lang.plural(
        "{count} person cannot be reached in Teams, since {reason}: {names}. What we have for them reaches them in "
        "other ways.",
        "{count} people cannot be reached in Teams, since {reason}: {names}. What we have for them reaches them in "
        "other ways.",
        len(names),
        reason=why,
        names=some(names),
    )
    return Diagnostic(text, "warning")


def _why(reason: str, lang: Language) -> str:
    """A reason as it is kept, in the reader's language: ours, and after it Teams' own word."""
    said, bracket, code = reason.partition(" (")
    return f"{lang(said)}{bracket}{code}"


async def _graph(settings: TeamsSettings, graph: Graph, lang: Language) -> Sequence[Diagnostic]:
    """What Graph lets us do; nothing of it is needed, and each part spares people something."""
    diagnostics = []
    try:
        found = await graph.app(settings.tenant_id)
        if found:
            diagnostics.append(Diagnostic(lang("The app is in the organisation’s app catalogue.")))
        else:
            text = lang(
                "The app is not in the organisation’s app catalogue: upload what `workbot manifest teams` writes in "
                "the Teams admin centre, under “Manage apps”."
            )
            diagnostics.append(Diagnostic(text, "warning"))
    except (*FOREIGN, DeliveryError, Expired, ValueError) as error:
        diagnostics.append(_unseen(error, "AppCatalog.Read.All", lang("whether the app is in the catalogue"), lang))
    if settings.compare:
        try:
            await graph.first_of(settings.tenant_id)
            diagnostics.append(Diagnostic(lang("The organisation’s directory can be read.")))
        except (*FOREIGN, DeliveryError, Expired, ValueError) as error:
            diagnostics.append(_unseen(error, "User.Read.All", lang("who has left, and whose account is whose"), lang))
    return diagnostics


def _unseen(error: BaseException, permission: str, what: str, lang: Language) -> Diagnostic:
    if may_not(error):
        text = lang(
            "Graph does not let me see {what}. To let me, grant the application permission {permission} to the app "
            "registration, with an administrator’s consent.",
            what=what,
            permission=permission,
        )
        return Diagnostic(text)
    return Diagnostic(lang("Graph does not answer ({reason}).", reason=word(error)), "warning")

"""Microsoft's clouds: where each signs people and services in, speaks of them, and lets bots answer.

Addresses are those of https://learn.microsoft.com/microsoftteams/platform/resources/bot-v3/bot-conversations/bots-conv-proactive
and https://learn.microsoft.com/graph/deployments.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from integrations.teams.sdk import CloudEnvironment, cloud_environment
from integrations.teams.settings import is_loopback

PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud. `origins` are the only ones that we ever answer to; `service_url` is where one begins with those who
    have not spoken yet; `frames` is who may show our tab."""

    environment: CloudEnvironment
    service_url: str
    origins: frozenset[str]
    graph: str
    frames: str

    @property
    def login(self) -> str:
        return self.environment.login_endpoint

    def is_ours(self, service_url: str) -> bool:
        """Whether an address is one of this cloud's, to the letter: a suffix such as trafficmanager.net is anyone's."""
        return origin(service_url) in self.origins


def origin(url: str) -> str:
    """Scheme, host and port of an address that holds nothing else before its path; empty of any other."""
    if not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        return ""
    if ".." in parts.path or "%" in parts.path or "//" in parts.path:
        return ""
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port not in (None, PORTS[parts.scheme]) else "")


def is_local(url: str) -> bool:
    """Whether an address is one on this machine, as tools have that play Teams."""
    return bool(origin(url)) and is_loopback(urlsplit(url).hostname or "")


OFFICE = "https://teams.microsoft.com https://*.teams.microsoft.com https://*.cloud.microsoft https://*.office.com"

PUBLIC = Cloud(
    cloud_environment.PUBLIC,
    service_url="https://smba.trafficmanager.net/teams",
    origins=frozenset({"https://smba.trafficmanager.net"}),
    graph="https://graph.microsoft.com/v1.0",
    frames=OFFICE,
)
GCC = Cloud(
    cloud_environment.PUBLIC,
    service_url="https://smba.infra.gcc.teams.microsoft.com/teams",
    origins=frozenset({"https://smba.infra.gcc.teams.microsoft.com", "https://smba.trafficmanager.net"}),
    graph="https://graph.microsoft.com/v1.0",
    frames=OFFICE,
)
GCCH = Cloud(
    cloud_environment.US_GOV,
    service_url="https://smba.infra.gov.teams.microsoft.us/teams",
    origins=frozenset({"https://smba.infra.gov.teams.microsoft.us"}),
    graph="https://graph.microsoft.us/v1.0",
    frames="https://gov.teams.microsoft.us https://*.gov.teams.microsoft.us",
)
DOD = Cloud(
    cloud_environment.US_GOV_DOD,
    service_url="https://smba.infra.dod.teams.microsoft.us/teams",
    origins=frozenset({"https://smba.infra.dod.teams.microsoft.us"}),
    graph="https://dod-graph.microsoft.us/v1.0",
    frames="https://dod.teams.microsoft.us https://*.dod.teams.microsoft.us",
)
CLOUDS = {"public": PUBLIC, "gcc": GCC, "gcch": GCCH, "dod": DOD}

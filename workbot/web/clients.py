"""Who calls: the address a request comes from, whatever stands between, and the language its browser asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from babel import negotiate_locale
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from workbot.i18n import LOCALES, Language, language
from workbot.settings import Network, Settings

LANGUAGE_COOKIE = "workbot_language"
# What a proxy adds to a request that it passes on.
FORWARDING = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
# Whoever has an IPv6 address has as many as they like of the same network.
HOUSEHOLD = 64
UNKNOWN = "unknown"


def is_local(request: HTTPConnection) -> bool:
    """Whether a program on this machine asks for itself: not a proxy for others, and not a page of another site."""
    if any(name in request.headers for name in FORWARDING):
        return False
    peer = request.client.host if request.client else ""
    return is_loopback(peer) and is_loopback(host_of(request.headers))


def is_loopback(host: str) -> bool:
    """Whether a name or address stands for the machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def host_of(headers: Headers) -> str:
    """The host that a request is for, without its port; empty where it names none or several."""
    named = headers.getlist("host")
    return host_name(named[0]) if len(named) == 1 else ""


def host_name(spelled: str) -> str:
    """A host without its port: `[::1]:8080` is `::1`."""
    if spelled.startswith("["):
        return spelled[1:].partition("]")[0].lower()
    return spelled.partition(":")[0].rstrip(".").lower()


def address_of(request: HTTPConnection, trusted: Sequence[Network]) -> str:
    """Where a request comes from: the nearest address that is none of our own proxies'.

    What others claim further away is not believed. An IPv6 network is one client.
    """
    peer = request.client.host if request.client else UNKNOWN
    passed_on = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    for hop in (peer, *reversed([each.strip() for each in passed_on if each.strip()])):
        nearest = hop
        if not _is_within(hop, trusted):
            break
    return _household(nearest)


def visitor_language(request: HTTPConnection, settings: Settings) -> Language:
    """The language of someone signed out: their choice, else their browser's, else the app's."""
    if chosen := request.cookies.get(LANGUAGE_COOKIE):
        return language(chosen)
    wanted = [tag.partition(";")[0].strip() for tag in request.headers.get("accept-language", "").split(",")]
    return language(negotiate_locale(wanted, LOCALES, sep="-") or settings.locale)


def _is_within(address: str, trusted: Iterable[Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return any((mapped or found) in network for network in trusted)


def _household(address: str) -> str:
    """One name for all addresses that one client may well have."""
    try:
        found = ip_address(address)
    except ValueError:
        return UNKNOWN
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, HOUSEHOLD), strict=False))

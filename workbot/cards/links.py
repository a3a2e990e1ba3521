"""Addresses in cards, on their way to where people open them."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from workbot.texts import clean, size


def whole_url(url: str, base_url: str, longest: int) -> str:
    """The whole address of a link that is harmless to open, or nothing."""
    if not url:
        return ""
    try:
        parts = urlsplit(urljoin(f"{base_url}/", clean(url).strip()))
    except ValueError:
        return ""
    whole = parts.geturl()
    is_safe = parts.scheme in ("http", "https") and parts.netloc and len(whole.split()) == 1
    return whole if is_safe and size(whole) <= longest else ""

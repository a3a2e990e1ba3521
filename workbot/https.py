"""HTTPS to others: which certificates are believed."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """What httpx believes, read once: it takes fifty milliseconds, and each client would read it anew."""
    return httpx.create_ssl_context()

"""Addresses as mail servers take them: one, plain, and its domain in ASCII (IDNA 2008, UTS #46).

A local part in other letters needs SMTPUTF8 on every server on the way, which nobody can know beforehand.
"""

from __future__ import annotations

from email.errors import MessageError
from email.headerregistry import Address

import idna


def plain(text: str) -> Address:
    """One address, and nothing that could add a header or a second recipient; raises ValueError where it is none."""
    local, _, domain = text.rpartition("@")
    if not local.isascii() or not text.isprintable():
        raise ValueError("mail servers do not take this address")
    try:
        written = f"{local}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"
        address = Address(addr_spec=written)
    except (ValueError, IndexError, MessageError) as error:
        raise ValueError("this is not an e-mail address") from error
    if not domain or address.addr_spec != written:
        raise ValueError("mail servers do not take this address")
    return address

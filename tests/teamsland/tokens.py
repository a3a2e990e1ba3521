"""Keys and tokens: what Microsoft signs, what anybody may look up, and what nobody signed."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

Thing = dict[str, Any]
# Who signs: Bot Framework for what the bot gets, Entra for who somebody or some app is.
BOT_FRAMEWORK, ENTRA = "bot-framework", "entra"
BOT_FRAMEWORK_ISSUER = "https://api.botframework.com"
CONNECTOR, GRAPH = "https://api.botframework.com", "https://graph.microsoft.com"
LIFETIME = 3600


@cache
def key(name: str) -> RSAPrivateKey:
    """The key of a name, the same for a whole run since one takes a tenth of a second to make."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def signed(claims: Mapping[str, Any], name: str, *, headers: Mapping[str, Any] | None = None, **how: Any) -> str:
    """A token of any claims under the key of a name; `how` goes to PyJWT, such as `algorithm`."""
    known = {"kid": name, "x5t": name} | dict(headers or {})
    return jwt.encode(dict(claims), how.pop("key", key(name)), **({"algorithm": "RS256"} | how), headers=known)


def unsigned(claims: Mapping[str, Any], name: str = BOT_FRAMEWORK) -> str:
    """A token that says of itself that nobody signed it."""
    parts = [{"alg": "none", "typ": "JWT", "kid": name}, dict(claims)]
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts), ""])


def key_document(*names: str, **more: Any) -> Thing:
    """A JSON Web Key Set, as Microsoft publishes it."""
    return {"keys": [_public(name) | more for name in names]}


def for_the_bot(client_id: str, service_url: str, *, at: float | None = None) -> Thing:
    """The claims of a token that Bot Framework sends along with an activity."""
    now = int(time.time() if at is None else at)
    return {
        "serviceurl": service_url,
        "iss": BOT_FRAMEWORK_ISSUER,
        "aud": client_id,
        "nbf": now - 300,
        "iat": now,
        "exp": now + LIFETIME,
    }


def for_an_app(tenant: str, client_id: str, audience: str, roles: list[str]) -> Thing:
    """The claims of a token with which an app calls Microsoft's services."""
    now = int(time.time())
    return {
        "aud": audience,
        "iss": f"https://sts.windows.net/{tenant}/",
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "appid": client_id,
        "tid": tenant,
        "ver": "1.0",
        **({"roles": roles} if audience == GRAPH else {}),
    }


def for_a_tab(login: str, tenant: str, client_id: str, person: Mapping[str, str]) -> Thing:
    """The claims of a token with which a tab tells its own server who looks at it.

    https://learn.microsoft.com/microsoftteams/platform/tabs/how-to/authentication/tab-sso-overview
    """
    now = int(time.time())
    return {
        "aud": client_id,
        "iss": f"{login}/{tenant}/v2.0",
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        # The desktop and mobile clients of Teams; the web's is another.
        "azp": "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
        "azpacr": "0",
        "name": person["name"],
        "oid": person["oid"],
        "preferred_username": person["upn"],
        "scp": "access_as_user",
        "sub": f"sub-{person['oid']}",
        "tid": tenant,
        "ver": "2.0",
    }


def opened(token: str, audience: str) -> Thing:
    """What a token for one of Microsoft's services says; raises `jwt.InvalidTokenError` if it is not good there."""
    claims: Thing = jwt.decode(token, key(ENTRA).public_key(), algorithms=["RS256"], audience=audience)
    return claims


def _public(name: str) -> Thing:
    shape: Thing = json.loads(RSAAlgorithm.to_jwk(key(name).public_key()))
    return {"kty": "RSA", "use": "sig", "kid": name, "x5t": name, "n": shape["n"], "e": shape["e"]}

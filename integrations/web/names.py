"""How the web platform is named."""

from __future__ import annotations

NAME = "web"

"""workbot: one bot for a whole organisation."""

__version__ = "0.1.0"

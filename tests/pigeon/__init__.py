"""Carrier pigeons: a small, complete platform in a package of its own, to read before writing another.

PIGEON_SECRET=…       what the keeper of the loft proves by that it is them
PIGEON_HAWKS=AB BC    over which provinces hawks are about

The keeper reads the rings of pigeons that arrive and hands their letters in at /pigeon/arrivals; what is to be sent
they take from /pigeon/letters.
"""

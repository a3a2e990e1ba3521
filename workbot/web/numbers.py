"""Numbers in addresses, no longer than any that we give out: a longer one names nothing."""

from __future__ import annotations

from starlette.convertors import IntegerConvertor

# Every database counts so far.
MOST_DIGITS = 18


class BoundedInteger(IntegerConvertor):
    """`{number:int}` of a route; Python itself refuses to read thousands of digits, which would be our failure."""

    regex = f"[0-9]{{1,{MOST_DIGITS}}}"

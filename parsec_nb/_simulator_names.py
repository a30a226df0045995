"""The shapes of the simulator's random names: user codes, hashes and peer IDs.

Pure functions over the operating system's randomness; nothing is remembered here.
"""

from __future__ import annotations

import secrets
import string
import unicodedata

# RFC 8628 section 6.1: no vowels, so no words; one of any two characters that look
# alike, so that 1, 2, 5 and 8 can only be meant as L, Z, S and B.
USER_CODE_ALPHABET = "BCDFGHJKLMNPQRSTVWXYZ34679"
USER_CODE_LENGTH = 8
BASE62 = string.digits + string.ascii_letters
KSUID_LENGTH = 27

_LOOKALIKES = str.maketrans("1I258", "LLZSB")


def random_id(length: int = KSUID_LENGTH) -> str:
    """Return a random base62 text, the shape of Parsec's peer IDs and hashes."""
    return "".join(secrets.choice(BASE62) for _ in range(length))


def normalize_user_code(text: str) -> str:
    """Return what a person meant: capitals, with no spaces, dashes or look-alikes."""
    wide = unicodedata.normalize("NFKC", text[:64]).upper()
    kept = (c for c in wide if not c.isspace() and unicodedata.category(c) != "Pd")
    return "".join(kept).translate(_LOOKALIKES)


def random_user_code() -> str:
    """Return a new code for a person to type."""
    return "".join(secrets.choice(USER_CODE_ALPHABET) for _ in range(USER_CODE_LENGTH))

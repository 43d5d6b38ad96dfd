"""Passwords: how they are kept, checked, and refused when they are too easy to guess. Pure but for chance."""

import unicodedata
from functools import cache

from pwdlib import PasswordHash
from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # it has no types of its own

LEAST = 12
MOST = 256  # more is not harder to guess, only slower to hash
JUDGED = 72  # zxcvbn reads no more
GUESSES = 1e8  # zxcvbn's score 3: "safely unguessable" where tries are limited


@cache
def _hashing() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _of_nobody() -> str:
    """A hash that fits no password, so that an unknown account takes as long as a known one."""
    return _hashing().hash("")


def normal(password: str) -> str:
    """The password as it is hashed: one form of characters that can be typed in several (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    """Argon2id hash of a password, with salt and parameters; slow by design, so not in the event loop."""
    return _hashing().hash(normal(password))


def fits(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Whether a password is the one that was kept, and a better hash to keep where parameters have risen.

    The same work is done when nothing was kept; then it never fits.
    """
    right, better = _hashing().verify_and_update(normal(password), kept or _of_nobody())
    return (right, better) if kept else (False, None)


def weakness(password: str, about: tuple[str, ...] = ()) -> str | None:
    """What is wrong with a new password and what to do, or None; `about` are words to be tried first.

    Guesses are estimated by zxcvbn (Wheeler, USENIX Security 2016), which knows the commonest passwords.
    """
    text = normal(password)
    if len(text) < LEAST:
        return f"password: {len(text)} characters are too few; take {LEAST} or more, such as four words."
    if len(text) > MOST:
        return f"password: {len(text)} characters are too many; take {MOST} or fewer."
    known = ["ridealong", *(part for word in about for part in (word, *word.replace("@", " ").split()))]
    if zxcvbn(text[:JUDGED], user_inputs=known)["guesses"] < GUESSES:
        return "password: among the first that anybody would try; take four words that don't belong together."
    return None

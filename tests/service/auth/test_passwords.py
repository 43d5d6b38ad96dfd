"""Which passwords are taken, and how they are kept."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pwdlib import PasswordHash

from service.auth import passwords
from tests.service.auth.accounts import OTHER, PASSWORD


@pytest.mark.parametrize(
    "password", [PASSWORD, OTHER, "Tr0ub4dor-und-drei-Igel", "ключ от серого шкафа у окна"]
)
def test_four_unlikely_words_are_taken(password: str) -> None:
    assert passwords.weakness(password, ("Ann", "ann@example.com")) is None


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("kettle 7 ra", "too few"),
        ("password1234", "first that anybody would try"),
        ("passwordpassword", "first that anybody would try"),
        ("qwertyuiopasdf", "first that anybody would try"),
        ("123456789012345", "first that anybody would try"),
        ("aaaaaaaaaaaaaaaaaaaa", "first that anybody would try"),
        ("ridealong2026", "first that anybody would try"),
        ("annabel.harrow@example.com", "first that anybody would try"),
        ("x" * 257, "too many"),
    ],
)
def test_what_is_guessed_first_is_refused_with_what_to_do(password: str, fault: str) -> None:
    found = passwords.weakness(password, ("Annabel Harrow", "annabel.harrow@example.com"))
    assert found is not None
    assert fault in found


def test_only_the_password_itself_fits() -> None:
    kept = passwords.hashed(PASSWORD)
    assert kept.startswith("$argon2id$")
    assert passwords.fits(PASSWORD, kept) == (True, None)
    assert passwords.fits(OTHER, kept) == (False, None)


def test_a_hash_takes_the_work_that_owasp_asks_for(quick_hashing: Callable[[], PasswordHash]) -> None:
    ordinary = quick_hashing()
    cost = dict(part.split("=") for part in ordinary.hash(PASSWORD).split("$")[3].split(","))
    assert int(cost["m"]) >= 46 * 1024  # KiB; OWASP's password storage cheat sheet: 46 MiB and one round
    right, better = ordinary.verify_and_update(PASSWORD, passwords.hashed(PASSWORD))
    assert right
    assert better is not None  # one kept with less work is made anew when somebody signs in


def test_the_same_characters_typed_on_another_keyboard_fit() -> None:
    kept = passwords.hashed("schöne grüne fenster")
    assert passwords.fits("scho\u0308ne gru\u0308ne fenster", kept)[0]


def test_nothing_fits_an_account_without_a_password() -> None:
    assert passwords.fits("", None) == (False, None)
    assert passwords.fits(PASSWORD, None) == (False, None)


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_text_can_be_judged(text: str) -> None:
    fault = passwords.weakness(text, ("Ann", "ann@example.com"))
    assert fault is None or fault.startswith("password: ")

"""Sign-in, sign-up and second factors (django-allauth), and the door of the admin."""

from tests.access.matrix import LOGIN, PERSONAS, Row, expect

SIGNED_IN = {persona: 302 for persona in PERSONAS if persona != "anonymous"}


def for_strangers(name: str, **more: object) -> Row:
    """A page for people who are not signed in; the others are sent home."""
    return Row(name, expect(302, anonymous=200), **more)  # type: ignore[arg-type]


def for_people(name: str, status: int = 200, **more: object) -> Row:
    """One's own page: everybody who is signed in."""
    return Row(name, expect(status, anonymous=LOGIN), **more)  # type: ignore[arg-type]


def for_all(name: str, **more: object) -> Row:
    return Row(name, expect(200), **more)  # type: ignore[arg-type]


ROWS = [
    for_strangers("account_login"),
    for_strangers("account_signup"),
    for_strangers("mfa_login_webauthn", note="starts a passkey sign-in"),
    for_all("account_reset_password"),
    for_all("account_reset_password_done"),
    for_all("account_reset_password_from_key", kwargs=lambda w: {"uidb36": "1", "key": "no-such-key"}),
    for_all("account_reset_password_from_key_done"),
    for_all("account_confirm_email", kwargs=lambda w: {"key": "no-such-key"}),
    for_all("account_email_verification_sent"),
    for_all("account_inactive"),
    Row("account_logout", expect(200, anonymous=302)),
    for_people("account_email"),
    for_people("account_change_password"),
    for_people("mfa_index"),
    # A fresh sign-in counts as proof; these ask for the password again only later.
    Row("account_reauthenticate", expect(200, anonymous=LOGIN)),
    Row("admin:index", expect(LOGIN, superuser=200)),
    Row("admin:login", expect(403, anonymous=LOGIN, superuser=302)),
]

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
    Row("mfa_login_webauthn", expect(302, anonymous=LOGIN), note="a script starts a passkey sign-in, a visit does not"),
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
    # Half-way through signing in, or through proving oneself again: sent to where that begins.
    Row("account_confirm_login_code", expect(302, anonymous=LOGIN)),
    Row("mfa_authenticate", expect(302, anonymous=LOGIN)),
    for_people("account_reauthenticate"),
    for_people("mfa_reauthenticate", 302),
    for_people("mfa_reauthenticate_webauthn", 302),
    # One who has a password changes it; second factors ask for it first, and show nothing that is not there.
    for_people("account_set_password", 302),
    for_people("mfa_activate_totp", 302),
    for_people("mfa_add_webauthn", 302),
    for_people("mfa_generate_recovery_codes", 302),
    for_people("mfa_list_webauthn"),
    for_people("mfa_deactivate_totp", 404),
    for_people("mfa_view_recovery_codes", 404),
    for_people("mfa_download_recovery_codes", 404),
    for_people("mfa_edit_webauthn", 302, kwargs=lambda w: {"pk": 1}),
    for_people("mfa_remove_webauthn", 302, kwargs=lambda w: {"pk": 1}),
    # What they do when asked to act: empty forms come back, somebody else's factors are never reached.
    Row("account_logout", expect(302), method="POST"),
    for_people("account_change_password", method="POST"),
    for_people("account_email", 302, method="POST"),
    for_people("mfa_deactivate_totp", 404, method="POST"),
    for_people("mfa_activate_totp", 302, method="POST"),
    for_people("mfa_add_webauthn", 302, method="POST"),
    for_people("mfa_remove_webauthn", 302, kwargs=lambda w: {"pk": 1}, method="POST"),
    for_people("mfa_generate_recovery_codes", 302, method="POST"),
    for_all("account_reset_password", method="POST"),
    Row("account_login", expect(302, anonymous=200), method="POST"),
    Row("account_signup", expect(302, anonymous=422), method="POST"),
    Row("admin:index", expect(LOGIN, superuser=200)),
    Row("admin:login", expect(403, anonymous=LOGIN, superuser=302)),
]

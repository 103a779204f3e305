"""One's own account: details, privacy, opening an account, and the statements at the foot of every page."""

from tests.access.matrix import LOGIN, Row, expect


def mine(name: str, status: int = 200, **more: object) -> Row:
    """One's own page: everybody who is signed in."""
    return Row(name, expect(status, anonymous=LOGIN), **more)  # type: ignore[arg-type]


DETAILS = {"given_name": "New", "family_name": "Name", "theme": "dark", "locale": "", "time_zone": ""}

ROWS = [
    # opening an account: a link, then the page without its token in the address
    Row("account_confirm", expect(200), note="without a link"),
    Row("account_invitation", expect(200), kwargs=lambda w: {"token": "no-such-token"}),
    Row("account_join", expect(200), note="without an invitation"),
    Row(
        "account_signup",
        expect(302, anonymous=422),
        method="POST",
        note="an address outside",
        data=lambda w: {"email": "a@b.test", "given_name": "A"},
    ),
    # oneself
    mine("profile"),
    mine("profile", 302, method="POST", data=lambda w: DETAILS),
    mine("profile", 422, method="POST", data=lambda w: {"given_name": ""}, note="no name"),
    mine("privacy"),
    mine("privacy_download"),
    mine("erasure_ask"),
    mine("erasure_ask", 302, method="POST"),
    mine("erasure_withdraw", 302, method="POST"),
    mine("erasure_withdraw", 405),
    Row("set_language", expect(302), method="POST", data=lambda w: {"language": "cy", "next": "/"}),
    Row("set_language", expect(405)),
    # how things are
    Row("accessibility", expect(200)),
    Row("privacy_notice", expect(200)),
    Row("safety", expect(200)),
    Row("help", expect(200)),
]

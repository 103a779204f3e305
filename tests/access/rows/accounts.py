"""One's own account: details, privacy, opening an account, and the statements at the foot of every page."""

from allauth.account.models import EmailAddress

from peerhub.accounts.models import AccountInvitation, ErasureRequest, ExternalId
from tests.access.matrix import LOGIN, PERSONAS, Row, expect
from tests.factories import NOW, in_days
from tests.world import World


def grow(world: World, times: int) -> None:
    """More addresses, numbers, invitations and wishes of everybody."""
    for _ in range(times):
        number = ExternalId.objects.count()
        for name in filter(None, PERSONAS.values()):
            user = getattr(world, name)
            EmailAddress.objects.create(user=user, email=f"{name}.{number}@aberwen.ac.uk")
            ExternalId.objects.create(user=user, source="sits", value=f"{name}-{number}")
            ErasureRequest.objects.create(user=user, asked_at=NOW, outcome="withdrawn", decided_at=NOW, decided_by=user)
            AccountInvitation.objects.create(
                email=user.email, user=user, created_at=in_days(-9), expires_at=in_days(5), accepted_at=in_days(-8)
            )


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
    mine("privacy", query="?of=programmes"),
    mine("privacy", query="?of=training"),
    mine("privacy", 404, query="?of=nothing"),
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

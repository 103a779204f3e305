"""People by what they do here."""

from peerhub.accounts.models import User


def administrators() -> list[User]:
    """Who looks after this installation: active superusers with an address."""
    return list(User.objects.active().filter(is_superuser=True, email__isnull=False).order_by("pk"))

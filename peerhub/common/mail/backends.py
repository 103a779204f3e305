"""placeholder"""

from django.core.mail.backends.locmem import EmailBackend as DatabaseBackend  # noqa: F401

"""The ASGI door. PeerHub itself is synchronous; this exists for hosts that expect it."""

import os

from django.core.asgi import get_asgi_application

from peerhub.common.production import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
application = get_asgi_application()
refuse_to_start()

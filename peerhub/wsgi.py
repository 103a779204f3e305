"""The WSGI door, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from peerhub.common.production import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
application = get_wsgi_application()
refuse_to_start()

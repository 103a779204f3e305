"""Addresses of the spine, one explicit path each.

The words after a programme's address (join) are matched before a cycle's code: put such paths above the cycles.
"""

from django.urls import path

from programmes.views import catalogue, programmes

app_name = "programmes"

urlpatterns = [
    # --- catalogue and programmes ---
    path("", catalogue.catalogue, name="catalogue"),
    path("programmes/<slug:slug>/", programmes.programme_detail, name="programme_detail"),
]

"""Addresses of the spine, one explicit path each."""

from django.urls import path

from programmes.views import catalogue

app_name = "programmes"

urlpatterns = [
    path("", catalogue.catalogue, name="catalogue"),
]

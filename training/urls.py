"""Addresses of stage 2, one explicit path each. All of a cycle stand below its own address."""

from django.urls import URLPattern

app_name = "training"

CYCLE = "programmes/<slug:slug>/<slug:code>"

urlpatterns: list[URLPattern] = []

"""Finding a programme."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required
def catalogue(request: HttpRequest) -> HttpResponse:
    """The front page."""
    return render(request, "programmes/catalogue/list.html")

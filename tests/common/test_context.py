"""The frame's facts: asked once, merged, and strict about what providers answer."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from peerhub.common import context
from peerhub.common.context import Branding, NavItem

calls: list[str] = []


def people(request):
    calls.append("people")
    return {"nav": [NavItem("Programmes", "/p/", "people", order=20)], "person": "Rhian Maddox", "theme": "dark"}


def places(request):
    return {"nav": [NavItem("Today", "/t/", "house-door", order=10)], "branding": Branding(institution="Aberwen <U>")}


def mistaken(request):
    return {"navigation": []}


@pytest.fixture
def request_of_somebody(settings):
    calls.clear()
    settings.PEERHUB_PAGE_CONTEXT = [f"{__name__}.people", f"{__name__}.places"]
    made = RequestFactory().get("/")
    made.user = AnonymousUser()
    return made


def test_providers_are_merged_and_lists_sorted(request_of_somebody):
    page = context.build_page(request_of_somebody)
    assert [item.label for item in page.nav] == ["Today", "Programmes"]
    assert (page.theme, page.branding.institution) == ("dark", "Aberwen <U>")


def test_providers_are_asked_once_and_only_when_looked_at(request_of_somebody):
    first, second = context.page(request_of_somebody)["page"], context.page(request_of_somebody)["page"]
    assert calls == []
    assert first.person == second.person == "Rhian Maddox"
    assert calls == ["people"]


def test_an_answer_nobody_asked_for_is_a_mistake(request_of_somebody, settings):
    settings.PEERHUB_PAGE_CONTEXT = [f"{__name__}.mistaken"]
    with pytest.raises(ValueError, match="navigation"):
        context.build_page(request_of_somebody)


def test_a_request_refused_early_gets_the_plain_frame(settings):
    settings.PEERHUB_PAGE_CONTEXT = [f"{__name__}.people"]
    assert context.build_page(RequestFactory().get("/")).person == ""


@pytest.mark.parametrize(("count", "shown"), [(3, 3), (4, 4), (7, 4)])
def test_the_phone_shows_few_tabs(count, shown):
    page = context.Page(nav=[NavItem(str(number), "/") for number in range(count)])
    assert len(page.tabs) == shown


@pytest.mark.django_db
def test_base_draws_the_frame(request_of_somebody):
    html = render_to_string("base.html", request=request_of_somebody)
    assert 'data-bs-theme="dark"' in html
    assert "Aberwen &lt;U&gt;" in html
    assert html.index('class="ph-skip"') < html.index("<header") < html.index('<main id="main"') < html.index("<footer")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["403.html", "404.html", "403_csrf.html"])
def test_error_pages_draw_for_somebody(request_of_somebody, name):
    assert render_to_string(name, {"exception": ""}, request=request_of_somebody).count("<h1") == 1


@pytest.mark.parametrize("name", ["400.html", "500.html", "503.html"])
def test_error_pages_draw_without_anything(name):
    assert render_to_string(name).count("<h1") == 1

"""The support services directory, and the institution's name, colours and logo."""

import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from peerhub.common import contrast
from peerhub.institution import services
from peerhub.institution.models import Branding, SupportService
from peerhub.institution.queries import current_branding
from peerhub.institution.queries.directory import listed_services, stale_count
from peerhub.institution.services import BrandingRefused, ServiceRefused
from peerhub.institution.services.branding import clean_logo, unreadable
from tests.factories import NOW, TODAY, SupportServiceFactory, UserFactory, in_days

pytestmark = pytest.mark.django_db
LIST = "/support/"


@pytest.fixture
def sam():
    return UserFactory(is_superuser=True, is_staff=True)


# --- the directory ---
def test_services_stand_urgent_first_and_are_found_by_every_word():
    money = SupportServiceFactory(name="Money advice", what_for="Budgets and hardship funds", position=1)
    crisis = SupportServiceFactory(name="Samaritans", what_for="Somebody to listen", is_urgent=True, position=9)
    SupportServiceFactory(name="Closed", is_active=False)
    assert list(listed_services()) == [crisis, money]
    assert list(listed_services(search="hardship money")) == [money]
    assert not listed_services(search="hardship samaritans")


def test_service_is_stale_after_six_months_or_when_never_checked():
    fresh = SupportServiceFactory(last_verified_on=TODAY - timedelta(days=183))
    old = SupportServiceFactory(last_verified_on=TODAY - timedelta(days=184))
    never = SupportServiceFactory(last_verified_on=None)
    assert stale_count(today=TODAY) == 2
    assert [each.is_stale(today=TODAY) for each in (fresh, old, never)] == [False, True, True]


def test_only_those_who_keep_the_list_see_how_old_it_is(client_of, frozen, sam):
    SupportServiceFactory(last_verified_on=TODAY - timedelta(days=300))
    assert "Check this entry" in client_of(sam).get(LIST).content.decode()
    assert "Check this entry" not in client_of(UserFactory()).get(LIST).content.decode()


def test_service_list_asks_the_same_number_of_questions_however_long_it_is(client_of):
    ben = client_of(UserFactory())
    ben.get(LIST)
    counts = []
    for more in (1, 2):
        SupportServiceFactory.create_batch(more)
        with CaptureQueriesContext(connection) as queries:
            ben.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_saving_or_verifying_a_service_counts_as_checking(sam):
    made = services.save_service(actor=sam, details={"name": "A", "what_for": "B", "phone": "1"}, now=NOW)
    assert made.last_verified_on == TODAY
    services.verify_service(actor=sam, service=made, now=in_days(3))
    assert made.last_verified_on == TODAY + timedelta(days=3)
    services.switch_service(actor=sam, service=made, is_active=False, now=NOW)
    assert not listed_services().exists()


def test_service_nobody_can_reach_is_refused(sam, client_of):
    with pytest.raises(ServiceRefused, match="unreachable"):
        services.save_service(actor=sam, details={"name": "A", "what_for": "B"}, now=NOW)
    reply = client_of(sam).post(reverse("institution:service_create"), {"name": "A", "what_for": "B"})
    assert reply.status_code == 422
    assert "at least one way to reach it" in reply.content.decode()
    SupportServiceFactory()
    with pytest.raises(IntegrityError, match="support_service_reachable"), transaction.atomic():
        SupportService.objects.update(phone="", email="", url="", place="")


# --- the look ---
def change(**details):
    return services.change_branding(actor=None, details={"institution_name": "Aberwen", **details}, now=NOW)


def test_branding_is_one_query_and_then_none(django_assert_num_queries):
    change()
    cache.clear()
    with django_assert_num_queries(1):
        assert current_branding().institution_name == "Aberwen"
    with django_assert_num_queries(0):
        current_branding()


def test_changed_branding_shows_at_once(django_capture_on_commit_callbacks):
    current_branding()
    with django_capture_on_commit_callbacks(execute=True):
        change(product_name="Together")
    assert current_branding().product_name == "Together"


def test_colours_that_cannot_be_read_are_refused_with_the_ratio_and_a_way_out():
    with pytest.raises(BrandingRefused, match="primary") as refusal:
        change(primary="#FF8800")
    message = str(refusal.value.message)
    assert "1.9 to 1" in message
    assert "#" in message
    with pytest.raises(BrandingRefused, match="primary_dark"):
        change(primary_dark="#0D5661")
    assert not Branding.objects.exists()
    assert change(primary="#0D5661", primary_dark="#7CCFDA").primary == "#0D5661"


@given(colour=st.integers(0, 0xFFFFFF).map("#{:06X}".format), dark=st.booleans())
def test_the_suggested_colour_always_passes(colour, dark):
    problem = unreadable(colour, dark=dark)
    if problem:
        assert unreadable(problem.rstrip(".").rpartition(" ")[2], dark=dark) is None


def test_brand_css_is_kept_for_ever_under_its_own_address(client, client_of, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        change(primary="#5B2A86")
    first = current_branding().css_url
    for visitor in (client, client_of(UserFactory())):
        reply = visitor.get(first)
        assert reply["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "--ph-primary:#5B2A86" in reply.content.decode()
    assert first in client.get("/accessibility/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        change(primary="#0D5661")
    assert current_branding().css_url != first
    assert client.get(first).status_code == 404


def test_branding_form_says_the_ratio_at_the_field(client_of, sam):
    reply = client_of(sam).post(
        "/institution/branding/", {"institution_name": "A", "product_name": "P", "primary": "#FF8800"}
    )
    assert reply.status_code == 422
    assert "has a contrast of only 1.9 to 1" in reply.content.decode()


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345G", "rgb(0,0,0)", "#000000;}body{display:none}"])
def test_branding_form_takes_colours_only(client_of, sam, colour):
    reply = client_of(sam).post(
        "/institution/branding/", {"institution_name": "A", "product_name": "P", "primary": colour}
    )
    assert reply.status_code == 422
    preview = client_of(sam).get("/institution/branding/preview.css", {"primary": colour})
    assert preview.content == b""


def picture(form="PNG", size=(900, 300), **more):
    out = io.BytesIO()
    Image.new("RGB", size, "#5B2A86").save(out, form, **more)
    out.seek(0)
    out.name = f"logo.{form.lower()}"
    return out


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_logo_is_drawn_anew_small_and_bare(form):
    drawn = Image.open(io.BytesIO(clean_logo(picture(form, comment="secret", exif=b"Exif\0\0secret"))))
    assert drawn.format == "PNG"
    assert drawn.size == (480, 160)
    assert not drawn.info


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NOT_PICTURES = {
    "svg": SVG,
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n1 0 obj",
    "empty": b"",
    "truncated": picture().getvalue()[:200],
    "gif": picture("GIF").getvalue(),
    "bmp": picture("BMP").getvalue(),
    "renamed zip": b"PK\x03\x04" + b"\0" * 50,
    "png head only": b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
}


@pytest.mark.parametrize("content", NOT_PICTURES.values(), ids=NOT_PICTURES)
def test_logo_refuses_what_is_not_a_picture_we_take(content, client_of, sam):
    with pytest.raises(BrandingRefused, match="logo"):
        clean_logo(io.BytesIO(content))
    upload = io.BytesIO(content)
    upload.name = "logo.png"
    reply = client_of(sam).post(
        "/institution/branding/", {"institution_name": "A", "product_name": "P", "logo": upload}
    )
    assert reply.status_code == 422
    assert not Branding.objects.exists()


def test_logo_refuses_too_many_bytes_and_pixels():
    with pytest.raises(BrandingRefused, match="logo"):
        clean_logo(io.BytesIO(b"\0" * (2 * 1024 * 1024 + 1)))
    with pytest.raises(BrandingRefused, match="logo"):
        clean_logo(picture(size=(5000, 4000)))


def test_logo_is_shown_from_its_own_address(client_of, client, sam, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        data = {"institution_name": "Aberwen", "product_name": "PeerHub", "logo": picture()}
        assert client_of(sam).post("/institution/branding/", data).status_code == 302
    url = current_branding().logo_url
    reply = client.get(url)
    assert reply["Content-Type"] == "image/png"
    assert "immutable" in reply["Cache-Control"]
    b"".join(reply.streaming_content)
    with django_capture_on_commit_callbacks(execute=True):
        client_of(sam).post("/institution/branding/", {"institution_name": "A", "product_name": "P", "drop_logo": "on"})
    assert current_branding().logo_url == ""
    assert client.get(url).status_code == 404


def test_one_branding():
    change()
    with pytest.raises(IntegrityError), transaction.atomic():
        Branding.objects.create(institution_name="Another")
    with pytest.raises(IntegrityError, match="one_branding"), transaction.atomic():
        Branding.objects.update(singleton=False)


def test_suggestions_come_from_the_grounds_pages_have():
    assert unreadable("#0D5661", dark=False) is None
    assert min(contrast.ratio("#0D5661", ground) for ground in contrast.LIGHT_GROUNDS) >= 4.5


def test_help_is_where_it_was_said_to_be(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        change(help_email="help@aberwen.ac.uk", help_url="https://help.aberwen.ac.uk/")
    text = client.get("/help/").content.decode()
    assert 'href="mailto:help@aberwen.ac.uk"' in text
    assert 'href="https://help.aberwen.ac.uk/"' in text

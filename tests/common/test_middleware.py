"""What middleware adds to what views answer."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_the_address_of_a_button_opened_as_a_page_says_what_to_do(world, client_of):
    """Where signing in again leads somebody who pressed a button while signed out."""
    address = reverse("programmes:requests_approve", args=[world.programme.slug, world.cycle.code])
    response = client_of(world.rhian).get(address)
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "Please press that button again" in response.content.decode()

"""Template tags: arguments are declared, unknown things raise, what people wrote is escaped."""

import re
from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils.translation import gettext_lazy

from peerhub.common.context import NavItem, Page
from peerhub.common.icons import UnknownIcon, drawing


def render(source: str, **context) -> str:
    return Template(source).render(Context(context))


NASTY = '<script>alert("x")</script>'
EVERY_TAG = [
    "{% tag 'turn' x %}",
    "{% note 'turn' title=x %}{{ x }}{% endnote %}",
    "{% task x x text=x state='turn' state_text=x person=x %}",
    "{% empty_state x x url=x action=x %}",
    "{% success x %}{{ x }}{% endsuccess %}",
    "{% avatar x %}",
    "{% card x id=x url=x link=x %}{{ x }}{% endcard %}",
    "{% stat x x x %}",
    "{% facts %}{% fact x change_url=x change=x %}{{ x }}{% endfact %}{% endfacts %}",
    "{% timeline_item x by=x %}{{ x }}{% endtimeline_item %}",
    "{% chip x x %}",
    "{% loading x id=x %}",
    "{% breadcrumb x x x %}",
    "{% tabs x %}{% tab x x count=x %}{% endtabs %}",
    "{% choice x x x hint=x on=x off=x id=x %}",
    "{% icon 'lock' label=x cls=x %}",
    "{% links page.account icons=True %}{% links page.account boxed=True %}",
    "{% account_links %}",
    "{% ring 'full' title=x desc=x big=x small=x %}",
    "{{ x|person }}",
    "{{ x|initials }}",
    "{{ x|phones }}",
]


@pytest.mark.parametrize("source", EVERY_TAG)
def test_every_tag_escapes_what_people_wrote(source):
    item = NavItem(NASTY, NASTY, "lock", is_current=True, badge=NASTY, lang=NASTY)
    drawn = render(source, x=NASTY, page=Page(account=[item], sign_out_url=NASTY), csrf_token=NASTY)
    assert "<script" not in drawn
    assert 'alert("' not in drawn


@pytest.mark.parametrize(
    "source",
    [
        "{% tag 'turn' colour='red' %}",
        "{% card 'x' %}{% endcard %}",
        "{% note flavour='x' %}{% endnote %}",
        "{% icon %}",
    ],
)
def test_an_argument_nobody_declared_fails_when_the_template_is_read(source):
    with pytest.raises(TemplateSyntaxError):
        Template(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% tag 'purple' %}",
        "{% note 'loud' %}x{% endnote %}",
        "{% task 'x' tone='mad' %}",
        "{% ring 'huge' %}",
        "{% choice 'a' 1 'x' kind='text' %}",
    ],
)
def test_an_unknown_kind_is_refused(source):
    with pytest.raises(ValueError, match="may be"):
        render(source)


@pytest.mark.parametrize("name", ["no-such-icon", "../settings", "Lock", ""])
def test_icon_that_is_not_there_raises(name):
    with pytest.raises(UnknownIcon):
        drawing(name)


def test_icon_is_hidden_beside_words_and_named_alone():
    assert 'aria-hidden="true"' in render('{% icon "lock" %}')
    assert 'role="img" aria-label="Private"' in render('{% icon "lock" label="Private" %}')
    assert "ph-i ph-flip" in render('{% icon "arrow-left" flip=True %}')


def test_tag_has_its_own_words_and_takes_lazy_ones():
    assert "Your turn" in render('{% tag "turn" %}')
    assert "Due soon" in render('{% tag "turn" words %}', words=gettext_lazy("Due soon"))


def test_note_puts_bare_words_in_a_paragraph():
    assert "<div><p><strong>Saved.</strong> All of it</p></div>" in render(
        '{% note "done" title="Saved." %} All of it {% endnote %}'
    )
    assert "<div><p><strong>Saved.</strong></p><p>All</p></div>" in render(
        '{% note "done" title="Saved." %}<p>All</p>{% endnote %}'
    )
    assert 'role="status"' in render('{% note role="status" %}x{% endnote %}')


def test_task_that_cannot_be_opened_is_not_a_link():
    drawn = render('{% task "Write the review" text="Opens in May" state="wait" %}')
    assert "<a" not in drawn
    assert "ph-task--wait" in drawn
    assert "Cannot start yet" in drawn


def test_task_that_is_done_says_so_in_plain_text():
    drawn = render('{% task "Name a point person" "/p/" state="done" %}')
    assert '<span class="ph-muted">Done</span>' in drawn
    assert "ph-tag" not in drawn


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dr Imran Sheikh", "IS"),
        ("Amara Okafor", "AO"),
        ("Ŵyn", "Ŵ"),
        ("", "?"),
        ("Dr", "D"),
        ("ana maría lópez", "AL"),
    ],
)
def test_initials(name, expected):
    assert render("{{ name|initials }}", name=name) == expected


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("In danger call 999, then security on 01970 111 000.", ["999", "01970111000"]),
        ("Samaritans 116 123 or +44 1970 111000", ["116123", "+441970111000"]),
        ("Monday to Friday 9:00 to 18:00, from 22 November 2026, room 12, 10-16", []),
    ],
)
def test_telephone_numbers_can_be_tapped_and_times_cannot(words, numbers):
    html = render("{{ x|phones }}", x=words)
    assert re.findall('href="tel:([^"]*)"', html) == numbers
    assert re.sub("<[^>]*>", "", html) == words


def test_person_is_the_name_they_go_by():
    assert render("{{ user|person }}", user=SimpleNamespace(display_name=lambda: "Amara")) == "Amara"
    assert render("{{ user|person }}", user=SimpleNamespace(display_name="Ben")) == "Ben"
    assert render("{{ user|person }}", user="Helen Prosser") == "Helen Prosser"
    assert render("{{ user|person }}", user=None) == "Someone"


def test_empty_state_has_a_button_only_with_somewhere_to_go():
    assert "btn-primary" in render('{% empty_state "None yet" url="/add/" action="Add one" %}')
    assert "btn" not in render('{% empty_state "All clear" "No open concerns." %}')


def test_breadcrumb_needs_label_address_pairs_and_a_last_label():
    assert render('{% breadcrumb "Programmes" "/p/" "PASS" %}').count("<li") == 2
    with pytest.raises(ValueError, match="breadcrumb"):
        render('{% breadcrumb "Programmes" "/p/" %}')


def test_choice_shows_the_follow_up_and_its_state():
    drawn = render('{% choice "ref" "yes" "Yes" kind="radio" checked=True opens=True %}')
    assert '<input type="radio" name="ref" value="yes" checked data-opens>' in drawn
    assert "is-square" not in drawn


def test_form_key_is_new_each_time():
    keys = re.findall(r'value="([0-9a-f-]{36})"', render("{% form_key %}{% form_key %}"))
    assert len(set(keys)) == 2


def paged(number, count=200, per_page=20, address="/people/?q=ana&role=leader&role=partner&page=2"):
    page = Paginator(range(count), per_page).get_page(number)
    return render('{% pagination page label="People" %}', page=page, request=RequestFactory().get(address))


def test_pagination_keeps_the_rest_of_the_address():
    assert 'href="?q=ana&amp;role=leader&amp;role=partner&amp;page=3" rel="next"' in paged(2)


def test_pagination_says_where_you_are():
    drawn = paged(2)
    assert "21 to 40 of 200" in drawn
    assert drawn.count('aria-current="page"') == 1
    assert 'aria-label="People"' in drawn


def test_pagination_has_no_way_past_the_ends():
    assert 'rel="prev"' not in paged(1)
    assert 'rel="next"' not in paged(10)


def test_pagination_of_one_page_is_nothing():
    assert paged(1, count=20) == ""


def test_pagination_does_not_trust_the_address():
    assert "<script" not in paged(1, address="/people/?q=%22%3E%3Cscript%3E&page=1")

"""The frame's navigation: the links of the role a person is in, and the way to their other roles."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from peerhub.common.context import NavItem
from programmes.queries.home_roles import HOMES, LAST_ROLE, homes_of

# Pages that belong to one role, whatever role was used last.
ROLE_OF_PATH = {
    "/home/leader/": "leader",
    "/my/students/": "leader",
    "/my/students/quiet/": "leader",
    "/home/student/": "student",
    "/home/coordinator/": "coordinator",
    "/home/supervisor/": "supervisor",
    "/home/institution/": "institution",
    "/home/staff/": "staff",
}
Link = tuple[str, str, str]  # label, URL name, icon


def navigation(request: HttpRequest) -> dict[str, object]:
    """For settings.PEERHUB_PAGE_CONTEXT. Two queries at most, shared with the permissions of the same request."""
    if not request.user.is_authenticated:
        return {"nav": _items(request, [(_("Programmes"), "programmes:catalogue", "search")])}
    homes = homes_of(request.user)
    role = _role(request, homes)
    switch = [_switch(request, one, role, place) for place, one in enumerate(homes)] if len(homes) > 1 else []
    return {"nav": _items(request, _links(role)), "home_url": reverse("home"), "account": switch, "roles": switch}


def _role(request: HttpRequest, homes: list[str]) -> str:
    """The role this page is seen in: the page's own, else the one used last, else the likeliest."""
    of_page = ROLE_OF_PATH.get(request.path)
    last = of_page if of_page in homes else request.session.get(LAST_ROLE)
    return last if last in homes else homes[0]


def _links(role: str) -> list[Link]:
    find = (_("Programmes"), "programmes:catalogue", "search")
    links: dict[str, list[Link]] = {
        "leader": [
            (_("Today"), "home_leader", "house-door"),
            (_("Sessions"), "my_sessions", "calendar3"),
            (_("My students"), "my_students", "people"),
            find,
        ],
        "student": [(_("Home"), "home_student", "house-door"), find, (_("My sessions"), "my_sessions", "calendar3")],
        "coordinator": [(_("Today"), "home_coordinator", "house-door"), find],
        "supervisor": [(_("My leaders"), "home_supervisor", "people"), find],
        "institution": [(_("Overview"), "home_institution", "house-door"), find],
        "staff": [(_("Home"), "home_staff", "house-door"), find],
    }
    return links[role]


def _items(request: HttpRequest, links: list[Link]) -> list[NavItem]:
    """Items in order; the longest address that starts this page's is the current one."""
    found = [(label, reverse(name), icon) for label, name, icon in links]
    here = max((url for _label, url, _icon in found if _is_within(request.path, url)), key=len, default="")
    # A phone's bar holds four: a fourth of ours comes after Support (70), which must be one tap away.
    return [
        NavItem(label, url, icon, url == here, order=10 + n if n < 3 else 80)
        for n, (label, url, icon) in enumerate(found)
    ]


def _is_within(path: str, url: str) -> bool:
    return path == url if url in {"/"} or url.startswith("/home/") else path.startswith(url)


def _switch(request: HttpRequest, role: str, current: str, place: int) -> NavItem:
    """The way to another role; it remembers this page, so that coming back leads here again."""
    query = urlencode({"was": current, "from": request.get_full_path()}, safe="/?=")
    home = HOMES[role]
    url = f"{reverse('home_as', args=[role])}?{query}"
    return NavItem(str(home.label), url, home.icon, role == current, order=1 + place)

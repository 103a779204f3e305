import itertools
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path

from tests.bench.baseline.models import Lesson, Mark, Meeting, Tick


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def q1(request: HttpRequest) -> HttpResponse:
    return render(request, "floor/page.html", {"meetings": Meeting.objects.order_by("pk")[:20]})


def grid(request: HttpRequest, programme: int) -> HttpResponse:
    """The plainest grid of who was where: people down, lessons across, one loop in a template, nothing to edit."""
    lessons = list(Lesson.objects.filter(programme=programme).order_by("held_on"))
    marks: dict[int, dict[int, Any]] = defaultdict(dict)
    for person, lesson, status in Mark.objects.filter(programme=programme).values_list("person", "lesson_id", "status"):
        marks[person][lesson] = status
    rows = [(person, [mine.get(one.pk, "") for one in lessons]) for person, mine in sorted(marks.items())]
    return render(request, "floor/grid.html", {"lessons": lessons, "rows": rows})


def export(request: HttpRequest) -> StreamingHttpResponse:
    columns = ("person", "number", "meeting__title", "week", "status", "minutes")

    def lines() -> Iterator[str]:
        yield ",".join(columns) + "\r\n"
        rows = Tick.objects.order_by("pk").values_list(*columns).iterator(chunk_size=5000)
        while block := list(itertools.islice(rows, 1000)):  # a write to the socket for every line would be no floor
            yield "".join(",".join(map(str, row)) + "\r\n" for row in block)

    return StreamingHttpResponse(lines(), content_type="text/csv")


urlpatterns = [path("plain/", plain), path("q1/", q1), path("grid/<int:programme>/", grid), path("export/", export)]

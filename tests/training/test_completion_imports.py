"""Completions from Canvas and Moodle: what is read, what the check says, once, and taken back."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from peerhub.accounts.models import ExternalId
from peerhub.common.models import AuditEvent
from programmes.rosters.errors import Refusal, RosterError
from tests import factories as make
from tests.factories import NOW, in_days, in_hours
from training.models import Completion, CompletionImport
from training.rosters.values import DONE, NOT_DONE, PASSED, Value, read_day, read_value
from training.services import completion_imports as imports
from training.services.completion_imports import ImportRefused, ModuleColumn, lines_of, seal_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 20)

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Safeguarding quiz (4711),Current Score\n"
    ",,,,,Manual Posting,\n"
    "    Points Possible,,,,,20,(read only)\n"
    '"Okafor, Amara",1,0041,amara.okafor@student.aberwen.ac.uk,A,18,90\n'
    '"Okafor, Amara",1,0041,amara.okafor@student.aberwen.ac.uk,B,18,90\n'
    '"Rees, Tomos",2,0042,tomos.rees@student.aberwen.ac.uk,A,15,75\n'
    '"Nobody, Nora",3,0099,nora@student.aberwen.ac.uk,A,20,100\n'
    '"Vaughan, Wyn",4,0043,,A,21,105\n'
    '"Vaughan, Wyn",4,0043,,B,EX,\n'
    '"Student, Test",5,,f00,A,20,100\n'
)
MOODLE_PROGRESS = (
    ',"ID number","Email address","Role and boundaries",""\n'
    '"Amara Okafor","0041","AMARA.OKAFOR@student.aberwen.ac.uk","Completed","Tuesday, 20 October 2026, 10:32 AM"\n'
    '"Tomos Rees","0042","tomos.rees@student.aberwen.ac.uk","Not completed",""\n'
    '"Wyn Vaughan","0043","","Completed","Friday, 20 November 2026, 9:05 AM"\n'
)
MOODLE_GRADES = (
    '"First name",Surname,"ID number",Institution,Department,"Email address","Quiz: Safeguarding quiz (Percentage)",'
    '"Last downloaded from this course"\n'
    "Amara,Okafor,0041,,,amara.okafor@student.aberwen.ac.uk,90.00 %,1792486800\n"
    "Tomos,Rees,0042,,,rhian.pugh@aberwen.ac.uk,-,1792486800\n"
)


@pytest.fixture
def here():
    """Rhian coordinates; Amara, Tomos and Wyn lead; a quiz and a module to read belong to the programme."""
    cycle = make.CycleFactory()
    people = {}
    for number, (given, family) in enumerate((("Amara", "Okafor"), ("Tomos", "Rees"), ("Wyn", "Vaughan")), 41):
        email = f"{given}.{family}@student.aberwen.ac.uk".lower() if given != "Wyn" else None
        user = make.UserFactory(given_name=given, family_name=family, email=email)
        ExternalId.objects.create(user=user, source="records", value=f"00{number}")
        make.MembershipFactory(cycle=cycle, user=user, role="leader")
        people[given.lower()] = user
    rhian = make.UserFactory(given_name="Rhian", email="rhian.pugh@aberwen.ac.uk")
    make.MembershipFactory(cycle=cycle, user=rhian, role="coordinator")
    quiz = make.ModuleFactory(
        owner=cycle.programme, title="Safeguarding quiz", assessment="quiz", pass_mark=80, valid_months=12
    )
    read = make.ModuleFactory(owner=cycle.programme, title="Role and boundaries")
    return {"cycle": cycle, "rhian": rhian, "quiz": quiz, "read": read, **people}


def upload(here, text, name="grades.csv", **more):
    file = SimpleUploadedFile(name, text.encode())
    return imports.upload_completions(
        **{"actor": here["rhian"], "cycle": here["cycle"], "file": file, "name": name, "now": NOW, **more}
    )


def check(here, row, module="quiz", *, on=DAY, enough=80, out_of="20", now=NOW, **more):
    with imports.opened(row) as sheet:
        column = sheet.results[0].place
        said = {"identifier": sheet.identifier, "email": sheet.email, "source": "records"}
        chosen = ModuleColumn(here[module].uuid, column, Decimal(out_of), enough, sheet.day_beside(column))
    about = {"actor": here["rhian"], "import_id": row.pk, "modules": [chosen], "on": on, "now": now}
    return imports.check_completions(**{**said, **about, **more})


def record(here, row, *, now=NOW, **more):
    return imports.import_completions(
        **{"actor": here["rhian"], "import_id": row.pk, "seen": seal_of(lines_of(row)), "now": now, **more}
    )


def outcomes(row):
    return {(one.row, one.outcome) for one in lines_of(row)}


# --- cells ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18", Value(Decimal(90))), ("18.0", Value(Decimal(90))), ("7,5", Value(Decimal("37.5"))),
        ("85.00 %", Value(Decimal(85))), ("0", Value(Decimal(0))), ("Completed", Value(word=DONE)),
        ("Completed (achieved pass grade)", Value(word=PASSED)), ("Not completed", Value(word=NOT_DONE)),
        ("Completed (did not achieve pass grade)", Value(word=NOT_DONE)), ("-", None), ("", None), ("EX", None),
    ],
)  # fmt: skip
def test_result_is_read_as_platforms_write_it(text, value):
    assert read_value(text, out_of=Decimal(20)) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [("21", "impossible"), ("-1", "impossible"), ("101 %", "impossible"), ("B+", "unreadable"), ("nan", "unreadable"),
     ("1e99", "unreadable"), ("=1+1", "unreadable")],
)  # fmt: skip
def test_score_that_cannot_be_is_refused(text, code):
    with pytest.raises(Refusal) as refused:
        read_value(text, out_of=Decimal(20))
    assert refused.value.code == code


@pytest.mark.parametrize(
    "text",
    ["2026-10-20", "20/10/2026", "Tuesday, 20 October 2026, 10:32 AM", "20/10/26, 10:32", "20 Oct 2026", "1792486800",
     "2026-10-20T10:32:00Z", "20/10/2026 10:32"],
)  # fmt: skip
def test_day_is_read_as_platforms_write_it(text):
    assert read_day(text) == DAY


# --- the check --------------------------------------------------------------------------------------------------------
def test_canvas_gradebook_is_known_and_checked(here):
    row = upload(here, CANVAS)
    with imports.opened(row) as sheet:
        assert (sheet.kind, sheet.identifier, sheet.email, sheet.results[0].out_of) == ("canvas", 2, 3, 20)
    row = check(here, row)
    assert outcomes(row) == {(4, "record"), (5, "there"), (6, "below"), (7, "unknown"), (8, "impossible")}
    assert row.counts == {"record": 1, "there": 1, "below": 1, "unknown": 1, "impossible": 1, "empty": 1}
    assert not Completion.objects.exists()


def test_moodle_activity_completion_says_the_day(here):
    row = check(here, upload(here, MOODLE_PROGRESS), "read", on=None, enough=100, out_of="100")
    assert row.kind == "moodle_progress"
    assert outcomes(row) == {(2, "record"), (3, "below"), (4, "future")}
    record(here, row)
    made = Completion.objects.get()
    assert (made.user, made.completed_on, made.score, made.import_row) == (here["amara"], DAY, None, 2)


def test_moodle_grades_give_shares_and_nothing_for_a_dash(here):
    row = upload(here, MOODLE_GRADES)
    with imports.opened(row) as sheet:
        assert (sheet.kind, sheet.downloaded_on) == ("moodle_grades", DAY)
    row = check(here, row, out_of="100")
    assert outcomes(row) == {(2, "record")}
    assert row.counts["empty"] == 1


def test_number_and_address_of_two_people_are_not_clear(here):
    row = check(here, upload(here, MOODLE_GRADES.replace(",-,", ",85 %,")), out_of="100")
    assert (3, "ambiguous") in outcomes(row)


def test_rows_that_contradict_each_other_are_not_clear(here):
    row = check(here, upload(here, CANVAS.replace(",B,18,90", ",B,19,95")))
    assert {(4, "ambiguous"), (5, "ambiguous")} <= outcomes(row)


def test_people_elsewhere_and_oneself_are_not_found(here):
    """Who has an account elsewhere looks like somebody without one; nobody imports their own."""
    ExternalId.objects.create(user=make.UserFactory(), source="records", value="0099")
    ExternalId.objects.create(user=here["rhian"], source="records", value="0007")
    row = check(here, upload(here, CANVAS.replace("2,0042,tomos.rees@student.aberwen.ac.uk,A,15", "2,0007,,A,20")))
    assert {(6, "own"), (7, "unknown")} <= outcomes(row)


def test_completed_is_no_passed_quiz(here):
    row = check(here, upload(here, MOODLE_PROGRESS), on=None, out_of="100")
    assert outcomes(row) == {(2, "unreadable"), (3, "below"), (4, "future")}


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("pass_too_low", {"enough": 50}),
        ("in_future", {"on": date(2027, 1, 1)}),
        ("no_day", {"on": None}),
        ("nobody", {"identifier": None, "email": None}),
        ("column", {"email": 99}),
        ("nothing_chosen", {"modules": []}),
        ("out_of", {"out_of": "0"}),
        ("not_here", {"module": "other"}),
        ("not_here", {"module": "seen"}),
    ],
)
def test_choice_that_makes_no_sense_is_refused(here, code, more):
    here["other"] = make.ModuleFactory()
    here["seen"] = make.ModuleFactory(owner=here["cycle"].programme, assessment="observed", criteria="Asks")
    row = upload(here, CANVAS)
    with pytest.raises(ImportRefused) as refused:
        check(here, row, **more)
    assert refused.value.code == code
    row.refresh_from_db()
    assert (row.state, row.columns) == ("uploaded", {})


def test_file_without_people_or_results_is_not_kept(here):
    for text, code in (("Name,Quiz\nAmara,3\n", "no_key"), ("Email,ID number\na@b.ac.uk,1\n", "no_results")):
        with pytest.raises(RosterError) as refused:
            upload(here, text)
        assert refused.value.code == code
    assert not CompletionImport.objects.exists()


# --- recording --------------------------------------------------------------------------------------------------------
def test_import_records_once_with_where_it_came_from(here):
    row = record(here, check(here, upload(here, CANVAS)))
    made = Completion.objects.get()
    assert (made.user, made.module, made.completed_on, made.score) == (here["amara"], here["quiz"], DAY, 90)
    assert (made.source, made.imported_from, made.import_row, made.evidence) == ("import", row, 4, "grades.csv, row 4")
    assert (made.expires_on, made.assessor, row.counts["recorded"]) == (date(2027, 10, 20), here["rhian"], 1)
    assert AuditEvent.objects.filter(action="training.completions_imported").count() == 1
    with pytest.raises(ImportRefused, match="wrong_state"):
        record(here, row)


def test_same_file_twice_changes_nothing(here):
    record(here, check(here, upload(here, CANVAS)))
    again = check(here, upload(here, CANVAS), on=date(2026, 10, 25))  # on another day, too: Canvas gives none
    assert (4, "there") in outcomes(again)
    with pytest.raises(ImportRefused, match="nothing_new"):
        record(here, again)
    assert Completion.objects.count() == 1


def test_file_without_days_does_not_renew_what_ran_out(here):
    make.CompletionFactory(
        user=here["amara"], module=here["quiz"], completed_on=date(2025, 9, 1), expires_on=date(2026, 9, 1)
    )
    assert (4, "ambiguous") in outcomes(check(here, upload(here, CANVAS)))
    assert (2, "record") in outcomes(check(here, upload(here, MOODLE_PROGRESS), "read", on=None))


def test_what_was_taken_back_by_hand_does_not_come_in_again(here):
    make.CompletionFactory(
        user=here["amara"], module=here["quiz"], completed_on=DAY, withdrawn_at=NOW, withdrawn_why="Helped along"
    )
    assert (4, "ambiguous") in outcomes(check(here, upload(here, CANVAS)))


def test_check_that_is_out_of_date_is_shown_again_first(here):
    row = check(here, upload(here, CANVAS))
    make.CompletionFactory(user=here["amara"], module=here["quiz"], completed_on=DAY)
    with pytest.raises(ImportRefused, match="changed"):
        record(here, row)
    assert Completion.objects.count() == 1


# --- taking back ------------------------------------------------------------------------------------------------------
def test_undo_takes_all_back_and_lets_the_file_in_again(here):
    row = record(here, check(here, upload(here, CANVAS)))
    undone = imports.undo_completions(actor=here["rhian"], import_id=row.pk, now=in_hours(1))
    assert undone.state == "undone"
    assert not Completion.objects.counting().exists()
    record(here, check(here, upload(here, CANVAS)))
    assert Completion.objects.counting().count() == 1


def test_undo_is_refused_once_somebody_has_led_on_its_strength(here):
    make.CurriculumFactory(cycle=here["cycle"], modules=[here["quiz"]])
    row = record(here, check(here, upload(here, CANVAS)))
    amara = here["cycle"].memberships.get(user=here["amara"])
    session = make.SessionFactory(cycle=here["cycle"], starts_at=in_days(2), ends_at=in_days(2.05), status="held")
    make.SessionLeaderFactory(session=session, membership=amara)
    with pytest.raises(ImportRefused, match="led_since"):
        imports.undo_completions(actor=here["rhian"], import_id=row.pk, now=in_days(3))
    assert Completion.objects.counting().count() == 1


def test_files_are_forgotten_after_thirty_days(here):
    row, idle = record(here, check(here, upload(here, CANVAS))), upload(here, CANVAS)
    stored = [row.file.name, idle.file.name]
    assert imports.forget_completion_files(now=in_days(29)) == 0
    assert imports.forget_completion_files(now=in_days(31)) == 2
    row.refresh_from_db()
    assert (row.file.name, lines_of(row), row.counts["recorded"]) == ("", [], 1)
    assert not CompletionImport.objects.filter(pk=idle.pk).exists()
    assert Completion.objects.get().imported_from == row
    assert len(stored) == 2


# --- the pages --------------------------------------------------------------------------------------------------------
def test_coordinator_imports_through_the_pages(here, client_of):
    client = client_of(here["rhian"])
    at = [here["cycle"].programme.slug, here["cycle"].code]
    file = SimpleUploadedFile("grades.csv", CANVAS.encode())
    client.post(reverse("training:import_create", args=at), {"file": file})
    row = CompletionImport.objects.get()
    columns = reverse("training:import_columns", args=[row.uuid])
    form = client.get(columns).context["form"]
    data = {name: field.initial for name, field in form.fields.items() if field.initial not in (None, False)}
    assert (data["column1"], data["out_of1"], data["enough1"]) == ("5", Decimal(20), 80)  # guessed by its name
    assert client.post(columns, data | {"on": "2027-01-01"}).status_code == 422
    client.post(columns, data | {"on": "2026-10-20"})
    page = client.get(reverse("training:import_detail", args=[row.uuid]))
    client.post(reverse("training:import_apply", args=[row.uuid]), {"seal": page.context["seal"]})
    assert Completion.objects.get().user == here["amara"]
    report = client.get(reverse("training:import_report", args=[row.uuid]))
    assert b"Nora" not in b"".join(report.streaming_content)
    assert client.get(reverse("training:import_undo", args=[row.uuid])).status_code == 200
    assert not default_storage.exists("completions/unknown")

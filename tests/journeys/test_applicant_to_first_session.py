"""Applicant to first session: the advert, an application from a phone, chosen without a name, trained, cleared, and the
first log; and no more of it from the day on which a module has run out, until it is passed again.

Only what time does is done behind the browser: applications close, a conversation is over, a session begins, a year
passes. Dates and hours of the day do not matter: what is planned is planned for days to come and begins when it is let.
"""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser import assert_accessible, assert_no_sideways_scrolling, become
from tests.live import Live

pytestmark = pytest.mark.journey

NAME, SLUG, CODE = "Chemistry tables", "chemistry-tables", "term"
WORKSPACE = f"/programmes/{SLUG}/{CODE}"
QUIZ, PRACTICE, HANDBOOK = "Boundaries at the table", "A table, simulated", "Handbook of the tables"
DEV = "Dev Patel"
# A programme of Rhian's that has what leaders need before they lead, a table of first-years, and nobody to lead it.
NOBODY_LEADS = f"""
from datetime import timedelta
from django.utils import timezone
from peerhub.accounts.models import User
from programmes.models import Programme
from tests import factories as make
from training.services import handbooks
from training.services.handbooks import NewHandbook, Publication, Words

now, today = timezone.now(), timezone.localdate()
old = Programme.objects.get(slug="pass-engineering")
programme = make.ProgrammeFactory(
    slug={SLUG!r}, name={NAME!r}, activity_type=old.activity_type, owner_unit=old.owner_unit
)
cycle = make.CycleFactory(
    programme=programme, code={CODE!r}, starts_on=today - timedelta(days=20), ends_on=today + timedelta(days=200),
    created_at=now,
)
rhian = User.objects.get(email="rhian.maddox@aberwen.ac.uk")
make.MembershipFactory(cycle=cycle, user=rhian, role="coordinator", is_point_person=True)
group = make.GroupFactory(cycle=cycle, name="Table 1", place="Chemistry 2")
cast = ["Amara", "Ben", "Dev", "Kai", "Maya"]
for user in User.objects.filter(kind="student", is_active=True).exclude(given_name__in=cast).order_by("-pk")[:3]:
    member = make.MembershipFactory(cycle=cycle, user=user)
    make.GroupMemberFactory(group=group, membership=member, started_at=now - timedelta(days=1))
quiz = make.ModuleFactory(owner=programme, title={QUIZ!r}, assessment="quiz", valid_months=12, created_at=now)
for number in (1, 2):
    make.QuizQuestionFactory(module=quiz, text=f"What do you do first, case {{number}}?", position=number)
practice = make.ModuleFactory(
    owner=programme, title={PRACTICE!r}, assessment="observed", criteria="Asks before telling\\nBrings everybody in",
    created_at=now,
)
curriculum = make.CurriculumFactory(cycle=cycle, created_at=now)
for place, module in enumerate((quiz, practice)):
    curriculum.entries.create(module=module, position=place, required_from=cycle.starts_on)
earlier = now - timedelta(days=3)
book = handbooks.create_handbook(
    actor=rhian, cycle_id=cycle.pk, new=NewHandbook("handbook", "leader", {HANDBOOK!r}), form_key=None, now=earlier
)
words = Words("Boundaries", "You are not a tutor. **Refer** what is not yours.")
handbooks.write_section(actor=rhian, handbook_id=book.pk, key=None, words=words, now=earlier)
handbooks.publish_version(
    actor=rhian, handbook_id=book.pk, how=Publication(is_major=True), now=earlier, today=earlier.date()
)
"""
TIME = "from datetime import timedelta\nfrom django.utils import timezone\nnow = timezone.now()\n"
ROUND = f"round__cycle__programme__slug={SLUG!r}"
CLOSES = f"""{TIME}
from training.models import RecruitmentRound
RecruitmentRound.objects.filter({ROUND.removeprefix("round__")}).update(closes_at=now - timedelta(seconds=5))
"""
TALKED = f"""{TIME}
from training.models import InterviewSlot
InterviewSlot.objects.filter({ROUND}, booked__isnull=False).update(
    starts_at=now - timedelta(minutes=30), ends_at=now - timedelta(minutes=10))
"""
# Of the sessions planned for the table the next one begins; nothing else of Dev's is on.
BEGINS = f"""{TIME}
from programmes.models import Session
first = Session.objects.filter(cycle__programme__slug={SLUG!r}, starts_at__gt=now).earliest("starts_at")
Session.objects.filter(pk=first.pk).update(starts_at=now - timedelta(minutes=2), ends_at=now + timedelta(hours=1))
print(first.uuid)
"""
A_YEAR_ON = f"""{TIME}
from training.models import Completion
day = timezone.localdate()
Completion.objects.filter(module__title={QUIZ!r}).update(
    completed_on=day - timedelta(days=367), expires_on=day - timedelta(days=1))
"""


def press(page: Page, name: "str | re.Pattern[str]", *, role: str = "button") -> None:
    """Press what is called `name` and wait for the page it leads to."""
    with page.expect_navigation():
        page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def in_days(number: int) -> str:
    return (date.today() + timedelta(days=number)).isoformat()


def choose(page: Page, group: "str | re.Pattern[str]", option: "str | re.Pattern[str]") -> None:
    """Of the radio buttons or tiles of a question, this one."""
    page.get_by_role("group", name=group).get_by_role("radio", name=option).first.check(force=True)


# --- the round --------------------------------------------------------------------------------------------------------
def advertise(page: Page) -> None:
    """Rhian writes what an applicant must know, what is asked and what it is scored by; then nothing of it changes."""
    become(page, "rhian")
    page.goto(f"{WORKSPACE}/recruitment/")
    press(page, "Write the advert", role="link")
    said = {
        "How many people do you look for?": "1",
        "Why this role exists": "First-years talk chemistry.",
        "What they will do": "One table a week.",
        "Hours and pattern": "Two hours a week, Tuesdays or Thursdays.",
        "Reward": "£12.60 an hour.",
        "Training dates": "A quiz at home, half an hour of practice.",
        "How people are chosen": "Two people score what you write, without your name.",
        "Adjustments": "Ask Rhian for another format or more time.",
        "Whom to ask": "Rhian Maddox",
        "Applications close on": in_days(5),
        "At": "12:00",
    }
    for label, text in said.items():
        page.get_by_label(label, exact=True).fill(text)
    press(page, "Save")
    press(page, "What applicants are asked", role="link")
    page.get_by_role("group", name="Question 1").get_by_label("Question", exact=True).fill("When did you help?")
    for number, name in enumerate(("Listens", "Is reliable"), start=1):
        page.get_by_role("group", name=f"Criterion {number}").get_by_label("Criterion", exact=True).fill(name)
    press(page, "Save")
    press(page, "Publish the advert")
    assert_accessible(page)
    press(page, "Who helps to choose", role="link")
    for address in ("maya.lindqvist@", "imran.sheikh@"):
        page.get_by_label("Name, e-mail or number").fill(address)
        press(page, "Find")
        press(page, re.compile("^Name them"))
    assert_accessible(page)


def apply(page: Page) -> None:
    """Dev, on his phone: from the programme's page to an application that has arrived. He gives his name away."""
    become(page, "dev")
    page.goto(f"/programmes/{SLUG}/")
    press(page, "What the role is", role="link")
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    press(page, "Apply", role="link")
    page.get_by_label(re.compile("When did you help")).fill(
        "I am Dev Patel. I asked my cousin what she saw, and waited."
    )
    expect(page.locator("#saved")).to_contain_text("Saved")  # by itself
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    press(page, "Send my application")
    expect(page.get_by_role("heading", name="Your application has arrived").first).to_be_visible()


def prepare(page: Page) -> None:
    """Applications have closed. Rhian reads what was written, and the copy that says nothing of who wrote it."""
    page.goto(f"{WORKSPACE}/recruitment/")
    press(page, "Prepare copies without names", role="link")
    page.locator("main .ph-task__name").first.click()
    copy = page.get_by_role("textbox", name=re.compile("The copy those who score read"))
    expect(copy).to_have_value(re.compile(r"I am \[name\]"))
    copy.fill(copy.input_value().replace("my cousin", "somebody"))
    press(page, "Give the copy to those who score")
    expect(page.get_by_text("Prepared.").first).to_be_visible()


def score(page: Page, key: str, home: str, values: dict[str, str]) -> None:
    """Who helps finds it among what waits, sees a code and no name, scores and locks."""
    become(page, key)
    page.goto(home)
    press(page, re.compile(f"Score 1 application: {NAME}"), role="link")
    press(page, "Go on scoring", role="link")
    main = page.get_by_role("main")
    expect(main).to_contain_text("and waited")
    expect(main).not_to_contain_text(re.compile("Dev|Patel|cousin"))
    assert_accessible(page)
    for criterion, value in values.items():
        choose(page, re.compile(f"^{criterion}"), re.compile(f"^{value}"))
        page.get_by_role("textbox", name=re.compile(criterion)).fill("They asked first, and say so.")
    press(page, "Lock my scores")
    expect(page.get_by_text("Locked.").first).to_be_visible()
    assert page.request.get(f"{WORKSPACE}/recruitment/applications/").status == 404, "no way to who it is"


def shortlist(page: Page) -> None:
    """They are two apart: Rhian records what they agree on, decides by one number, and only then sees who it is."""
    page.goto(f"{WORKSPACE}/recruitment/")
    press(page, "The shortlist", role="link")
    expect(page.get_by_text("1 application has scores two or more apart")).to_be_visible()
    page.goto(f"{WORKSPACE}/recruitment/applications/")
    page.locator("main .ph-task__name").first.click()
    expect(page.get_by_role("main")).not_to_contain_text(re.compile("Dev|Patel"))
    page.get_by_label(re.compile("Agreed score.*Listens")).select_option("3")
    page.get_by_label(re.compile("What they agreed on.*Listens")).fill("The last sentence shows it.")
    press(page, "Record")
    assert_accessible(page)
    page.goto(f"{WORKSPACE}/recruitment/shortlist/")
    page.get_by_label(re.compile("Points of 100")).fill("50")
    press(page, "See who that would be")
    press(page, "Decide: from 50 points")
    press(page, "Show the names on the shortlist")
    press(page, "Times to talk", role="link")
    page.get_by_label("Day", exact=True).fill(in_days(2))
    page.get_by_label("From", exact=True).fill("15:00")
    page.get_by_label("How many, one after the other").fill("2")
    page.get_by_label("Where").fill("Chemistry 1.04")
    press(page, "Add them")
    press(page, "Invite them all")


def book(page: Page) -> None:
    """Dev chooses a time to talk."""
    page.goto("/home/student/")
    press(page, f"Choose a time to talk: {NAME}", role="link")
    page.get_by_role("radio", name=re.compile("15:00")).first.check(force=True)
    press(page, "Take this time")
    expect(page.get_by_text("Chemistry 1.04").first).to_be_visible()
    assert_accessible(page)
    assert_no_sideways_scrolling(page)


def offer(page: Page) -> None:
    """They have talked. Rhian offers him the role."""
    page.goto(f"{WORKSPACE}/recruitment/offers/")
    press(page, DEV, role="link")
    page.get_by_label(re.compile("^Notes")).fill("Waits before he answers.")
    press(page, "Yes, we talked")
    press(page, DEV, role="link")
    press(page, "Offer the role")
    expect(page.get_by_text("to answer by").first).to_be_visible()


def accept(page: Page) -> None:
    page.goto("/home/student/")
    press(page, f"The role is yours if you want it: {NAME}", role="link")
    press(page, "Yes, I will lead")
    expect(page.get_by_text("You are in.").first).to_be_visible()


# --- before anybody meets students ------------------------------------------------------------------------------------
def put_in_charge(page: Page) -> None:
    page.goto(f"{WORKSPACE}/groups/")
    press(page, "Table 1", role="link")
    page.get_by_label(DEV).first.check(force=True)
    press(page, "Put in those ticked")


def refused_yet(page: Page) -> None:
    """Nobody who is not cleared is put in charge; what is missing is said, and where."""
    put_in_charge(page)
    expect(page.get_by_text(re.compile(f"{DEV}.*{QUIZ}|{QUIZ}.*not complete")).first).to_be_visible()
    press(page, "Recruit and train", role="link")
    press(page, "Who is ready", role="link")
    expect(page.get_by_text("0 of 1 person who leads is cleared").first).to_be_visible()
    assert_accessible(page)


def answer(page: Page, option: str) -> None:
    for legend in page.locator("fieldset.ph-field legend").all_inner_texts():
        choose(page, legend, option)
    press(page, "Hand it in")


def train(page: Page) -> None:
    """A quiz not passed, read again, and passed."""
    page.goto("/home/leader/")
    press(page, "Look at what you need to lead", role="link")
    assert_accessible(page)
    press(page, QUIZ, role="link")
    press(page, "Begin the quiz")
    assert_accessible(page)
    answer(page, "Wrong")
    expect(page.get_by_role("heading", name="Not passed yet")).to_be_visible()
    press(page, QUIZ, role="link")
    press(page, "Begin the quiz")
    answer(page, "Right")
    expect(page.get_by_role("heading", name="You have passed")).to_be_visible()
    assert_no_sideways_scrolling(page)


def observe(page: Page) -> None:
    """Rhian has watched a table he ran for three colleagues."""
    page.goto(f"{WORKSPACE}/training/")
    press(page, DEV, role="link")
    press(page, re.compile("^Record an observation"), role="link")
    page.get_by_label("Observed on").fill(date.today().isoformat())
    for criterion in ("Asks before telling", "Brings everybody in"):
        choose(page, re.compile(criterion), "3, well")
    choose(page, re.compile("Is it good enough to lead"), "Yes")
    page.get_by_label("Feedback").fill("You wait. Next: name what went well.")
    assert_accessible(page)
    page.locator("main form .btn-primary").last.click()
    expect(page.get_by_text(HANDBOOK).first).to_be_visible()  # the last thing that is missing


def read_the_handbook(page: Page) -> None:
    page.goto("/home/leader/")
    press(page, f"Read “{HANDBOOK}”", role="link")
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    press(page, "I have read it")
    expect(page.get_by_text(re.compile("You read version")).first).to_be_visible()


# --- sessions ---------------------------------------------------------------------------------------------------------
def plan(page: Page, days: int) -> None:
    page.goto(f"{WORKSPACE}/sessions/new/")
    page.get_by_label(re.compile("^Group")).select_option(label="Table 1")
    page.get_by_label("Day", exact=True).fill(in_days(days))
    page.get_by_label("From", exact=True).fill("15:00")
    page.get_by_label("To", exact=True).fill("16:00")
    press(page, "Plan it")
    anyway = page.get_by_role("button", name="Plan it anyway")  # a closed day, another of his sessions
    if anyway.count():
        with page.expect_navigation():
            anyway.click()


def log(page: Page, session: str) -> None:
    """On his phone, in the room."""
    page.goto(f"/sessions/{session}/")
    press(page, "Log it", role="link")
    assert_accessible(page)
    assert_no_sideways_scrolling(page)
    page.get_by_role("button", name="Everyone was here").tap()
    press(page, "Save log")
    expect(page.get_by_text("Saved. 3 people were here.")).to_be_visible()


def refused_again(page: Page, site: Live, session: str) -> None:
    """The sheet was open when the module ran out: pressing says so, and nothing is saved until he has passed again."""
    page.goto(f"/sessions/{session}/log/")
    page.get_by_role("button", name="Everyone was here").tap()
    site.shell(A_YEAR_ON)
    page.watch.expected = ("422",)  # type: ignore[attr-defined]
    press(page, "Save log")
    expect(page.get_by_text(re.compile("You are not cleared to lead")).first).to_be_visible()
    page.goto(f"/sessions/{session}/log/")
    expect(page.get_by_role("button", name="Save log")).to_have_count(0)
    assert_accessible(page)


def pass_again(page: Page) -> None:
    """From the sheet to what has run out; it comes back by itself."""
    press(page, re.compile(f"{QUIZ}.*ran out"), role="link")
    press(page, "Begin the quiz")
    answer(page, "Right")
    expect(page.get_by_role("heading", name="You have passed")).to_be_visible()


def seen_by_rhian(page: Page, *, ready: int) -> None:
    page.goto(f"{WORKSPACE}/ready/")
    expect(page.get_by_role("main")).to_contain_text(f"{ready} of 1 person who leads is cleared")


def test_an_applicant_is_chosen_without_a_name_trained_cleared_and_leads(
    desktop: Page, phone: Page, demo_site: Live
) -> None:
    demo_site.shell(NOBODY_LEADS)
    advertise(desktop)
    apply(phone)
    demo_site.shell(CLOSES)
    prepare(desktop)
    score(desktop, "maya", "/home/student/", {"Listens": "4", "Is reliable": "2"})
    score(desktop, "imran", "/home/supervisor/", {"Listens": "2", "Is reliable": "3"})
    become(desktop, "rhian")
    shortlist(desktop)
    book(phone)
    demo_site.shell(TALKED)
    offer(desktop)
    accept(phone)
    refused_yet(desktop)
    train(phone)
    observe(desktop)
    read_the_handbook(phone)
    seen_by_rhian(desktop, ready=1)
    put_in_charge(desktop)
    plan(desktop, 1)
    plan(desktop, 2)
    log(phone, demo_site.shell(BEGINS))
    second = demo_site.shell(BEGINS)
    refused_again(phone, demo_site, second)
    seen_by_rhian(desktop, ready=0)
    pass_again(phone)
    log(phone, second)

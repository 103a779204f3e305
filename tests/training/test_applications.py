"""Applying: saved, sent once and in time, withdrawn; found by nobody else."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from peerhub.common import mail, stages
from peerhub.common.models import AuditEvent
from peerhub.common.models.outbox import Message
from tests.factories import NOW, in_days
from tests.training.recruiting import CLOSES, LATER, apply, letters_to, open_round, refused, said, state
from training.models import Answer, Application, ApplicationEvent
from training.services import applications, round_sweep
from training.services.applications import Said

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def round_(world):
    return open_round(world.cycle)


def save(round_, who, words=None, now=NOW):
    return applications.save_application(actor=who, round_id=round_.pk, said=words or said(round_), now=now)


def withdraw(application, now=NOW, reason=""):
    return applications.withdraw_application(
        actor=application.applicant, application_id=application.pk, reason=reason, now=now
    )


def test_save_keeps_a_draft_that_only_its_writer_sees(round_, world):
    draft = save(round_, world.ben)
    save(round_, world.ben, Said(answers={round_.questions.first().pk: "Better"}))
    assert sorted(Answer.objects.values_list("text", flat=True)) == ["Better", "I asked what they saw, and listened."]
    assert state(draft) == "draft"
    assert Application.objects.visible_to(world.ben).count() == 1
    assert not Application.objects.visible_to(world.rhian).exists()
    assert not Message.objects.exists()


def test_submit_sends_once_and_confirms(round_, world):
    sent = apply(round_, world.ben)
    assert apply(round_, world.ben) == sent
    assert list(ApplicationEvent.objects.values_list("came_from", "to", "by")) == [
        ("", "draft", world.ben.pk),
        ("draft", "submitted", world.ben.pk),
    ]
    letter = letters_to(world.ben)["application_received"]
    assert sent.code in letter.text
    assert Message.objects.filter(channel="email").count() == 1
    assert Message.objects.filter(cycle_id=world.cycle.pk).count() == 0  # who coordinates sees mail of the cycle


def test_nothing_arrives_at_the_closing_moment_or_after(round_, world):
    assert state(apply(round_, world.ben, now=CLOSES - SECOND)) == "submitted"
    assert refused(apply, round_, world.zoe, now=CLOSES) == "closed"
    assert refused(save, round_, world.zoe, now=CLOSES + SECOND) == "closed"
    assert Application.objects.count() == 1


def test_submit_refuses_what_is_not_whole_or_too_long(round_, world):
    first, second = round_.questions.order_by("position")
    assert refused(apply, round_, world.ben, text=" ") == "incomplete"
    words = Said(answers={first.pk: "x", second.pk: "word " * 51})
    call = applications.submit_application
    assert refused(call, actor=world.ben, round_id=round_.pk, said=words, now=NOW) == "too_long"
    assert not Application.objects.exists()


def test_submit_asks_how_somebody_meets_what_is_asked_for(world):
    round_ = open_round(world.cycle, eligibility="Passed ENG1001.")
    assert refused(apply, round_, world.ben) == "incomplete"
    assert state(apply(round_, world.ben, eligibility_note="Passed in June.")) == "submitted"


def test_answers_to_questions_of_another_round_are_left_out(round_, world):
    other = open_round(world.other_cycle)
    save(round_, world.ben, said(other))
    assert not Answer.objects.exists()


def test_whoever_coordinates_does_not_apply(round_, world):
    assert refused(apply, round_, world.rhian) == "chooses"


def test_withdraw_and_send_again_until_it_closes(round_, world):
    sent = apply(round_, world.ben)
    withdraw(sent, reason="No time")
    assert state(withdraw(sent)) == "withdrawn"  # pressed twice
    assert letters_to(world.ben)["application_withdrawn"].text.count("send it again") == 1
    assert isinstance(letters_to(world.ben)["application_received"], mail.NotWanted)
    assert state(apply(round_, world.ben)) == "submitted"
    assert Application.objects.count() == 1
    withdraw(sent, now=CLOSES)
    assert refused(apply, round_, world.ben, now=CLOSES) == "closed"
    assert ApplicationEvent.objects.filter(to="withdrawn", reason="No time").count() == 1


def test_drafts_lapse_when_it_closes_and_nobody_is_written_to(round_, world):
    draft, sent = save(round_, world.ben), apply(round_, world.zoe)
    assert round_sweep.lapse_drafts(now=CLOSES - SECOND) == 0
    assert round_sweep.lapse_drafts(now=CLOSES) == 1
    assert round_sweep.lapse_drafts(now=CLOSES) == 0
    assert (state(draft), state(sent)) == ("lapsed", "submitted")
    assert not Message.objects.filter(recipient=world.ben).exists()
    assert ApplicationEvent.objects.get(to="lapsed").by is None


def test_the_code_tells_nothing_and_is_unique(round_):
    codes = {apply(round_).code for _ in range(5)}
    assert len(codes) == 5
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.update(code="Same 1")


def test_the_timeline_and_the_list_name_nobody(round_, world, client_of, frozen):
    sent = apply(round_, world.dev)
    address = [world.programme.slug, world.cycle.code]
    pages = ("training:recruitment", "training:application_list", "training:applications_export")
    early = client_of(world.rhian)
    one = reverse("training:application_review", args=[*address, sent.uuid])
    assert early.get(one).status_code == 404
    for name in pages:  # nobody watches codes come in
        response = early.get(reverse(name, args=address))
        assert sent.code.encode() not in (
            b"".join(response.streaming_content) if response.streaming else response.content
        )
    frozen.move_to(LATER)
    client = client_of(world.rhian)
    assert client.get(one).status_code == 200
    for name in (*pages, "programmes:cycle_timeline", "programmes:message_list"):
        response = client.get(reverse(name, args=address))
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert response.status_code == 200
        assert b"Patel" not in body
        assert world.dev.email.encode() not in body
        if name in pages[1:]:
            assert sent.code.encode() in body
    assert AuditEvent.objects.filter(action="training.application_submitted").exists()


def test_apply_on_the_page_without_a_script(round_, world, client_of, frozen):
    client = client_of(world.dev)
    at = reverse("training:application_edit", args=[world.programme.slug, world.cycle.code])
    half = {"answer_1": "I listened.", "action": "save"}
    assert client.post(at, half).status_code == 302
    assert "I listened." in client.get(at).content.decode()
    wrong = client.post(at, half | {"action": "send"})
    assert wrong.status_code == 422
    assert Answer.objects.get(question__position=1).text == "I listened."
    whole = half | {"answer_2": "Because.", "action": "send"}
    done = client.post(at, whole)
    own = Application.objects.get()
    assert done.url == reverse("training:application_sent", args=[own.uuid])
    assert own.code in client.get(done.url).content.decode()
    assert client.post(at, whole).url == reverse("training:application_detail", args=[own.uuid])
    assert Message.objects.filter(channel="email").count() == 1


def test_typing_saves_by_itself_and_says_so(round_, world, client_of, frozen):
    client = client_of(world.dev)
    at = reverse("training:application_edit", args=[world.programme.slug, world.cycle.code])
    reply = client.post(at, {"answer_1": "Half a"}, headers={"HX-Request": "true"})
    assert "Saved at" in reply.content.decode()
    frozen.move_to(CLOSES)
    client = client_of(world.dev)
    late = client.post(at, {"answer_1": "Half a sentence"}, headers={"HX-Request": "true"})
    assert "closed" in late.content.decode()
    assert Answer.objects.get(question__position=1).text == "Half a"
    assert client.post(at, {"answer_1": "x", "action": "send"}).status_code == 409


def test_another_persons_application_is_not_there(round_, world, client_of, frozen):
    sent = apply(round_, world.ben)
    for name in ("training:application_detail", "training:application_sent", "training:application_withdraw"):
        for who in (world.dev, world.rhian, world.sam):
            assert client_of(who).get(reverse(name, args=[sent.uuid])).status_code == 404


def test_todo_while_a_draft_can_be_sent(round_, world):
    save(round_, world.ben)
    titles = [one.code for one in stages.todos(world.ben, NOW)]
    assert "application_draft" in titles
    assert "application_draft" not in [one.code for one in stages.todos(world.ben, CLOSES)]


def test_export_tells_everything_and_erasure_leaves_nothing(round_, world):
    apply(round_, world.zoe, text="My own story.", adjustments="A quiet room")
    held = next(one for one in stages.export(world.zoe) if str(one.section) == "Applications to lead")
    assert "My own story." in str(held.rows)
    assert "A quiet room" in str(held.rows)
    with transaction.atomic():
        stages.erase(world.zoe, NOW)
    assert not any(model.objects.exists() for model in (Application, Answer, ApplicationEvent))


def test_sent_page_leads_on_when_it_is_over(round_, world, client_of, frozen):
    sent = apply(round_, world.ben, now=in_days(-1))
    withdraw(sent)
    reply = client_of(world.ben).get(reverse("training:application_sent", args=[sent.uuid]))
    assert reply.url == reverse("training:application_detail", args=[sent.uuid])

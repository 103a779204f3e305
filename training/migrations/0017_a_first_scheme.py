"""A ladder to begin with, as data: three levels with the hours that CRLA publishes for tutors. It comes closed; who
keeps the shared training site opens it, or writes another.
"""

from uuid import UUID

from django.db import migrations
from django.db.models import ProtectedError
from django.utils import timezone

SCHEME = UUID("0b6a3f52-7f0e-4f6c-9d5b-3f7a5f0c1e21")
SOURCE = (
    "Hours as CRLA publishes them for level 1 of its International Tutor Training Program Certification (10 hours, 6 of "
    "them live, 25 hours of tutoring; www.crla.net), added up for levels 2 and 3. Topics in our own words. CRLA "
    "certifies training programmes, not people: a level granted here is the institution’s own."
)
LEVELS = (
    ("Peer leader, level 1", 10, 6, 25, (
        "Role and boundaries", "First and last meetings", "Listening and asking", "Learning strategies",
        "Setting goals", "Referring on", "Confidentiality and ethics", "Inclusion", "Keeping records",
        "When it gets difficult",
    )),
    ("Peer leader, level 2: advanced", 20, 12, 50, (
        "How groups work", "Observing and being observed", "Different needs", "Leading online",
    )),
    ("Peer leader, level 3: master", 30, 18, 75, (
        "Supporting new leaders", "Designing training", "Reviewing one’s own practice",
    )),
)  # fmt: skip


def write(apps, schema_editor):
    scheme = apps.get_model("training", "CertificationScheme").objects.create(
        uuid=SCHEME,
        title="Peer leader certification",
        summary="Three levels of training and leading, after what is usual in North America.",
        source=SOURCE,
        closed_at=timezone.now(),
        created_at=timezone.now(),
    )
    for number, (title, hours, live, led, topics) in enumerate(LEVELS, 1):
        level = apps.get_model("training", "CertificationLevel").objects.create(
            scheme=scheme, number=number, title=title, hours=hours, live_hours=live, experience_hours=led
        )
        topic = apps.get_model("training", "CertificationTopic")
        topic.objects.bulk_create(
            topic(level=level, title=words, position=position) for position, words in enumerate(topics)
        )


def take_back(apps, schema_editor):
    """As long as nobody was granted a level of it."""
    for scheme in apps.get_model("training", "CertificationScheme").objects.filter(uuid=SCHEME):
        try:
            apps.get_model("training", "CertificationLevel").objects.filter(scheme=scheme).delete()
            scheme.delete()
        except ProtectedError:
            continue


class Migration(migrations.Migration):
    dependencies = [("training", "0016_development_log")]

    operations = [migrations.RunPython(write, take_back)]

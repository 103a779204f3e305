"""What joining needs: invitations with their sending, lists to confirm, queues by age."""

import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0003_session_log_version"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="activitytype",
            name="members_see_each_other",
            field=models.BooleanField(
                default=True,
                help_text="Off for communities where being in is itself private.",
                verbose_name="members see who else is in their group",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="reminded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="invitation",
            name="row",
            field=models.PositiveIntegerField(blank=True, help_text="Its row in the batch's file.", null=True),
        ),
        migrations.AddField(
            model_name="invitation",
            name="sent_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="invitationbatch",
            name="confirmed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="invitationbatch",
            name="rows",
            field=models.JSONField(
                blank=True, default=list, help_text="Rows read and not yet confirmed: number, address, name."
            ),
        ),
        migrations.AlterField(
            model_name="invitelink",
            name="version",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name="membership",
            name="waiting_since",
            field=models.DateTimeField(
                blank=True, help_text="Since when for a decision, or on the waiting list for a place.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(fields=["email", "status"], name="invitation_by_email"),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(fields=["status", "sent_at"], name="invitation_by_age"),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(fields=["status", "waiting_since"], name="membership_by_queue"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="invitation_email_lower_case",
            ),
        ),
    ]

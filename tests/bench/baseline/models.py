from django.db import models


class Meeting(models.Model):
    title = models.CharField(max_length=120)
    held_on = models.DateField(db_index=True)

    class Meta:
        app_label = "baseline"


class Tick(models.Model):
    """As many columns as an attendance export has."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE)
    person = models.CharField(max_length=80)
    number = models.CharField(max_length=20)
    week = models.DateField()
    status = models.CharField(max_length=10)
    minutes = models.SmallIntegerField()

    class Meta:
        app_label = "baseline"


class Lesson(models.Model):
    programme = models.IntegerField(db_index=True)
    title = models.CharField(max_length=120)
    held_on = models.DateField(db_index=True)

    class Meta:
        app_label = "baseline"


class Mark(models.Model):
    """Who was at a lesson: what the floor's grid shows."""

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE)
    programme = models.IntegerField(db_index=True)
    person = models.IntegerField()
    status = models.CharField(max_length=1)

    class Meta:
        app_label = "baseline"

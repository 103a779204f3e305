"""Searches of the catalogue that found nothing: words and how many looked for them in a week, and never who.

Words are counted once a person and week. To know that, a mark is kept while the week lasts: a seal over the person and
the words, made with a key drawn by chance for that one week. When the week is over the key goes, and the marks with it
(`services.searches.forget_searches`): from then on nothing in the database, nor in the secret key, leads from words to
a person, and marks in an old backup are noise unless the backup is of that very week.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

WORDS_LENGTH = 60


class EmptySearch(models.Model):
    """Words that found nothing in one week, and how many different people looked; what few looked for stays unsaid."""

    week_on = models.DateField()
    words = models.CharField(max_length=WORDS_LENGTH)
    searchers = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("search that found nothing")
        verbose_name_plural = _("searches that found nothing")
        constraints = [
            models.UniqueConstraint(fields=["week_on", "words"], name="empty_search_once"),
            models.CheckConstraint(name="empty_search_has_words", condition=~Q(words="")),
        ]

    def __str__(self) -> str:
        return self.words


class SearchKey(models.Model):
    """The key of one week, drawn by chance and thrown away when the week is over."""

    week_on = models.DateField(unique=True)
    key = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.week_on}"


class SearchMark(models.Model):
    """Somebody has looked for something this week: whom and what for, only this week's key could tell."""

    week_on = models.DateField()
    mark = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"{self.week_on}"

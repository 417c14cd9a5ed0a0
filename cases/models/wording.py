"""What closed cases teach about words: which pairs of characters go with which class."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.category import Category


class ClassTally(models.Model):
    """Of how many closed cases a class has learned its words."""

    category = models.OneToOneField(
        Category, on_delete=models.CASCADE, primary_key=True, related_name="tally"
    )
    cases = models.PositiveIntegerField(_("件数"))

    def __str__(self) -> str:
        return str(self.category_id)


class ClassWord(models.Model):
    """In how many closed cases of a class two characters stood side by side."""

    gram = models.CharField(_("两个字"), max_length=4)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    cases = models.PositiveIntegerField(_("件数"))

    class Meta:
        verbose_name = _("案由用词")
        verbose_name_plural = _("案由用词")
        constraints = [models.UniqueConstraint(fields=["gram", "category"], name="class_word_once")]

    def __str__(self) -> str:
        return self.gram

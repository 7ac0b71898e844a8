"""What the desk keeps: views of lists that a person has saved."""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """Filters, search and order of a list under a name; a person sees their own only.

    A policy of the database says the same.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    list = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("user", "list", "name"), name="desk_one_view_of_a_name"
            ),
        )

    def __str__(self) -> str:
        return self.name

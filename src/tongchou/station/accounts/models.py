"""Users and the posts they hold: what a person may do comes from a post, never from the person."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongchou.station.access.roles import ROLE_NAMES, Role
from tongchou.station.places.models import Place, Unit
from tongchou.vocabulary.text import Text


class User(AbstractUser):
    """A person who signs in."""

    display_name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, blank=True)
    must_change_password = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.display_name or self.username

    def posts_today(self) -> "models.QuerySet[Post]":
        """Give the posts that the person holds today."""
        return self.posts.in_force().select_related("place", "unit")


class PostQuerySet(models.QuerySet["Post"]):
    """Posts, and which of them are in force."""

    def in_force(self) -> "PostQuerySet":
        """Give posts that have begun and not ended."""
        today = timezone.localdate()
        return self.filter(Q(ends__isnull=True) | Q(ends__gte=today), starts__lte=today)


class Post(models.Model):
    """A role at a place, and in a unit where the role belongs to one; dated."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="posts")
    role = models.CharField(max_length=16, choices=[(r.value, r.value) for r in Role])
    place = models.ForeignKey(Place, on_delete=models.PROTECT)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True)
    title_zh = models.CharField(max_length=80, blank=True)
    title_en = models.CharField(max_length=120, blank=True)
    starts = models.DateField(default=timezone.localdate)
    ends = models.DateField(null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.user} · {self.title.zh}"

    @property
    def title(self) -> Text:
        """The title of the post; made of role and place where none is given."""
        where = self.unit.name if self.unit else self.place.name
        role = ROLE_NAMES[Role(self.role)]
        return Text(
            zh=self.title_zh or f"{where.zh}{role.zh}",
            en=self.title_en or f"{role.en}, {where.en}",
        )

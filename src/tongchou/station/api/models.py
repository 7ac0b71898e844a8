"""What the interface keeps: tokens, answers to be repeated, counts of requests."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from tongchou.station.accounts.models import Post


class ApiToken(models.Model):
    """A token that stands for a post, with some of the post's actions; only its hash is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    actions = ArrayField(models.CharField(max_length=40))
    created = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    last_used = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "api_token"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"

    @property
    def pseudonym(self) -> str:
        """How the token is named in the audit trail."""
        return self.prefix

    @property
    def state(self) -> str:
        """Whether the token still opens anything: ``valid``, ``expired`` or ``revoked``."""
        if self.revoked is not None:
            return "revoked"
        return "valid" if self.expires > timezone.now() else "expired"


class Answer(models.Model):
    """The answer to a request that came with an idempotency key."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    created = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "api_answer"
        constraints = [models.UniqueConstraint(fields=["post", "key"], name="api_answer_once")]


class Usage(models.Model):
    """How many requests came from whom in a window of time."""

    who = models.CharField(max_length=80)
    window = models.BigIntegerField()
    requests = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "api_usage"
        constraints = [models.UniqueConstraint(fields=["who", "window"], name="api_usage_once")]

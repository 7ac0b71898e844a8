"""A person by pseudonym, and apart from it the one table that holds names."""

from django.db import models

from tongchou.station.access.managers import ScopedModel
from tongchou.station.access.pseudonyms import pseudonym
from tongchou.station.cases import scopes
from tongchou.station.cases.finding import words_index
from tongchou.station.cases.matching import blocks
from tongchou.station.places.models import PathField, Unit
from tongchou.station.places.names import word_key
from tongchou.vocabulary.text import Text


def new_person_number() -> str:
    """Give a pseudonym for a person."""
    return pseudonym("P")


class Sex(models.TextChoices):
    """Sexes, as in the data contract."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


SEX_NAMES = {
    "female": Text(zh="女", en="female"),
    "male": Text(zh="男", en="male"),
    "unknown": Text(zh="不详", en="unknown"),
}


class DocumentKind(models.TextChoices):
    """Kinds of identity documents."""

    RESIDENT = "resident"
    PASSPORT = "passport"
    PERMIT = "permit"
    OTHER = "other"


DOCUMENT_NAMES = {
    "resident": Text(zh="居民身份证", en="resident identity card"),
    "passport": Text(zh="护照", en="passport"),
    "permit": Text(zh="港澳台居民证件", en="Hong Kong, Macao or Taiwan resident permit"),
    "other": Text(zh="其他证件", en="other document"),
}


class PersonBound(ScopedModel):
    """Columns that say who may see a person: copies, so that no policy needs a join."""

    responsible_path = PathField(blank=True, default="")
    watch_path = PathField(blank=True, default="")
    residence_path = PathField(blank=True, default="")
    care_unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reported_by = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True


class Person(PersonBound):
    """Someone who is or was a case, a contact or an arrival under watch."""

    scope = scopes.PERSON

    pseudonym = models.CharField(max_length=40, unique=True, default=new_person_number)
    sex = models.CharField(max_length=8, choices=Sex.choices, default=Sex.UNKNOWN)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    occupation = models.CharField(max_length=60, blank=True)
    health_worker = models.BooleanField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.pseudonym


class Identity(PersonBound):
    """Name, document, telephone and address of a person: rows exist only for those who may see them.

    ``former`` keeps what was corrected, here and nowhere else, so that it goes when the row goes.
    """

    scope = scopes.IDENTITY

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="identity")
    name = models.CharField(max_length=80, blank=True)
    name_key = models.CharField(max_length=300, blank=True, editable=False)
    document_kind = models.CharField(
        max_length=10, choices=DocumentKind.choices, default=DocumentKind.RESIDENT
    )
    document_number = models.CharField(max_length=40, blank=True, db_index=True)
    phone = models.CharField(max_length=30, blank=True, db_index=True)
    address = models.CharField(max_length=200, blank=True)
    former = models.JSONField(default=list, blank=True)
    block_document = models.CharField(max_length=80, blank=True, editable=False, db_index=True)
    block_phone = models.CharField(max_length=80, blank=True, editable=False, db_index=True)
    block_name = models.CharField(max_length=80, blank=True, editable=False, db_index=True)
    block_near = models.CharField(max_length=80, blank=True, editable=False, db_index=True)

    class Meta:
        verbose_name_plural = "identities"
        indexes = [words_index("name_key", "identity_words")]

    def __str__(self) -> str:
        return self.name

    def save(self, **options: object) -> None:
        """Save, with the keys that search and the finding of duplicates look at."""
        self.set_keys()
        super().save(**options)

    def set_keys(self) -> None:
        """Make the keys anew; bulk loads call it for each row, with ``person`` at hand."""
        self.name_key = word_key(self.name)
        keys = blocks(
            name=self.name, document=self.document_number, phone=self.phone,
            birth_year=self.person.birth_year, sex=self.person.sex, path=self.residence_path,
        )  # fmt: skip
        for column, value in keys.columns().items():
            setattr(self, column, value)

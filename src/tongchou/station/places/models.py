"""Places as the station keeps them: one tree from the nation to the community grid, and units."""

from django.db import models

from tongchou.station.places.names import search_key
from tongchou.vocabulary.text import Text


class PathField(models.CharField):
    """A path of place codes, ``100000/420000/420100/``: a subtree is one range of the index.

    It is compared byte by byte (collation C), so that everything below a place lies between its
    path and the same path with the stroke replaced by the character after it.
    """

    def __init__(self, **options: object) -> None:
        options.setdefault("max_length", 100)
        options.setdefault("db_collation", "C")
        options.setdefault("db_index", True)
        super().__init__(**options)


def until(path: str) -> str:
    """Give the first string after everything below a path.

    >>> until("100000/420000/")
    '100000/4200000'
    """
    return path[:-1] + chr(ord("/") + 1)


class Level(models.TextChoices):
    """Levels of administration, highest first."""

    NATION = "nation"
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    GRID = "grid"


LEVEL_NAMES = {
    "nation": Text(zh="国家", en="nation"),
    "province": Text(zh="省级", en="province"),
    "prefecture": Text(zh="地级", en="prefecture"),
    "county": Text(zh="县级", en="county"),
    "grid": Text(zh="网格", en="grid"),
}


class Named(models.Model):
    """A thing with a name in both languages, found by either and by pinyin."""

    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    search = models.CharField(max_length=400, blank=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_zh

    @property
    def name(self) -> Text:
        """The name in both languages."""
        return Text(zh=self.name_zh, en=self.name_en)

    def save(self, **options: object) -> None:
        """Save, with the key that search looks at."""
        self.search = search_key(self.name_zh, self.name_en)
        super().save(**options)


class Place(Named):
    """A unit of administration. Public knowledge: everyone may read it, migrations and commands write it."""

    code = models.CharField(max_length=20, primary_key=True)
    level = models.CharField(max_length=12, choices=Level.choices, db_index=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = PathField(unique=True)
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    population = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ("path",)


class UnitKind(models.TextChoices):
    """Kinds of units; the first seven are those of ``facilities.kind`` in the data contract."""

    DESIGNATED = "designated"
    GENERAL = "general"
    FANGCANG = "fangcang"
    LABORATORY = "laboratory"
    DEPOT = "depot"
    QUARANTINE = "quarantine"
    FEVER_CLINIC = "fever_clinic"
    CENTRE = "centre"
    ENTERPRISE = "enterprise"
    OFFICE = "office"


UNIT_KIND_NAMES = {
    "designated": Text(zh="定点医院", en="designated hospital"),
    "general": Text(zh="综合医院", en="general hospital"),
    "fangcang": Text(zh="方舱医院", en="Fangcang shelter hospital"),
    "laboratory": Text(zh="实验室", en="laboratory"),
    "depot": Text(zh="物资库", en="depot"),
    "quarantine": Text(zh="集中隔离点", en="quarantine site"),
    "fever_clinic": Text(zh="发热门诊", en="fever clinic"),
    "centre": Text(zh="疾控中心", en="disease control centre"),
    "enterprise": Text(zh="企业", en="enterprise"),
    "office": Text(zh="机关单位", en="office"),
}


class Unit(Named):
    """A hospital, laboratory, depot, firm or office. Public knowledge, like places."""

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=16, choices=UnitKind.choices, db_index=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="units")
    path = PathField()
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("path", "code")

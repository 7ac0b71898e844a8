"""Write the data pack of an area: ``export_pack 360100 2030-03-01 FOLDER``."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tongchou.station.exchange.packs.write import write_pack
from tongchou.station.places.models import Place
from tongchou.vocabulary.errors import TongchouError


class Command(BaseCommand):
    """Write a pack folder that the sciences open."""

    help = "Write the data pack of an area at a cut-off."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name area, day and folder."""
        parser.add_argument("place")
        parser.add_argument("cut", type=date.fromisoformat)
        parser.add_argument("folder", type=Path)

    def handle(self, *, place: str, cut: date, folder: Path, **_: Any) -> None:
        """Write it and say what it holds."""
        found = Place.objects.filter(code=place).first()
        if found is None:
            raise CommandError(
                f"没有编号为 {place} 的地区。\nThere is no place with the code {place}."
            )
        try:
            manifest = write_pack(found, cut, folder)
        except TongchouError as error:
            raise CommandError(f"{error.text().zh}\n{error.text().en}") from error
        self.stdout.write(f"{folder}　{manifest.title.zh}　{manifest.title.en}")

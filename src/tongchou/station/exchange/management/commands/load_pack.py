"""Load a data pack into the station: ``load_pack exercise``, ``load_pack FOLDER``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tongchou.situation.library import FIRST_SEED, open_pack
from tongchou.station.exchange.packs.load import load_pack
from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Text


class Command(BaseCommand):
    """Load a pack; a second load of the same pack writes nothing."""

    help = "Load a data pack by name or folder."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the pack."""
        parser.add_argument("pack")
        parser.add_argument("--seed", type=int, default=FIRST_SEED, help="seed of an exercise")

    def handle(self, *, pack: str, seed: int, **_: Any) -> None:
        """Load it and say what was written."""

        def tell(line: Text) -> None:
            self.stdout.write(f"{line.zh}　{line.en}")

        try:
            load_pack(open_pack(pack, seed=seed), tell=tell)
        except TongchouError as error:
            raise CommandError(f"{error.text().zh}\n{error.text().en}") from error

"""The secret key of an installation: made once, readable by its owner only."""

import os
import secrets
from pathlib import Path

KEY_FILE = "secret_key"


def secret_key(home: Path) -> str:
    """Give the key kept in a folder; where there is none, make one that nobody else can read.

    The file is created in one step, so that two processes that start together use the same key.
    """
    file = home / KEY_FILE
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = home / f".{KEY_FILE}.{os.getpid()}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(64), encoding="ascii")
        try:
            os.link(made, file)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return file.read_text(encoding="ascii")

"""Help fits a terminal of 80 columns, in which a Chinese letter takes two."""

import pytest
from click.testing import CliRunner

from tongchou.cli.help_text import columns
from tongchou.cli.main import tongchou


@pytest.mark.parametrize("name", sorted(tongchou.commands))
def test_no_line_of_help_is_wider_than_the_terminal(name):
    told = CliRunner().invoke(tongchou, [name, "--help"], terminal_width=80).output
    words = [line for line in told.splitlines() if not line.strip().startswith("--")]
    assert max(map(columns, words)) <= 80  # a choice of many names is one word

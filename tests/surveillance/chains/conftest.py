"""Small lists of cases with links, as investigators write them."""

from datetime import date, timedelta

import polars as pl
import pytest


@pytest.fixture
def cases():
    def make(onsets, **columns):
        """Give cases named by the keys, with onset so many days after 1 February 2020."""
        first = date(2020, 2, 1)
        return pl.DataFrame(
            {
                "case_id": list(onsets),
                "onset_on": [
                    None if day is None else first + timedelta(days=day) for day in onsets.values()
                ],
                **columns,
            },
            schema_overrides={"onset_on": pl.Date},
        )

    return make


@pytest.fixture
def links():
    def make(*pairs, known=None):
        frame = pl.DataFrame(
            {"infector": [a for a, _ in pairs], "infectee": [b for _, b in pairs]},
            schema={"infector": pl.String, "infectee": pl.String},
        )
        return frame if known is None else frame.with_columns(known=pl.Series(known))

    return make

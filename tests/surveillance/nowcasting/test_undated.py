import numpy as np
import pytest

from tongchou.surveillance.nowcasting.undated import backward_delays


def test_a_steady_delay_is_the_same_backward():
    cells = np.zeros((1, 40, 4))
    cells[0, :, 1], cells[0, :, 3] = 30, 10
    shares = backward_delays(cells)
    assert shares[0, 20].tolist() == pytest.approx([0, 0.75, 0, 0.25], abs=1e-6)
    assert shares.sum(axis=2) == pytest.approx(1)


def test_in_growth_the_backward_delay_is_shorter():
    # Onsets double daily: of those reported today most fell ill lately. Forward shares: half, half.
    cells = np.zeros((1, 12, 2))
    cells[0] = 2.0 ** np.arange(12)[:, None]
    cells[0, -1, 1] = 0
    shares = backward_delays(cells)
    assert shares[0, 11, 0] == pytest.approx(2 / 3, abs=0.03)


def test_no_onset_before_the_first_day():
    cells = np.full((2, 10, 5), 3.0)
    shares = backward_delays(cells)
    assert (shares[:, 0, 1:] == 0).all()
    assert (shares[:, 2, 3:] == 0).all()


def test_without_any_dated_case_all_days_are_alike():
    assert np.isfinite(backward_delays(np.zeros((1, 8, 3)))).all()

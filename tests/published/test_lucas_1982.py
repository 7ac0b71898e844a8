"""Mean run lengths of the CUSUM as printed.

Lucas JM, Crosier RB. Technometrics 1982;24:199-205, doi 10.1080/00401706.1982.10487759, table 1 (two-sided,
k = 1/2); reprinted in Montgomery DC, Introduction to Statistical Quality Control, table "ARL performance of the
tabular cusum with k = 1/2". Rossi G and others, Stat Med 1999;18:2111-2122: k = 1.04 and h = 2.26 for runs of 500 and 3.
"""

import pytest

from tongchou.surveillance.detection.run_length import Chart, chart_for, run_length

SHIFT = [0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0]
PRINTED = {
    4: [168, 74.2, 26.6, 13.3, 8.38, 4.75, 3.34, 2.62, 2.19, 1.71],
    5: [465, 139, 38.0, 17.0, 10.4, 5.75, 4.01, 3.11, 2.57, 2.01],
}


@pytest.mark.parametrize("h", PRINTED)
def test_two_sided_run_lengths(h):
    chart = Chart(k=0.5, h=h)
    # A two-sided chart is two one-sided ones: their rates of alarm add up (Kemp 1961).
    ours = [1 / (1 / run_length(chart, s) + 1 / run_length(chart, -s)) for s in SHIFT]
    # three digits are printed
    assert ours == pytest.approx(PRINTED[h], rel=5e-3)


def test_the_chart_of_rossi_has_about_the_run_lengths_it_was_made_for():
    chart = Chart(k=1.04, h=2.26)
    # Exact run lengths: the source works with an approximation.
    assert run_length(chart) == pytest.approx(500, rel=0.07)
    assert run_length(chart, 2 * chart.k) == pytest.approx(3, rel=0.04)
    k, h = chart_for(500, 3)
    assert (k, h) == pytest.approx(chart, rel=0.03)
    assert run_length(Chart(k, h)) == pytest.approx(500, rel=1e-6)

"""A province with an exercise loaded, and an order that the morning run has drafted."""

from datetime import date

import pytest

from tongchou.morning import run
from tongchou.situation.exercise.whole import make as make_exercise
from tongchou.situation.pack import open_folder
from tongchou.station.access.context import acting, system
from tongchou.station.exchange.packs.load import load_pack
from tongchou.station.incident.models import Order
from tongchou.station.incident.services import making, orders

PROVINCE, CITY, COUNTY = "640000", "640100", "640104"


@pytest.fixture(scope="session")
def exercise(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exercise") / "small"
    make_exercise(folder, 1, province=PROVINCE, population=200_000, hospitals=5)
    return open_folder(folder)


@pytest.fixture(scope="session")
def orders_made():
    """Hold the orders of this worker by their inputs: data, day, place, seed, receipts."""
    return {}


@pytest.fixture(autouse=True)
def made_once(monkeypatch, orders_made):
    """Let an order be calculated once for the same inputs; the steps are told as ever."""
    calculate = run.order_of_the_day

    def order_of_the_day(pack, cut, *, place, seed, receipts, tell):
        about = receipts.digest if receipts else None
        key = (tuple(sorted(pack.whole.origin.digests.items())), cut, place, seed, about)
        if key not in orders_made:
            orders_made[key] = calculate(
                pack, cut, place=place, seed=seed, receipts=receipts, tell=tell
            )
        else:
            for step in run.STEPS[:-1]:
                tell(step)
        return orders_made[key]

    monkeypatch.setattr(run, "order_of_the_day", order_of_the_day)


@pytest.fixture
def ground(places, exercise):
    """Load the exercise into the province; give the last day of its data."""
    load_pack(exercise)
    return exercise.last


@pytest.fixture
def asked(ground, places, actor):
    """Give an order that the duty officer of the county asked for."""
    with acting(actor("duty_officer", COUNTY)):
        return orders.ask(places[COUNTY], ground)


@pytest.fixture
def drafted(asked):
    making.make(asked.pk)
    with system("look"):
        return Order.objects.get(pk=asked.pk)


def state_of(order):
    with system("look"):
        return Order.objects.get(pk=order.pk).state


__all__ = ["date", "state_of"]

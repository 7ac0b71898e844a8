"""A world as the engine takes it: places, layers of links, and what differs by day, as plain arrays."""

from typing import Any, NamedTuple


class Layer(NamedTuple):
    """Where contacts happen away from home: shares of time by link (CSR rows), and what holds them back.

    ``leave`` and ``enter`` (day, place) multiply a link's share at its origin and destination;
    ``stay`` (day, place) is what is left at home and ``present`` (day, place) who is there, persons.
    """

    start: Any
    place: Any
    share: Any
    leave: Any
    enter: Any
    stay: Any
    present: Any


class World(NamedTuple):
    """Places as plain arrays: ``people`` (place), contact intensities (age, age) by setting, catchments."""

    people: Any
    home: Any
    school: Any
    work: Any
    other: Any
    catchment: Any


class Days(NamedTuple):
    """What differs by day and place: see :class:`~.timeline.Timeline`, as plain float32 arrays.

    ``home, school, work, other`` multiply contacts; ``isolate`` and ``trace`` are probabilities a
    day to be isolated after onset and before; ``traced`` the share found before they infect;
    ``imported`` persons a day; ``beds`` and ``icu_beds`` (day, catchment).
    """

    home: Any
    school: Any
    work: Any
    other: Any
    isolate: Any
    trace: Any
    traced: Any
    imported: Any
    beds: Any
    icu_beds: Any

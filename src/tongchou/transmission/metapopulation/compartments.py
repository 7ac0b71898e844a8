"""The words of the engine: compartments, what is told of a day, and the rows of a course of illness."""

COMPARTMENTS = (
    "susceptible",
    "exposed_1",
    "exposed_2",
    "presymptomatic",
    "subclinical",
    "symptomatic",
    "isolated",
    "isolated_subclinical",
    "waiting",
    "ward",
    "ward_critical",
    "icu",
    "recovered",
    "dead",
)
"""``waiting``: needs a bed and has none, at large; ``ward_critical``: needs intensive care and has none."""

S, E1, E2, P, A, I, Q, QA, U, W, X, C, R, D = range(14)
COUNT = len(COMPARTMENTS)

VARIABLES = (
    "infections",
    "onsets",
    "confirmed",
    "admissions",
    "deaths",
    "ward",
    "icu",
    "waiting",
    "waiting_icu",
)
"""What is told of each place and day: five flows (persons a day), then four levels (persons at its end)."""

INFECTIONS, ONSETS, CONFIRMED, ADMISSIONS, DEATHS, WARD, ICU, WAITING, WAITING_ICU = range(9)
TOLD = len(VARIABLES)

SPLITS = 4
"""Draws that one compartment may need in one substep."""

SLOT = 64
"""Numbers of a stream for one draw: :data:`.chance.DRAWS_EACH`."""

HOSPITAL_PURPOSE, SPREADING_PURPOSE = 1, 3
"""Purposes, in the address of a stream, of what is drawn for a catchment and of how infectious a place is.

That of places is 0, and 2 that of what was lived before the first day (:mod:`.start`).
"""


MOVE, SUBSTEPS, WEIGHT = 0, COUNT, 2 * COUNT
CLINICAL, SEVERE, CRITICAL, WARD_DEATH, ICU_DEATH, NO_ICU_DEATH, NO_BED_DEATH = range(
    3 * COUNT, 3 * COUNT + 7
)
SUSCEPTIBILITY, DISPERSION = 3 * COUNT + 7, 3 * COUNT + 8
ROWS = DISPERSION + 1
"""Rows of the course of illness, one table (row, age), because a call that hands over many arrays is slow.

``MOVE + c``: probability to leave compartment c in a substep by the course alone; ``SUBSTEPS + c``
how often in a step; ``WEIGHT + c`` infectiousness. Then
shares: clinical of the infected, severe of the clinical, critical of the admitted, deaths of the
admitted who are not critical, of the critical with and without intensive care, and of those who
stay without any bed. Last, susceptibility, and the dispersion of what one infectious step brings
(see :mod:`.superspreading`), infinite where it is even.
"""

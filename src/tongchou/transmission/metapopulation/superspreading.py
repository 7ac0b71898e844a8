"""Few infect many: how uneven a day of infectiousness must be for a published dispersion of the offspring.

The infectiousness that leaves the infectious of one place and age on one day, X days of an average
case together, is drawn as Gamma(shape κ X, mean X). Sums of such draws are again of that kind with
the sum of X. So one case of D infectious days gives a total of Gamma(shape κ D, mean D) whatever
the days, and many cases give what the sum of the single cases would: places and days can be taken
together without knowing who is who. Infections of a case are Poisson(β c × its total) while nearly
all are susceptible, so that with R = β c E[D]

    mean = R,   variance = R + R² (1 / (κ E[D]) + Var[D] / E[D]²)

and the dispersion of the offspring distribution, by its variance R + R² / k, is k where

    κ = 1 / (E[D] (1 / k − Var[D] / E[D]²)).

Mean and variance are exact for the discrete course; given D the offspring is negative binomial of
shape κ D, so over all cases it is a mixture of such. What the length of the infectious time alone
gives, k = E[D]² / Var[D], is the most even that the engine can be.

References
----------
Lloyd-Smith JO, Schreiber SJ, Kopp PE, Getz WM. Nature 2005;438:355, doi 10.1038/nature04153.
"""

import numpy as np
import numpy.typing as npt

from tongchou.transmission.metapopulation.compartments import DISPERSION
from tongchou.transmission.metapopulation.next_generation import infectious_moments
from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]


def dispersion_of_stays(course: Floats, *, steps: int = 1) -> Floats:
    """Give the dispersion k (age) that the length of the infectious time alone brings: E[D]² / Var[D].

    Parameters
    ----------
    course
        Table of :func:`.course.course_of`.
    steps
        Steps a day that the table was made for.
    """
    mean, variance = infectious_moments(course, steps=steps)
    return np.divide(mean**2, variance, out=np.full_like(mean, np.inf), where=variance > 0)


def dispersed(course: Floats, dispersion: float, *, steps: int = 1) -> Floats:
    """Give the table of a course in which the offspring of a case has a dispersion.

    An age whose stays alone are as uneven as that, or more, stays as it is.

    Parameters
    ----------
    course
        Table of :func:`.course.course_of`.
    dispersion
        k of the offspring distribution of one case without measures, above 0; infinite for none
        beyond that of the stays.
    steps
        Steps a day that the table was made for.

    Raises
    ------
    BadParameter
        If the dispersion is not above zero.
    """
    if not dispersion > 0:
        raise BadParameter("dispersion", dispersion, _ABOVE)
    mean, _ = infectious_moments(course, steps=steps)
    missing = 1 / dispersion - 1 / dispersion_of_stays(course, steps=steps)
    uneven = (missing > 0) & (mean > 0)
    table = course.copy()
    daily = np.divide(1.0, mean * missing, out=np.full_like(mean, np.inf), where=uneven)
    table[DISPERSION] = daily / steps
    return table


_ABOVE = Text(
    zh="离散参数须大于 0；不考虑超级传播时请留空。",
    en="the dispersion must be above 0; leave it out for no superspreading.",
)

"""A draw from the gamma distribution by address, for what is uneven between people.

References
----------
Marsaglia G, Tsang WW. ACM Trans Math Softw 2000;26:363, doi 10.1145/358407.358414.
"""

import math
from typing import Any

from tongchou.transmission.metapopulation.chance import DRAWS_EACH, normal_quantile
from tongchou.transmission.metapopulation.streams import uniform
from tongchou.vocabulary.compiled import compiled

NOTHING = -700.0
"""Logarithm of what is too little to be a number."""


@compiled(_nrt=False)
def gamma(shape: float, start: Any, step: Any, number: int) -> float:
    """Draw from the gamma distribution of a shape and scale 1.

    From shape 1 on a cube of a normal is taken or rejected (Marsaglia and Tsang, section 4); below,
    G(a) = G(a + 1) U^(1 / a) (section 6).

    Parameters
    ----------
    shape
        Above zero.
    start, step, number
        The stream, and the first of the ``DRAWS_EACH`` numbers of it that this draw may use.
    """
    less = 0.0
    if shape < 1.0:
        less = math.log(uniform(start, step, number)) / shape
        if less < NOTHING:
            return 0.0
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    v = 1.0
    for attempt in range(DRAWS_EACH // 2 - 1):
        x = normal_quantile(uniform(start, step, number + 1 + 2 * attempt))
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        v = v * v * v
        u = uniform(start, step, number + 2 + 2 * attempt)
        if u < 1.0 - 0.0331 * x * x * x * x:
            break
        if math.log(u) < 0.5 * x * x + d * (1.0 - v + math.log(v)):
            break
    return d * v * math.exp(less) if less < 0.0 else d * v

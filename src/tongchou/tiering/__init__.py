"""Which tier and response level follows, by which rule, for which reason.

The rooms of this room: ``rules`` (the published rule as data), ``counts`` and ``engine`` (the rule
over all places and dates), ``tiers`` (proposals of a day with reasons), ``sensitivity``,
``resurgence`` (what is left of the risk), ``clusters`` (from a line list), ``packages`` (measures
by tier), ``strategy`` (classes of areas), ``levels`` (response levels), ``readiness`` (step-down
sheet), ``compare`` (published lists).
"""

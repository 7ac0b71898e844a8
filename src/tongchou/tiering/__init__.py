"""Which tier and response level follows, by which rule, for which reason.

- tiers: ``rules`` (the published rule as data), ``counts`` and ``engine`` (the rule over all places
  and dates), ``clusters`` (from a line list), ``tiers`` (proposals of a day), ``reasons``,
  ``sensitivity``, ``resurgence`` (the risk that is left), ``compare`` (published lists);
- measures: ``legal`` (legal bases), ``measures`` (catalogue), ``packages`` (by tier), ``strategy``
  (classes of areas);
- response levels: ``levels``, ``ladder`` (who may move them), ``level_changes`` (by tier, and the
  history of 2020), ``readiness`` (step-down sheet).
"""

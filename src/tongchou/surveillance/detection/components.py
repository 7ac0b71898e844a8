"""Sets that grow together: union and find."""

from collections.abc import Iterable, Sequence


class Components:
    """Things that are joined, and the groups they make.

    References
    ----------
    Tarjan RE. J ACM 1975;22:215-225, doi 10.1145/321879.321884.

    Examples
    --------
    >>> parts = Components(["a", "b", "c", "d"])
    >>> parts.join(["a", "c"])
    >>> parts.join(["c", "d"])
    >>> parts.groups(2)
    [['a', 'c', 'd']]
    """

    def __init__(self, things: Iterable[str]) -> None:
        self._above = {thing: thing for thing in things}
        self._size = dict.fromkeys(self._above, 1)

    def find(self, thing: str) -> str:
        """Give the one that stands for the group of a thing."""
        root = thing
        while self._above[root] != root:
            root = self._above[root]
        while self._above[thing] != root:
            self._above[thing], thing = root, self._above[thing]
        return root

    def join(self, things: Sequence[str]) -> None:
        """Make one group of the groups of these things."""
        for other in things[1:]:
            a, b = self.find(things[0]), self.find(other)
            if a == b:
                continue
            if self._size[a] < self._size[b]:
                a, b = b, a
            self._above[b] = a
            self._size[a] += self._size[b]

    def groups(self, fewest: int) -> list[list[str]]:
        """Give the groups of at least ``fewest``, in the order in which their first was named."""
        found: dict[str, list[str]] = {}
        for thing in self._above:
            found.setdefault(self.find(thing), []).append(thing)
        return [group for group in found.values() if len(group) >= fewest]

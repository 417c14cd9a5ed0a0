"""A short way past some points: the nearest next one, from the first on. Pure."""

from collections.abc import Sequence

from citymgmt.geometry import distance_m

Point = tuple[float, float]


def way_past(points: Sequence[Point | None]) -> tuple[list[int], float]:
    """The indices of the points in the order of a walk that begins at the first, and its metres
    as the crow flies. What has no point comes last, in its own order."""
    left = [index for index, point in enumerate(points) if point is not None]
    lost = [index for index, point in enumerate(points) if point is None]
    if not left:
        return lost, 0.0
    way, metres = [left.pop(0)], 0.0
    while left:
        here = points[way[-1]]
        far = {index: _metres(here, points[index]) for index in left}
        nearest = min(left, key=lambda index: (far[index], index))
        metres += far[nearest]
        left.remove(nearest)
        way.append(nearest)
    return way + lost, metres


def _metres(one: Point | None, other: Point | None) -> float:
    if one is None or other is None:
        return 0.0
    return distance_m(*one, *other)

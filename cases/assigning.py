"""Who of a team should get an order: who answers there, who is near, who has time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from citymgmt.geometry import distance_m

Spot = tuple[float, float]
# Nearer by less than this is not nearer.
_GRAIN_M = 150


@dataclass(frozen=True, slots=True)
class Job:
    """An order that nobody has: where it is (None: unknown), what it is reckoned at in minutes,
    and who answers for the work at that place now."""

    number: str
    spot: Spot | None
    minutes: int
    answers: int | None = None


@dataclass(slots=True)
class Worker:
    """Somebody on shift: minutes of work in hand, minutes left, and where his orders are."""

    person_id: int
    minutes: int
    left: int
    orders: int
    spots: list[Spot] = field(default_factory=list)

    def loaded_with(self, job: Job) -> float:
        """The share of what is left of his shift that his work takes if the job comes to it."""
        return (self.minutes + job.minutes) / max(self.left, 1)

    def metres_to(self, job: Job) -> int | None:
        """How far the nearest of his orders is from the job; None where nothing is known."""
        if job.spot is None or not self.spots:
            return None
        return round(min(distance_m(*job.spot, *spot) for spot in self.spots))

    def take(self, job: Job) -> None:
        """Reckon with the job as his."""
        self.minutes += job.minutes
        self.orders += 1
        if job.spot is not None:
            self.spots.append(job.spot)


@dataclass(frozen=True, slots=True)
class Fit:
    """Why somebody suits a job: `metres` from the nearest of his orders, `orders` in hand so far,
    `answers` for the place."""

    person_id: int
    metres: int | None
    orders: int
    answers: bool


def fits(job: Job, workers: Sequence[Worker], *, most: int = 2) -> list[Fit]:
    """The people who suit a job best, the best first.

    Who still has time for it goes before who has not; of those who answers for the place, then
    who has an order near by, then who is least loaded.
    """

    def rank(worker: Worker) -> tuple[bool, bool, int, float, int]:
        load, metres = worker.loaded_with(job), worker.metres_to(job)
        near = metres // _GRAIN_M if metres is not None else 1 << 30
        return load > 1, worker.person_id != job.answers, near, load, worker.person_id

    return [
        Fit(
            person_id=worker.person_id,
            metres=worker.metres_to(job),
            orders=worker.orders,
            answers=worker.person_id == job.answers,
        )
        for worker in sorted(workers, key=rank)[:most]
    ]


def share_out(jobs: Sequence[Job], workers: Sequence[Worker]) -> Mapping[str, list[Fit]]:
    """Who suits each job by its number, in the order given: each reckons with those before it
    being with their first choice. The workers are changed."""
    found: dict[str, list[Fit]] = {}
    by_id = {worker.person_id: worker for worker in workers}
    for job in jobs:
        found[job.number] = fits(job, workers)
        for first in found[job.number][:1]:
            by_id[first.person_id].take(job)
    return found

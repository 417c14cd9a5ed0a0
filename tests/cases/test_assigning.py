"""Who suits an order that nobody has: pure arithmetic."""

from cases.assigning import Job, Worker, fits, share_out

HERE, NEAR, FAR = (121.12, 28.85), (121.121, 28.85), (121.15, 28.85)


def worker(person: int, *, minutes: int = 0, spots: tuple = (), left: int = 240) -> Worker:
    return Worker(person, minutes, left, orders=len(spots), spots=list(spots))


def job(number: str = "1", *, answers: int | None = None) -> Job:
    return Job(number, HERE, 40, answers)


def test_who_answers_for_the_place_goes_before_who_is_near():
    best = fits(job(answers=2), [worker(1, spots=(NEAR,)), worker(2, spots=(FAR,))])
    assert [(fit.person_id, fit.answers) for fit in best] == [(2, True), (1, False)]


def test_who_is_near_goes_before_who_has_less():
    best = fits(job(), [worker(1), worker(2, minutes=80, spots=(FAR, NEAR))])
    assert [fit.person_id for fit in best] == [2, 1]
    assert (best[0].metres, best[0].orders) == (97, 2)
    assert best[1].metres is None


def test_of_those_as_near_the_least_loaded_goes_first():
    best = fits(job(), [worker(1, minutes=90, spots=(NEAR,)), worker(2, spots=(NEAR,))])
    assert [fit.person_id for fit in best] == [2, 1]


def test_whose_shift_is_full_comes_last_even_where_he_answers():
    best = fits(job(answers=1), [worker(1, minutes=220), worker(2, spots=(FAR,))])
    assert [fit.person_id for fit in best] == [2, 1]


def test_each_order_reckons_with_those_before_it():
    jobs = [job(str(n)) for n in range(4)]
    found = share_out(jobs, [worker(1, left=100), worker(2, left=100)])
    assert [found[str(n)][0].person_id for n in range(4)] == [1, 1, 2, 2]


def test_where_nobody_is_there_nobody_is_named():
    assert share_out([job()], []) == {"1": []}

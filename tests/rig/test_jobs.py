from concurrent.futures import ThreadPoolExecutor
from threading import Event

from napari_twinscope.errors import Canceled, InvalidInput
from napari_twinscope.progress import raise_if_canceled
from napari_twinscope.rig import Generations, Job


def test_a_job_reports_its_value_and_its_progress():
    def work(progress):
        progress.begin(3, "counting")
        for _ in range(3):
            progress.advance()
        return 42

    job = Job("count", work)
    assert job.run().value == 42
    assert (job.progress.done, job.progress.total, job.progress.description) == (3, 3, "counting")


def test_an_error_becomes_the_outcome():
    def work(_):
        raise InvalidInput("no")

    outcome = Job("fail", work).run()
    assert isinstance(outcome.error, InvalidInput)
    assert not outcome.canceled


def test_a_job_in_another_thread_stops_when_it_is_canceled():
    started = Event()

    def work(progress):
        started.set()
        while True:
            raise_if_canceled(progress)

    job = Job("endless", work)
    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(job.run)
        assert started.wait(5)
        job.cancel()
        assert outcome.result(5).canceled
    assert isinstance(outcome.result().error, Canceled)


def test_an_answer_to_an_older_question_is_stale():
    generations = Generations()
    first = generations.begin("map")
    other = generations.begin("manifold")
    second = generations.begin("map")
    assert not generations.is_current("map", first)
    assert generations.is_current("map", second)
    assert generations.is_current("manifold", other)


def test_of_a_job_that_is_canceled_before_it_begins_nothing_is_done():
    worked = []
    job = Job("late", worked.append)
    job.cancel()
    assert job.run().canceled
    assert worked == []


def test_a_job_that_would_end_its_thread_has_an_outcome_too():
    def work(_):
        raise SystemExit(3)

    job = Job("leaving", work)
    assert isinstance(job.run().error, SystemExit)
    assert job.wait(0) is job.outcome

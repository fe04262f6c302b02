import threading
from types import SimpleNamespace

from celery import Celery
from celery.beat import Scheduler
from celery.signals import after_task_publish

from jobs.beat import EmbeddedBeat


def test_a_worker_with_beat_sends_what_is_due() -> None:
    app = Celery(set_as_current=False, broker="memory://")
    app.conf.beat_schedule = {"tick": {"task": "tests.tick", "schedule": 0.01}}
    app.conf.beat_scheduler = "celery.beat:Scheduler"
    worker, sent = SimpleNamespace(app=app), threading.Event()
    step = EmbeddedBeat(worker, with_beat=True)

    def note(sender: str, **_: object) -> None:
        if sender == "tests.tick":
            sent.set()

    after_task_publish.connect(note, weak=False)
    step.obj = step.create(worker)
    step.start(worker)
    try:
        assert sent.wait(30)
    finally:
        step.stop(worker)
        step.obj.join(30)
        after_task_publish.disconnect(note)

    assert not step.obj.is_alive()
    assert type(step.obj.service.scheduler) is Scheduler  # which writes no file


def test_other_workers_have_no_beat() -> None:
    assert not EmbeddedBeat(SimpleNamespace()).include_if(SimpleNamespace())

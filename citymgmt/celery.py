"""The Celery application and its beat table: sweeps only, each finds what a lost kick missed."""

import os

from celery import Celery
from celery.signals import worker_process_init

from citymgmt import heap

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")

NICE = 5
"""A third of a processor's share where both want all of it: the queue goes on, if slower."""

app = Celery("citymgmt")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def give_way(**_signal: object) -> None:
    """Where web and worker share a machine, who waits at a screen comes before background work;
    what a task used is not kept."""
    os.nice(NICE)
    heap.give_back()


worker_process_init.connect(give_way, dispatch_uid="give-way")

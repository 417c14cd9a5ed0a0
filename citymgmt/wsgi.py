"""WSGI entry point, served by granian."""

import gc
import os

from django.core.signals import request_finished
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from citymgmt import heap

heap.give_back()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")
os.environ.setdefault("DB_PARALLEL", "0")
application = get_wsgi_application()
request_finished.connect(heap.Trimmer(), weak=False, dispatch_uid="trim")

# Views and addresses are loaded before the first request, and what is loaded by now stays for good:
# to look through it again and again for garbage took up to a quarter of a page's time.
get_resolver().url_patterns  # noqa: B018
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)

"""The URL map; upper apps are named by string only."""

from django.urls import path

urlpatterns: list = []

"""The one address of the grid that needs no login: what a card's code leads to."""

from django.urls import path

from grids.views import cards

app_name = "public"

urlpatterns = [path("<str:token>/", cards.public, name="cell")]

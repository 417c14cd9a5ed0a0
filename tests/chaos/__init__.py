"""The house broken on purpose: see `tests.chaos.__main__`."""

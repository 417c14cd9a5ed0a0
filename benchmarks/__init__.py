"""Measurements, each a program that prints its own figures; run by `make bench`."""

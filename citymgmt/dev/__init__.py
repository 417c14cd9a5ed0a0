"""The two commands of a fresh machine: bring everything up, or test everything.

Nothing here is imported by the application.
"""

#!/usr/bin/env python
"""Django's command line for the city-management case system."""

import os
import sys


def main() -> None:
    """Run an administrative command with this project's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

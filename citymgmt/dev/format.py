"""Format the project and mend what can be mended by itself."""

import subprocess
import sys
from pathlib import Path

RUFF = str(Path(sys.executable).with_name("ruff"))


def main() -> int:
    """Imports and simple faults first, then the layout; the worse exit code of the two."""
    fixed = subprocess.run([RUFF, "check", "--fix", "."]).returncode
    return max(fixed, subprocess.run([RUFF, "format", "."]).returncode)


if __name__ == "__main__":
    sys.exit(main())

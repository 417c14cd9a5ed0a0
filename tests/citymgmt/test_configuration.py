"""Every variable that the settings read is explained, and none that they do not."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Read by a command instead of the settings.
BY_COMMANDS = {"ADMIN_PASSWORD"}


def test_every_variable_is_explained_and_no_other():
    settings = (ROOT / "citymgmt" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings))
    document = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", document, re.MULTILINE))
    assert explained == read | BY_COMMANDS

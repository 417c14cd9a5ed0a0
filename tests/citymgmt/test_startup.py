"""What the web server holds when it gives its first answer."""

import subprocess
import sys

# Large, and needed by few requests: each is loaded with the first that needs it.
LATER = {
    "boto3", "botocore", "cryptography.fernet", "docx", "docxtpl", "fontTools",
    "inspections.word.tags", "lxml", "openpyxl", "pillow_heif", "pyproj", "storages", "weasyprint",
}  # fmt: skip


def test_what_is_needed_once_in_a_while_is_not_loaded_at_the_start():
    ask = "import sys, citymgmt.wsgi; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert LATER & set(loaded.stdout.split()) == set()
    assert {"inspections.urls", "cases.views"} <= set(loaded.stdout.split())

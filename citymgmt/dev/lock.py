"""Write the requirement files and `package-lock.json` anew; none of them names an address."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
EXPORT = [
    "export", "--quiet", "--frozen", "--format", "requirements.txt", "--no-emit-project",
    "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links",
]  # fmt: skip

EXTRAS = ["--extra", "pdf", "--extra", "s3"]

# Requirement file → what of pyproject.toml goes into it.
FILES = {
    "requirements.txt": ["--no-default-groups", *EXTRAS],
    "requirements-dev.txt": ["--no-default-groups", *EXTRAS, "--group", "dev"],
    "requirements-uv.txt": ["--only-group", "uv"],
    "requirements-node.txt": ["--only-group", "node"],
    "requirements-postgres.txt": ["--only-group", "postgres"],
}


def lock_python(upgrade: list[str]) -> None:
    """Resolve afresh in a scratch directory: uv's own lock file names registries."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        (scratch / "pyproject.toml").write_text(text, encoding="utf-8")
        (scratch / "README.md").touch()
        if (ROOT / "uv.lock").exists():
            shutil.copy(ROOT / "uv.lock", scratch)
        subprocess.run([UV, "lock", "--quiet", *upgrade], cwd=scratch, check=True)
        shutil.copy(scratch / "uv.lock", ROOT)
        for target, what in FILES.items():
            exported = subprocess.run(
                [UV, *EXPORT, *what], cwd=scratch, check=True, capture_output=True, text=True
            ).stdout
            (ROOT / target).write_text(exported, encoding="utf-8")
            print(f"{target}: {exported.count('==')} packages")


def lock_npm() -> None:
    """Resolve `package.json`; strips the addresses of donation pages that npm writes."""
    subprocess.run(["npm", "install", "--package-lock-only", "--silent"], cwd=ROOT, check=True)
    path = ROOT / "package-lock.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    for package in content["packages"].values():
        package.pop("funding", None)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    lock_python(sys.argv[1:])
    lock_npm()

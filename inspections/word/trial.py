"""A template tried out in a process of its own, with bounds that the system keeps.

    python -m inspections.word.trial < request > answer

What a template costs before it says anything, in the reading of its XML, is bounded by the
processor time and memory of this process. It knows no settings, no secret and no database.
"""

import base64
import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CPU_SECONDS = 15
MEMORY = 1024 * 1024 * 1024
WAIT_SECONDS = 40
ROOT = Path(__file__).resolve().parents[2]
_PICTURE = "__picture__"


class TrialFailed(Exception):
    """The template cannot be rendered; `code` is "bounds" or "broken", `detail` for the log."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def try_out(template: bytes, context: Mapping[str, Any]) -> bytes:
    """The .docx that a template makes of an example; raises TrialFailed."""
    request = {"template": base64.b64encode(template).decode(), "context": _told(context)}
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "inspections.word.trial"],
            input=json.dumps(request).encode(),
            capture_output=True,
            cwd=ROOT,
            env=environment,
            timeout=WAIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TrialFailed("bounds", "timeout") from error
    if done.returncode:
        # Killed by a bound, or out of memory while it said so.
        raise TrialFailed("bounds", done.stderr.decode("utf-8", "replace")[-500:])
    answer = json.loads(done.stdout)
    if "code" in answer:
        raise TrialFailed(answer["code"], answer["detail"])
    return base64.b64decode(answer["docx"])


def _told(value: Any) -> Any:
    from inspections.word.rendering import Shot

    if isinstance(value, Shot):
        return {_PICTURE: base64.b64encode(value.jpeg).decode(), "width": value.width_mm}
    if isinstance(value, Mapping):
        return {name: _told(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_told(each) for each in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _heard(value: Any) -> Any:
    from inspections.word.rendering import Shot

    if isinstance(value, dict):
        if _PICTURE in value:
            return Shot(base64.b64decode(value[_PICTURE]), value["width"])
        return {name: _heard(each) for name, each in value.items()}
    return [_heard(each) for each in value] if isinstance(value, list) else value


def _answer(request: dict[str, Any]) -> dict[str, str]:
    import io

    import docx

    from inspections.word.rendering import word_file
    from inspections.word.sandbox import Exhausted

    try:
        made = word_file(base64.b64decode(request["template"]), _heard(request["context"]))
        docx.Document(io.BytesIO(made))
    except (Exhausted, MemoryError, RecursionError) as error:
        return {"code": "bounds", "detail": repr(error)[:300]}
    # Whatever a stranger's file makes the libraries say, the answer is that it cannot be used.
    except Exception as error:
        return {"code": "broken", "detail": repr(error)[:300]}
    return {"docx": base64.b64encode(made).decode()}


def main() -> None:
    """Bound this process, read the request, write the answer."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    request = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(_answer(request)))


if __name__ == "__main__":
    main()

"""What no line of ours does: run a shell, evaluate words, read a pickle, hash weakly, guess."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

# What starts the house on a developer's machine is none of what serves.
SERVING = sorted(
    path
    for package in ("citymgmt", "grids", "cases", "inspections")
    for path in Path(package).rglob("*.py")
    if not path.is_relative_to("citymgmt/dev") and "migrations" not in path.parts
)
CALLED = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.exec"}
IMPORTED = {"pickle", "marshal", "shelve", "yaml", "telnetlib", "ftplib"}
WEAK = {"md5", "sha1", "MD5", "SHA1", "ARC4", "TripleDES", "ECB", "PKCS1v15"}
# When to try again; nobody gains by guessing it.
ROLLED = {"citymgmt/services/delivery.py"}


def trees() -> Iterator[tuple[str, ast.Module]]:
    """Each file that serves, read."""
    for path in SERVING:
        yield str(path), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """The first names of what a file imports."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Every call in a file."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_nothing_runs_a_shell_or_evaluates_words():
    for path, tree in trees():
        for call in calls(tree):
            assert ast.unparse(call.func) not in CALLED, path
            assert "shell" not in {word.arg for word in call.keywords}, path
            if ast.unparse(call.func).startswith("subprocess."):
                assert isinstance(call.args[0], ast.List), path


def test_nothing_reads_what_makes_objects_of_bytes():
    assert {path: imported(tree) & IMPORTED for path, tree in trees()} == {
        path: set() for path, _tree in trees()
    }


# The protocol of stores wants it beside the SHA-256 that is signed: it tells of bytes lost on the
# way, and protects nothing.
CHECKSUM = ("citymgmt/bucket.py", "hashlib.md5(content, usedforsecurity=False)")


def test_no_hash_or_cipher_is_a_weak_one():
    for path, tree in trees():
        checksums = {call.func for call in calls(tree) if (path, ast.unparse(call)) == CHECKSUM}
        nodes = [node for node in ast.walk(tree) if node not in checksums]
        named = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        named |= {node.id for node in nodes if isinstance(node, ast.Name)}
        assert not named & WEAK, path


def test_what_must_not_be_guessed_is_not_rolled():
    """Django's and Python's own source of secrets is the only one."""
    demo = Path("inspections/demo")
    rolling = {path for path, tree in trees() if "random" in imported(tree)}
    assert {path for path in rolling if not Path(path).is_relative_to(demo)} == ROLLED


def test_no_pattern_is_made_of_somebody_s_words():
    """A pattern is written in the code: nobody types one, nor what would make one dear."""
    for path, tree in trees():
        source = Path(path).read_text(encoding="utf-8")
        assert not re.search(r"__i?regex\b", source), path
        at_the_top = {call for node in tree.body for call in ast.walk(node) if _is_constant(node)}
        for call in calls(tree):
            if re.fullmatch(r"re\.\w+", ast.unparse(call.func)) and call not in at_the_top:
                assert isinstance(call.args[0], ast.Constant), f"{path}:{call.lineno}"
    for path in Path("static/js").rglob("*.js"):
        assert "new RegExp" not in path.read_text(encoding="utf-8"), path


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign | ast.AnnAssign)

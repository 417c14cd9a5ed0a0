"""From a clean clone to a ready environment, then on to the command that was asked for.

    python3 citymgmt/dev/bootstrap.py COMMAND [ARGS]      one of COMMANDS below

Standard library only. Makes `.venv`, installs what the requirement files pin, installs the
browser libraries and builds the icon sprite; each step is skipped when its stamp is still
true. The syntax stays old enough for any Python 3 to reach the message about versions.
"""

import hashlib
import os
import subprocess
import sys
import time

try:
    from citymgmt.dev import leash
except ImportError:  # run as a script, before anything is installed
    import leash  # type: ignore[no-redef]

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
BUILD = os.path.join(ROOT, "var", "build")
OLDEST, NEWEST = (3, 11), (3, 13)
ASSET_SOURCES = ("package.json", "package-lock.json", "static/icons.txt", "citymgmt/dev/icons.py")

# Command → requirement file, module, leading arguments.
COMMANDS = {
    "demo": ("requirements.txt", "citymgmt.dev.demo", []),
    "test": ("requirements-dev.txt", "citymgmt.dev.runtests", []),
    "test-long": ("requirements-dev.txt", "citymgmt.dev.runtests", ["--long"]),
    "torture": ("requirements-dev.txt", "citymgmt.dev.torture", []),
    "chaos": ("requirements-dev.txt", "citymgmt.dev.chaos", []),
    "bench": ("requirements-dev.txt", "citymgmt.dev.bench", []),
    "screens": ("requirements-dev.txt", "citymgmt.dev.screens", []),
    "format": ("requirements-dev.txt", "citymgmt.dev.format", []),
    "build": ("requirements.txt", None, []),
    "lock": (None, "citymgmt.dev.lock", []),
}


def say(text):
    """One line of progress, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def fail(text):
    """End with a message for people and exit code 1."""
    raise SystemExit(text)


def run(argv, **options):
    """Run a step that dies with this process; raises CalledProcessError on failure."""
    subprocess.run(leash.command(argv), check=True, cwd=ROOT, **options)


def works(argv):
    """Whether the command exists and succeeds; its output is dropped."""
    try:
        return subprocess.run(argv, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def version_test(python):
    """A command that succeeds where `python` has a supported version."""
    return [
        python,
        "-c",
        f"import sys; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})",
    ]


def need_supported_python():
    """Go on with a supported Python: this one, the environment's, or one found by name."""
    if OLDEST <= sys.version_info[:2] <= NEWEST and sys.platform != "win32":
        return
    names = [PYTHON] + [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    for name in names:
        if works(version_test(name)):
            os.execvp(name, [name, *sys.argv])
    fail(
        "需要 Linux 上的 Python 3.11、3.12 或 3.13（现在是 {}.{}）。\n"
        "请安装其中之一，例如 Debian 12：apt-get install python3 python3-venv；\n"
        "或用 make demo PYTHON=/路径/python3.12 指定。".format(*sys.version_info[:2])
    )


def lock():
    """Hold the build lock: two commands started together must not build at the same time."""
    import fcntl

    os.makedirs(BUILD, exist_ok=True)
    handle = open(os.path.join(BUILD, "bootstrap.lock"), "w")  # noqa: SIM115 - the caller closes it
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("另一条命令正在准备环境，等它做完 …")
        fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def digest(*names):
    """SHA-256 over the named files of the project."""
    total = hashlib.sha256()
    for name in names:
        with open(os.path.join(ROOT, name), "rb") as handle:
            total.update(handle.read() + b"\0")
    return total.hexdigest()


class Stamp:
    """Remembers in a file for which inputs a step was done."""

    def __init__(self, path, value):
        self.path, self.value = path, value

    def holds(self):
        """Whether the step was finished for the same inputs."""
        try:
            with open(self.path) as handle:
                return handle.read() == self.value
        except OSError:
            return False

    def set(self):
        """Record that the step is finished."""
        with open(self.path, "w") as handle:
            handle.write(self.value)


def debian_root():
    """Whether system packages may be installed here."""
    return os.geteuid() == 0 and os.path.exists("/usr/bin/apt-get")


def apt_install(*packages):
    """Install Debian packages; raises CalledProcessError on failure."""
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    if works(["sh", "-c", 'exec "$@" >/dev/null 2>&1', "sh", *install]):
        return
    run(["apt-get", "update", "-q"], env=quiet, stdout=subprocess.DEVNULL)
    run(install, env=quiet, stdout=subprocess.DEVNULL)


def make_venv():
    """Make `.venv` where there is none that works."""
    if works(version_test(PYTHON)) and works([PYTHON, "-m", "pip", "--version"]):
        return
    say("建立 Python 环境 .venv …")
    if not works([sys.executable, "-c", "import ensurepip"]):
        package = f"python3.{sys.version_info[1]}-venv"
        if not debian_root():
            fail(f"这台机器的 Python 没有 venv 模块。请安装：apt-get install {package}")
        apt_install(package)
    run([sys.executable, "-m", "venv", "--clear", VENV])


def pip(*arguments):
    """Run the environment's pip."""
    run([PYTHON, "-m", "pip", "--disable-pip-version-check", "-qq", *arguments])


def uv_environment():
    """The environment for uv, which does not read pip's choice of a mirror by itself."""
    env = dict(os.environ, UV_NO_PROGRESS="1", UV_SYSTEM_CERTS="1", UV_PYTHON_DOWNLOADS="never")
    found = subprocess.run(
        [PYTHON, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True
    )
    mirror = os.environ.get("PIP_INDEX_URL") or found.stdout.strip()
    if mirror:
        env.setdefault("UV_DEFAULT_INDEX", mirror)
    return env


def install(requirements):
    """Install one hash-pinned requirement file into `.venv`, once for each content."""
    stamp = Stamp(os.path.join(VENV, requirements + ".done"), digest(requirements))
    if stamp.holds():
        return
    say(f"安装 {requirements} 里锁定的包 …")
    locked = ["--require-hashes", "-r", requirements]
    try:
        uv = Stamp(os.path.join(VENV, "requirements-uv.txt.done"), digest("requirements-uv.txt"))
        if not uv.holds():
            pip("install", "--require-hashes", "-r", "requirements-uv.txt")
            uv.set()
        run(
            [os.path.join(VENV, "bin", "uv"), "pip", "install", "-q", "--python", PYTHON, *locked],
            env=uv_environment(),
        )
    except subprocess.CalledProcessError:
        say("uv 没有成功，改用 pip（慢一些）…")
        try:
            pip("install", *locked)
        except subprocess.CalledProcessError:
            fail(
                "包没有装上。请检查网络或镜像（环境变量 PIP_INDEX_URL），然后再执行一次同样的命令。"
            )
    stamp.set()


def find_npm():
    """The directory holding `npm` and a Node of version 18 or newer; installs a wheel for need."""
    probe = 'node -e "process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)" && npm --version'
    if works(["sh", "-c", probe]):
        return None
    directory = os.path.join(VENV, "bin")
    if not works([os.path.join(directory, "npm"), "--version"]):
        install("requirements-node.txt")
    return directory


def build_assets():
    """Install the browser libraries and build the icon sprite, once for each content."""
    stamp = Stamp(os.path.join(BUILD, "assets.done"), digest(*ASSET_SOURCES))
    complete = all(
        os.path.exists(os.path.join(ROOT, name))
        for name in ("node_modules/htmx.org", "node_modules/leaflet", "var/build/icons.svg")
    )
    if complete and stamp.holds():
        return
    say("安装网页部件并生成图标 …")
    env = dict(os.environ)
    directory = find_npm()
    if directory:
        env["PATH"] = directory + os.pathsep + env["PATH"]
    try:
        run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], env=env)
    except subprocess.CalledProcessError:
        fail(
            "网页部件没有装上。请检查网络或 npm 镜像（npm config set registry …），然后再执行一次。"
        )
    run([PYTHON, os.path.join("citymgmt", "dev", "icons.py")])
    stamp.set()


def prepare(requirements):
    """Bring environment and assets up to date."""
    held = lock()
    try:
        make_venv()
        if requirements:
            install(requirements)
            build_assets()
        else:
            pip("install", "--require-hashes", "-r", "requirements-uv.txt")
    finally:
        held.close()


def main():
    """Prepare, then become the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        fail("用法：python3 citymgmt/dev/bootstrap.py " + "|".join(COMMANDS))
    need_supported_python()
    if os.environ.get("MAKELEVEL"):
        leash.die_with_parent()  # a killed make must not leave its command behind
    requirements, module, arguments = COMMANDS[sys.argv[1]]
    started = time.time()
    prepare(requirements)
    if time.time() - started > 2:
        say(f"环境就绪（{time.time() - started:.0f} 秒）")
    if module:
        os.chdir(ROOT)
        # Else each of a dozen processes compiles the whole house anew: seconds of processor each.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.execv(PYTHON, [PYTHON, "-m", module, *arguments, *sys.argv[2:]])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)

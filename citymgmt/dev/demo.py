"""The demonstration city on this machine: database, broker, web, worker and beat together.

    python -m citymgmt.dev.demo --port 8000 --data var/demo

Everything it keeps lies in the data directory; everything it starts ends with it.
"""

import argparse
import fcntl
import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from citymgmt.dev import bootstrap, machine, postgres, services
from citymgmt.dev.processes import (
    ROOT,
    Crew,
    Failed,
    Progress,
    Stopped,
    keep_compiled,
    listen_for_stop,
    python,
    random_secret,
    say,
    speak_utf8,
    step,
    write_private,
)

HOST = "127.0.0.1"
READY_SECONDS = 120
LEFTOVER_SECONDS = 25
ACCOUNTS = {
    "admin": "系统管理员",
    "dispatcher": "受理派遣",
    "supervisor": "督查",
    "inspector": "核查员",
    "leader": "中队长",
    "officer": "队员",
    "viewer": "领导（只看）",
}
APPLICATION = ("web", "worker", "beat")
FOR_COMMANDS = (
    "BUREAU_NAME", "CLOCK_FILE", "DATABASE_URL", "MEDIA_ROOT", "REDIS_URL", "SECRET_KEY",
    "STATIC_ROOT",
)  # fmt: skip


def claim(data: Path) -> int:
    """Take the data directory for this run; the open lock is returned.

    The children's leashes hold the same lock, so after a killed demonstration it is free only
    when the last of them is gone; that is waited for. Raises Failed where another one runs.
    """
    data.mkdir(parents=True, exist_ok=True)
    handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    limit = time.monotonic() + LEFTOVER_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 32, 0).decode().strip()
            if _alive(holder) or time.monotonic() > limit:
                raise Failed(
                    f"数据目录 {data} 正被另一个演示使用（进程 {holder}）。"
                    f"先停掉它，或换一个：make demo DATA=var/demo2 PORT=8001"
                ) from None
            time.sleep(0.2)
            continue
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        return handle


def _alive(pid: str) -> bool:
    return pid.isdigit() and Path(f"/proc/{pid}").exists()


def need_free_port(port: int) -> None:
    """Raise Failed where something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise Failed(
                f"端口 {port} 不能用（{error.strerror}）。换一个：make demo PORT={port + 1}"
            ) from error


def need_chinese_font() -> None:
    """The drawn photos carry Chinese words: install a font where that is possible."""
    try:
        found = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True).stdout
    except FileNotFoundError:
        found = ""
    if found.strip():
        return
    if bootstrap.debian_root():
        say("安装中文字体 fonts-wqy-microhei …")
        try:
            bootstrap.apt_install("fontconfig", "fonts-wqy-microhei")
        except subprocess.CalledProcessError as error:
            say(f"没有装上：{error}")
        else:
            return
    say("提示：没有中文字体，示例照片上的字可能显示不出；可安装 fonts-wqy-microhei。")


def need_pango() -> None:
    """PDF files are laid out by Pango: install it where that is possible."""
    if machine.provide(["pango"]):
        say("提示：没有 Pango，文书不能存成 PDF，其余照常；可安装 libpangoft2-1.0-0。")


def password(data: Path) -> str:
    """The accounts' password: the one loaded with, else DEMO_PASSWORD, else a random one."""
    path = data / "password"
    wanted = os.environ.get("DEMO_PASSWORD", "")
    if not wanted:
        return random_secret(path, 9)
    if not (data / "loaded").exists():
        write_private(path, wanted)
    kept = path.read_text(encoding="utf-8").strip()
    if kept != wanted:
        say("提示：DEMO_PASSWORD 只在第一次载入时生效，账号仍用原来的口令。")
    return kept


class Demo:
    """One run of the demonstration."""

    def __init__(self, port: int, data: Path) -> None:
        self.port, self.data = port, data
        self.progress = Progress()
        self.crew = Crew(data / "log")
        self.environment: dict[str, str] = {}

    def run(self) -> None:
        """Bring everything up, then watch until told to stop or until a child falls."""
        need_free_port(self.port)
        lock = claim(self.data)
        self.crew.keep_open = [lock]
        try:
            self._bring_up()
            while True:
                time.sleep(0.5)
                self.crew.check()
        finally:
            self._stop()
            os.close(lock)

    def _bring_up(self) -> None:
        need_chinese_font()
        need_pango()
        self.progress("启动数据库与消息服务")
        addresses = services.start_durable(self.crew, self.data)
        if addresses.socket_dir:
            # What an interrupted first start left behind is thrown away.
            anew = not (self.data / "loaded").exists()
            postgres.ensure_database(addresses.socket_dir, services.DATABASE, anew=anew)
        self.environment = self._environment(addresses)
        self._leave_environment()
        self._prepare()
        self._load()
        self._start_application()
        self._wait_ready()
        self._announce()

    def _environment(self, addresses: services.Addresses) -> dict[str, str]:
        return {
            **os.environ,
            **addresses.environment(),
            "DJANGO_SETTINGS_MODULE": "citymgmt.settings",
            "SECRET_KEY": random_secret(self.data / "secret_key", 48),
            "MEDIA_ROOT": str(self.data / "media"),
            "STATIC_ROOT": str(self.data / "static"),
            "CLOCK_FILE": str(self.data / "clock"),
            "DEMO_PASSWORD": password(self.data),
            "BUREAU_NAME": os.environ.get("BUREAU_NAME", "临海市综合行政执法局"),
            "PYTHONUNBUFFERED": "1",
        }

    def _leave_environment(self) -> None:
        """For `manage.py` in another terminal: `set -a; . var/demo/env; set +a`."""
        chosen = [name for name in self.environment if name.startswith("PHOTO_STORE")]
        names = [*FOR_COMMANDS, *sorted(chosen)]
        lines = [f"{name}={shlex.quote(self.environment[name])}" for name in names]
        write_private(self.data / "env", "\n".join(lines))

    def _manage(self, what: str, *arguments: str) -> None:
        self.progress(what)
        code = step(python("manage.py", *arguments), env=self.environment)
        self.crew.check()
        if code:
            raise Failed(f"{what}没有成功（manage.py {' '.join(arguments)}，代码 {code}）。")

    def _prepare(self) -> None:
        self._manage("建表", "migrate", "--noinput", "--verbosity", "0")
        self._manage("收集页面文件", "collectstatic", "--noinput", "--verbosity", "0")

    def _load(self) -> None:
        loaded = self.data / "loaded"
        if not loaded.exists():
            self._manage("载入示范城市（只在第一次）", "load_demo")
            loaded.touch()

    def _start_application(self) -> None:
        self.progress("启动网站、后台任务与定时任务")
        binaries = Path(sys.executable).parent
        celery = [binaries / "celery", "-A", "citymgmt", "--quiet"]
        commands = {
            "web": [
                binaries / "granian", "--interface", "wsgi", "--host", HOST,
                "--port", str(self.port), "--workers", "2", "--blocking-threads", "4",
                "--http1-buffer-size", "65536", "--workers-kill-timeout", "5", "--no-ws",
                "citymgmt.wsgi:application",
            ],
            "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO",
                       "--without-gossip", "--without-mingle"],
            "beat": [*celery, "beat", "--loglevel", "INFO", "--pidfile="],
        }  # fmt: skip
        for name in APPLICATION:
            self.crew.start(name, commands[name], env=self.environment)

    def _wait_ready(self) -> None:
        limit = time.monotonic() + READY_SECONDS
        while True:
            self.crew.check()
            answer = self._ask("/readyz")
            if answer.startswith("200"):
                return
            if time.monotonic() > limit:
                raise Failed(f"{READY_SECONDS} 秒内没有就绪，/readyz 的回答：{answer}")
            time.sleep(0.2)

    def _ask(self, path: str) -> str:
        """Status and body of a page, or what went wrong, as one text."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return f"{response.status} {response.read(2000).decode(errors='replace')}"
        except (OSError, http.client.HTTPException) as error:
            return str(error)
        finally:
            connection.close()

    def _announce(self) -> None:
        base = f"http://{HOST}:{self.port}"
        self.progress("已就绪")
        say("")
        say(f"  网站      {base}/")
        say(f"  接口文档  {base}/api/docs/")
        say(f"  日志      {self.crew.log_dir}/")
        say("")
        say(f"  口令      {self.environment['DEMO_PASSWORD']}")
        for name, role in ACCOUNTS.items():
            say(f"  {name:<11} {role}")
        say("")
        say(f"ready: {base}")

    def _stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if self.crew.services:
            self.progress("停止")
        self.crew.stop(APPLICATION)
        self.crew.stop()


def main(argv: list[str] | None = None) -> int:
    """Run the demonstration; 0 when it was told to stop, 1 when something failed."""
    speak_utf8()
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "demo")
    options = parser.parse_args(argv)
    keep_compiled()
    listen_for_stop()
    try:
        Demo(options.port, options.data.absolute()).run()
    except Failed as error:
        say(f"\n{error}")
        return 1
    except Stopped:
        say("已停止。")
    return 0


if __name__ == "__main__":
    sys.exit(main())

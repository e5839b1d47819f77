"""A server process of the stack: started so that it outlives who started it, found again by its
process id, stopped by that id, and told from a stranger who got the same number."""

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time


class StackError(Exception):
    """A sentence for the person who typed the command."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def free_port():
    """A port that nobody listens on, and that the kernel gives no client by chance."""
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            # Below the range of outgoing connections: the number is kept over restarts.
            port = 10000 + probe.getsockname()[1] % 20000
        if not listening(port) and not listening(port + 100):
            return port
    raise StackError("no free port found")


def listening(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def need_program(name, package):
    folders = [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]
    path = shutil.which(name, path=os.pathsep.join(folders))
    if path is None:
        raise StackError(f"{name} is not installed: apt-get install {package}")
    return path


class Process:
    """One server process with its log and its pid file in `folder`."""

    def __init__(self, folder, what):
        self.folder = folder
        self.what = what
        self.log = os.path.join(folder, "server.log")
        self._pid_file = os.path.join(folder, "pid")
        self._handle = None  # of the one that this has started or signalled

    def pid(self):
        """None when it does not run."""
        try:
            with open(self._pid_file, encoding="ascii") as file:
                pid = int(file.read())
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                mine = self.folder.encode() in file.read()
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                ended = file.read().rpartition(")")[2].split()[0] in "ZX"
        except (OSError, ValueError):
            return None
        return pid if mine and not ended else None

    def start(self, command, environment=None):
        os.makedirs(self.folder, exist_ok=True)
        with open(self.log, "ab") as log:
            process = subprocess.Popen(  # pylint: disable=consider-using-with
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env={**os.environ, **(environment or {})}, start_new_session=True)
        with open(self._pid_file, "w", encoding="ascii") as file:
            file.write(str(process.pid))
        self._handle = os.pidfd_open(process.pid)

    def wait(self, answers, seconds=240):
        """Until `answers()` is true; an error with the end of the log when it ends before that."""
        deadline = time.monotonic() + seconds
        while not answers():
            ended = self._has_ended()
            if ended or time.monotonic() > deadline:
                why = "has ended" if ended else f"does not answer in {seconds} s"
                raise StackError(f"{self.what} {why}; the end of {self.log}:\n{self.log_end()}")
            time.sleep(0.1)

    def _has_ended(self):
        # One that was started a moment ago may have no command line yet, by which pid() knows it.
        return self.pid() is None if self._handle is None else self._ends_within(0)

    def log_end(self):
        with contextlib.suppress(OSError):
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return "".join(file.readlines()[-15:])
        return "(there is none)"

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            if self._handle is None:
                pid = self.pid()
                if pid is None:
                    return
                self._handle = os.pidfd_open(pid)
            signal.pidfd_send_signal(self._handle, number)

    def _ends_within(self, seconds):
        """Its ports and locks are held until the last of its threads has ended, when it has long
        lost its command line: only the handle knows."""
        return bool(select.select([self._handle], [], [], seconds)[0])

    def stop(self, at_once=False, seconds=20):
        """`at_once` where nobody will miss what it holds."""
        self.signal(signal.SIGKILL if at_once else signal.SIGTERM)
        if self._handle is not None:
            if not self._ends_within(seconds):
                say(f"{self.what} did not stop in {seconds} s and is killed")
                self.signal(signal.SIGKILL)
                if not self._ends_within(60):
                    raise StackError(f"{self.what} was killed and has not ended")
            os.close(self._handle)
            self._handle = None
        with contextlib.suppress(FileNotFoundError):
            os.remove(self._pid_file)

"""MariaDB of the distribution: one server with a socket and a loopback port, root without a
password, and a database `pesan`."""

import os
import pwd
import shutil
import subprocess
import tempfile

from server import Process, StackError, free_port, listening, need_program

DEFAULT_PORT = 13306
PACKAGE = "mariadb-server"


class MariaDb:
    """Its port is fixed at its making and stands in the file `port`."""

    name = "MariaDB"

    def __init__(self, folder, port):
        self._folder = os.path.join(folder, "mariadb")
        self._process = Process(self._folder, self.name)
        self._asked_port = port
        self._data = os.path.join(self._folder, "data")
        self._port_file = os.path.join(self._folder, "port")
        self._port = None
        if os.path.exists(self._port_file):
            with open(self._port_file, encoding="ascii") as file:
                self._port = int(file.read())

    def _socket(self):
        return os.path.join(self._folder, "mariadb.sock")

    def addresses(self):
        return [f"PESAN_STORE=mysql://root@127.0.0.1:{self._port}/pesan",
                f"PESAN_MARIADB_SOCKET={self._socket()}"]

    def runs(self):
        return self._process.pid() is not None and self._answers()

    def state(self):
        if self._port is None:
            return "was never started"
        if self._process.pid() is None:
            return "stopped"
        return (f"{'answers' if self.runs() else 'does not answer'} on {self._port}; "
                f"pid {self._process.pid()}")

    def start(self):
        if self._port is not None and self._asked_port not in (None, 0, self._port):
            raise StackError(f"this MariaDB has port {self._port}, which is fixed; "
                             "./dev stack down --wipe forgets it")
        if self._process.pid():
            return
        port = self._port
        if port is None:
            port = DEFAULT_PORT if self._asked_port is None else self._asked_port or free_port()
        if listening(port):
            raise StackError(f"port {port} is taken; set PESAN_MARIADB_PORT to another one")
        if len(self._socket()) > 107:  # what the kernel takes for the path of a socket
            raise StackError(f"{self._socket()} is too long for a socket: use a shorter folder")
        server = need_program("mariadbd", PACKAGE)
        self._install()
        with open(self._port_file, "w", encoding="ascii") as file:
            file.write(str(port))
        self._port = port
        self._process.start(
            [server, "--no-defaults", f"--datadir={self._data}", f"--socket={self._socket()}",
             f"--port={port}", "--bind-address=127.0.0.1", f"--user={user()}",
             f"--pid-file={self._folder}/mariadbd.pid", f"--init-file={self._first_statements()}",
             "--skip-name-resolve", "--character-set-server=utf8mb4",
             "--innodb-buffer-pool-size=512M", "--innodb-log-file-size=256M",
             "--max-connections=200"])

    def wait(self):
        self._process.wait(self._answers)

    def stop(self, at_once):
        self._process.stop(at_once)

    def _answers(self):
        admin = need_program("mariadb-admin", PACKAGE)
        answer = subprocess.run(
            [admin, "--no-defaults", "--protocol=tcp", "--host=127.0.0.1", f"--port={self._port}",
             "--user=root", "ping"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False)
        return answer.returncode == 0

    def _first_statements(self):
        path = os.path.join(self._folder, "init.sql")
        with open(path, "w", encoding="ascii") as file:
            file.write("CREATE DATABASE IF NOT EXISTS pesan;\n")
        return path

    def _install(self):
        """Whole or not at all: what a kill leaves is a folder under another name."""
        if os.path.exists(self._data):
            return
        os.makedirs(self._folder, exist_ok=True)
        install = need_program("mariadb-install-db", PACKAGE)
        incoming = tempfile.mkdtemp(dir=self._folder)
        done = subprocess.run(
            [install, "--no-defaults", f"--datadir={incoming}", f"--user={user()}",
             "--auth-root-authentication-method=normal", "--skip-test-db"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False)
        if done.returncode != 0:
            shutil.rmtree(incoming, ignore_errors=True)
            raise StackError("cannot make MariaDB's data folder:\n" +
                             done.stdout.decode(errors="replace")[-2000:])
        os.rename(incoming, self._data)


def user():
    return pwd.getpwuid(os.getuid()).pw_name

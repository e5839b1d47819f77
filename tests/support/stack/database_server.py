"""A database server with a loopback port and a socket, root without a password, and a database
`pesan`: what MariaDB and MySQL have in common."""

import os
import pwd
import shutil
import subprocess
import tempfile

from server import Process, StackError, free_port, listening, need_program


class DatabaseServer:
    """Its port is fixed at its making and stands in the file `port`. Who derives from it says what
    its programs are: `name`, `folder_name`, `port_variable`, `default_port`, `_server()` and
    `_installer(data)`, the commands up to what all servers have in common, and `_settings()`."""

    name = folder_name = port_variable = default_port = None

    def __init__(self, folder, port):
        self._folder = os.path.join(folder, self.folder_name)
        self._process = Process(self._folder, self.name)
        self._asked_port = port
        self._data = os.path.join(self._folder, "data")
        self._port_file = os.path.join(self._folder, "port")
        self._port = None
        if os.path.exists(self._port_file):
            with open(self._port_file, encoding="ascii") as file:
                self._port = int(file.read())

    def _server(self):
        raise NotImplementedError

    def _installer(self, data):
        raise NotImplementedError

    def _settings(self):
        raise NotImplementedError

    def was_started(self):
        return self._port is not None

    def addresses(self):
        return [f"PESAN_STORE=mysql://root@127.0.0.1:{self._port}/pesan",
                f"PESAN_STORE_SOCKET={self._socket()}"]

    def runs(self):
        return self._process.pid() is not None and self._version() is not None

    def state(self):
        if self._port is None:
            return "was never started"
        if self._process.pid() is None:
            return "stopped"
        version = self._version()
        return (f"{f'{version} answers' if version else 'does not answer'} on {self._port}; "
                f"pid {self._process.pid()}")

    def start(self):
        if self._port is not None and self._asked_port not in (None, 0, self._port):
            raise StackError(f"this {self.name} has port {self._port}, which is fixed; "
                             "./dev stack down --wipe forgets it")
        if self._process.pid():
            return
        port = self._port or self._asked_port
        if port is None:
            port = self.default_port
        elif port == 0:
            port = free_port()
        if listening(port):
            raise StackError(f"port {port} is taken; set {self.port_variable} to another one")
        if len(self._socket()) > 107:  # what the kernel takes for the path of a socket
            raise StackError(f"{self._socket()} is too long for a socket: use a shorter folder")
        server = self._server()
        self._install()
        with open(self._port_file, "w", encoding="ascii") as file:
            file.write(str(port))
        self._port = port
        self._process.start(
            [*server, f"--datadir={self._data}", f"--socket={self._socket()}",
             f"--port={port}", "--bind-address=127.0.0.1", f"--user={user()}",
             f"--pid-file={self._folder}/server.pid", f"--init-file={self._first_statements()}",
             "--character-set-server=utf8mb4", "--innodb-buffer-pool-size=512M",
             "--max-connections=200", *self._settings()])

    def wait(self):
        self._process.wait(lambda: self._version() is not None)

    def stop(self, at_once):
        self._process.stop(at_once)

    def _socket(self):
        return os.path.join(self._folder, "server.sock")

    def _version(self):
        """What the server says that it is; None while it does not answer."""
        client = need_program("mariadb", "mariadb-client-core")
        answer = subprocess.run(
            [client, "--no-defaults", "--protocol=tcp", "--host=127.0.0.1", f"--port={self._port}",
             "--user=root", "--batch", "--skip-column-names", "--execute=SELECT VERSION()"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            check=False)
        return answer.stdout.decode().strip() if answer.returncode == 0 else None

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
        incoming = tempfile.mkdtemp(dir=self._folder)
        done = subprocess.run(
            [*self._installer(incoming), f"--user={user()}"], cwd=self._folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False)
        if done.returncode != 0:
            shutil.rmtree(incoming, ignore_errors=True)
            raise StackError(f"cannot make the data folder of {self.name}:\n" +
                             done.stdout.decode(errors="replace")[-2000:])
        os.rename(incoming, self._data)


def user():
    return pwd.getpwuid(os.getuid()).pw_name

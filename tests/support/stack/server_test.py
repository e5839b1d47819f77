#!/usr/bin/env python3
"""How the stack finds the programs of its servers, and knows when one has begun and has ended."""

import os
import sys
import tempfile
import unittest
import warnings
from unittest import mock

from server import Process, StackError, listening, need_program

# Listens, and writes its port to the file `port`. At SIGTERM its first thread ends, after which it
# looks like a process that has ended, and half a second later the one that listens.
SLOW_TO_END = """
import ctypes, os, signal, socket, threading, time
def listen():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with open("port.new", "w") as file:
            file.write(str(server.getsockname()[1]))
        os.rename("port.new", "port")
        while open("/proc/self/stat").read().rpartition(")")[2].split()[0] != "Z":
            time.sleep(0.01)
        time.sleep(0.5)
        os._exit(0)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
threading.Thread(target=listen).start()
signal.sigwait([signal.SIGTERM])
ctypes.CDLL(None).pthread_exit(None)
"""


class Programs(unittest.TestCase):
    def test_a_folder_of_that_name_on_the_path_is_none(self):
        # build/release holds a folder `mariadb`, and the README puts build/release on the path.
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            os.mkdir(os.path.join(first, "mariadb"))
            program = os.path.join(second, "mariadb")
            with open(program, "w", encoding="ascii"):
                os.chmod(program, 0o755)
            with mock.patch.dict(os.environ, {"PATH": first + os.pathsep + second}):
                self.assertEqual(need_program("mariadb", "a-package"), program)

    def test_one_that_is_missing_is_named_with_its_package(self):
        with mock.patch.dict(os.environ, {"PATH": ""}):
            with self.assertRaisesRegex(StackError, "no-such-program is not .* a-package"):
                need_program("no-such-program", "a-package")


class Processes(unittest.TestCase):
    def setUp(self):
        warnings.simplefilter("ignore", ResourceWarning)  # who starts a server does not await it
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.process = Process(self.folder, "Sleeper")
        self.addCleanup(self.process.stop, at_once=True)

    def test_one_whose_command_line_is_not_there_yet_has_not_ended(self):
        self.process.start(["sleep", "600"])  # a command line that is not its own
        self.assertIsNone(self.process.pid())
        answers = iter([False, True])
        self.process.wait(lambda: next(answers))

    def test_one_that_ends_before_it_answers_is_told_with_its_log(self):
        self.process.start(["sh", "-c", "echo no such thing; exit 1"])
        with self.assertRaisesRegex(StackError, "Sleeper has ended.*\nno such thing"):
            self.process.wait(lambda: False)

    def test_one_that_was_stopped_holds_its_port_no_more(self):
        self.process.start([sys.executable, "-c", SLOW_TO_END, self.folder])
        port_file = os.path.join(self.folder, "port")
        self.process.wait(lambda: os.path.exists(port_file))
        with open(port_file, encoding="ascii") as file:
            port = int(file.read())
        self.assertTrue(listening(port))
        self.process.stop()
        self.assertFalse(listening(port))


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""How the stack finds the programs of its servers."""

import os
import tempfile
import unittest
from unittest import mock

from server import StackError, need_program


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


if __name__ == "__main__":
    unittest.main()

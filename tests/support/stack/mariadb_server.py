"""MariaDB of the distribution."""

import os

from database_server import DatabaseServer
from server import need_program

PACKAGE = "mariadb-server-core"


class MariaDb(DatabaseServer):
    """Its programs are installed."""

    name = "MariaDB"
    folder_name = "mariadb"
    port_variable = "PESAN_MARIADB_PORT"
    default_port = 13306

    def _server(self):
        return [need_program("mariadbd", PACKAGE), "--no-defaults", self._tmpdir()]

    def _installer(self, data):
        return [need_program("mariadb-install-db", PACKAGE), "--no-defaults", self._tmpdir(),
                f"--datadir={data}",
                "--auth-root-authentication-method=normal", "--skip-test-db"]

    def _tmpdir(self):
        """Its own: a server that starts removes the temporary tables that it finds there."""
        folder = os.path.join(self._folder, "tmp")
        os.makedirs(folder, exist_ok=True)
        return f"--tmpdir={folder}"

    def _settings(self):
        return ["--skip-name-resolve", "--innodb-log-file-size=256M"]

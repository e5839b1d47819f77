"""MariaDB of the distribution."""

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
        return [need_program("mariadbd", PACKAGE), "--no-defaults"]

    def _installer(self, data):
        return [need_program("mariadb-install-db", PACKAGE), "--no-defaults", f"--datadir={data}",
                "--auth-root-authentication-method=normal", "--skip-test-db"]

    def _settings(self):
        return ["--skip-name-resolve", "--innodb-log-file-size=256M"]

"""MySQL, which releases of Debian do not have: from the packages of Debian unstable, unpacked below
build/ and installed nowhere."""

import os

from database_server import DatabaseServer
from debian_packages import LOADER, fetch_packages, libraries

PACKAGES = ["mysql-server-core"]


class MySql(DatabaseServer):
    """`packages` is the folder of its programs."""

    name = "MySQL"
    folder_name = "mysql"
    port_variable = "PESAN_MYSQL_PORT"
    default_port = 13307

    def __init__(self, folder, port, packages, durable=False):
        super().__init__(folder, port)
        self._packages = packages
        self._durable = durable

    def _server(self):
        fetch_packages(PACKAGES, "unstable", self._packages)
        files = os.path.join(self._packages, "files")
        return [os.path.join(files, LOADER), "--library-path", libraries(files),
                os.path.join(files, "usr/sbin/mysqld"), "--no-defaults",
                f"--basedir={files}/usr", "--secure-file-priv=NULL"]

    def _installer(self, data):
        return [*self._server(), "--initialize-insecure", f"--datadir={data}"]

    def _settings(self):
        # Names are resolved: root@localhost is whom 127.0.0.1 stands for.
        settings = ["--innodb-redo-log-capacity=256M", "--mysqlx=OFF"]
        if self._durable:
            return settings
        # What it holds survives kill -9 and need not survive a power cut.
        return [*settings, "--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=2",
                "--sync-binlog=0"]

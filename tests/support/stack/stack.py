#!/usr/bin/env python3
"""A real Kafka and a real MariaDB (or MySQL) on this machine, without a container engine.

stack.py up [--brokers 3] [--mysql [--durable]]
                               start what does not run yet, wait until all of it answers
stack.py down [--wipe]         stop it; --wipe forgets its data too
stack.py status                say what runs; exit code 1 when something does not
stack.py env                   only the addresses, for eval "$(./dev stack env)"

up, status and env print the addresses on stdout, as lines for a shell; everything else goes to
stderr. Several stacks stand side by side under a --name; a second `up` waits for the
first. All listen on loopback only, and what they hold lies below build/stack.

PESAN_KAFKA_PORT (19092; the brokers after it take the next ports, their controllers those 100
above), PESAN_MARIADB_PORT (13306) and PESAN_MYSQL_PORT (13307) choose the ports of a new stack; 0
is any free one. --mysql is of a new stack too: MySQL in MariaDB's place, fetched from the packages
of Debian unstable, and neither installed nor run as root.
"""

import argparse
import contextlib
import fcntl
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kafka_server import KafkaCluster  # pylint: disable=wrong-import-position
from mariadb_server import MariaDb  # pylint: disable=wrong-import-position
from mysql_server import MySql  # pylint: disable=wrong-import-position
from server import StackError, say  # pylint: disable=wrong-import-position

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
HOME = os.path.join(os.path.abspath(ROOT), "build", "stack")


@contextlib.contextmanager
def turn(name):
    """One command a stack at a time; a second one waits."""
    os.makedirs(HOME, exist_ok=True)
    with open(os.path.join(HOME, name + ".lock"), "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another `stack` command on {name}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def port(variable):
    """The port that the environment asks for; None when it asks for nothing."""
    text = os.environ.get(variable, "")
    if not text:
        return None
    if not text.isdigit() or int(text) > 65000:
        raise StackError(f"{variable}={text} is no port")
    return int(text)


def database_of(options, folder):
    """A stack has one of the two, chosen when it is made."""
    mariadb = MariaDb(folder, port(MariaDb.port_variable))
    mysql = MySql(folder, port(MySql.port_variable), packages=os.path.join(HOME, "mysql-packages"),
                  durable=options.durable)
    if not options.mysql:
        return mysql if mysql.was_started() else mariadb
    if mariadb.was_started():
        raise StackError("this stack has a MariaDB, and is made with one database: take another "
                         "--name, or forget it with ./dev stack down --wipe")
    return mysql


def servers_of(options, folder):
    servers = []
    if options.only != "database":
        servers.append(KafkaCluster(folder, options.brokers, port("PESAN_KAFKA_PORT"),
                                    jars=os.path.join(HOME, "jars")))
    if options.only != "kafka":
        servers.append(database_of(options, folder))
    return servers


def addresses(servers):
    return [line for server in servers for line in server.addresses()]


def write_addresses(folder, lines):
    """For programs: the same lines in a file that is there, whole, while the stack is up. What an
    `up --only` did not look at keeps its lines."""
    path = os.path.join(folder, "addresses")
    known = {line.partition("=")[0] for line in lines}
    with contextlib.suppress(FileNotFoundError):
        with open(path, encoding="utf-8") as file:
            lines = [line.rstrip("\n") for line in file
                     if line.partition("=")[0] not in known] + lines
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))
    os.replace(path + ".new", path)


def print_states(servers):
    for server in servers:
        say(f"{server.name}: {server.state()}")


def print_addresses(servers):
    for line in addresses(servers):
        print("export", line)


def up(_, folder, servers):
    for server in servers:
        server.start()
    for server in servers:
        server.wait()
    write_addresses(folder, addresses(servers))
    print_states(servers)
    print_addresses(servers)
    return 0  # all have answered, and a moment in which one is slow takes nothing from that


def down(options, folder, servers):
    with contextlib.suppress(FileNotFoundError):
        os.remove(os.path.join(folder, "addresses"))
    for server in servers:
        server.stop(at_once=options.wipe)
    if options.wipe:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def status(_, __, servers):
    print_states(servers)
    running = all(server.runs() for server in servers)
    if running:
        print_addresses(servers)
    return 0 if running else 1


def env(_, __, servers):
    if not all(server.runs() for server in servers):
        raise StackError("the stack does not run: ./dev stack up")
    print_addresses(servers)
    return 0


def main():
    parser = argparse.ArgumentParser(prog="./dev stack", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("up", "down", "status", "env"))
    parser.add_argument("--brokers", type=int, choices=(1, 3), help="of a new Kafka (1)")
    parser.add_argument("--only", choices=("kafka", "database"), help="leave the other one alone")
    parser.add_argument("--mysql", action="store_true", help="MySQL in MariaDB's place")
    parser.add_argument("--durable", action="store_true",
                        help="MySQL writes each commit to the disk, as its defaults are")
    parser.add_argument("--name", default="dev", help="which stack (dev)")
    parser.add_argument("--wipe", action="store_true", help="down: forget the data too")
    options = parser.parse_args()
    folder = os.path.join(HOME, options.name)
    try:
        with turn(options.name):
            return globals()[options.command](options, folder, servers_of(options, folder))
    except StackError as error:
        say(f"stack: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(main())

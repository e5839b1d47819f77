"""Kafka in KRaft, each node broker and controller in one process, run from the jars of pom.xml."""

import base64
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess

from server import Process, StackError, free_port, listening, need_program, say

DEFAULT_PORT = 19092
JAVA = "default-jre-headless"


def new_id():
    """A Kafka Uuid: 16 bytes in URL-safe base 64; one that begins with a dash is taken for an
    option by Kafka's own tools."""
    while True:
        text = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def brokers_known_at(port):
    """How many brokers the one at this port knows; 0 while it does not answer."""
    request = struct.pack(">hhih5si", 3, 1, 1, 5, b"pesan", 0)  # Metadata, version 1, no topics
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            answer = b""
            while len(answer) < 12:
                part = connection.recv(4096)
                if not part:
                    return 0
                answer += part
    except OSError:
        return 0
    return struct.unpack(">iii", answer[:12])[2]


class KafkaCluster:
    """One or three nodes. What is fixed at its making (ports, ids) stands in cluster.json."""

    name = "Kafka"

    def __init__(self, folder, brokers, port, jars):
        self._folder = os.path.join(folder, "kafka")
        self._jars = jars
        self._asked_brokers, self._asked_port = brokers, port
        self._cluster = None
        with contextlib.suppress(FileNotFoundError):
            with open(self._file(), encoding="utf-8") as file:
                self._cluster = json.load(file)

    def _file(self):
        return os.path.join(self._folder, "cluster.json")

    def _nodes(self):
        if self._cluster is None:
            return []
        return [Process(os.path.join(self._folder, f"node{number}"), f"Kafka broker {number}")
                for number in range(1, len(self._cluster["ports"]) + 1)]

    def addresses(self):
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._cluster["ports"])
        return [f"PESAN_LOG=kafka://{hosts}"]

    def runs(self):
        nodes = self._nodes()
        return bool(nodes) and all(node.pid() for node in nodes) and self._answers()

    def state(self):
        if self._cluster is None:
            return "was never started"
        pids = [str(node.pid() or "stopped") for node in self._nodes()]
        ports = ", ".join(str(port) for port in self._cluster["ports"])
        if not any(node.pid() for node in self._nodes()):
            return "stopped"
        return f"{'answers' if self.runs() else 'does not answer'} on {ports}; pid {' '.join(pids)}"

    def start(self):
        if self._cluster is None:
            self._plan()
        elif self._asked_brokers not in (None, len(self._cluster["ports"])):
            raise StackError(f"this Kafka has {len(self._cluster['ports'])} broker(s), which is "
                             "fixed; ./dev stack down --wipe forgets it")
        elif self._asked_port not in (None, 0, self._cluster["ports"][0]):
            raise StackError(f"this Kafka has port {self._cluster['ports'][0]}, which is fixed; "
                             "./dev stack down --wipe forgets it")
        java = need_program("java", JAVA)
        for number, node in enumerate(self._nodes(), 1):
            if node.pid():
                continue
            for port in (self._cluster["ports"][number - 1], self._controller_port(number)):
                if listening(port):
                    raise StackError(f"port {port} is taken; set PESAN_KAFKA_PORT to another one")
            self._fetch_jars()
            self._format(java, number, node)
            heap = "512m" if len(self._cluster["ports"]) == 1 else "384m"
            node.start([java, f"-Xmx{heap}", f"-Xms{heap}", "-XX:+UseSerialGC",
                        *self._logging(), "-cp", os.path.join(self._jars, "*"), "kafka.Kafka",
                        os.path.join(node.folder, "server.properties")])

    @staticmethod
    def _logging():
        return ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS"]

    def wait(self):
        for node in self._nodes():
            node.wait(self._answers)

    def stop(self, at_once):
        nodes = self._nodes()
        for node in nodes:
            node.signal(signal.SIGKILL if at_once else signal.SIGTERM)
        for node in nodes:
            node.stop(at_once)

    def _answers(self):
        ports = self._cluster["ports"]
        return all(brokers_known_at(port) == len(ports) for port in ports)

    def _controller_port(self, number):
        return self._cluster["ports"][number - 1] + 100

    def _plan(self):
        first = self._asked_port
        if first is None:
            first = DEFAULT_PORT
        elif first == 0:
            first = free_port()
        nodes = range(self._asked_brokers or 1)
        self._cluster = {"id": new_id(), "ports": [first + n for n in nodes],
                         "directories": [new_id() for _ in nodes]}
        os.makedirs(self._folder, exist_ok=True)
        with open(self._file() + ".new", "w", encoding="utf-8") as file:
            json.dump(self._cluster, file)
        os.replace(self._file() + ".new", self._file())

    def _fetch_jars(self):
        """Whole or not at all, and once for all stacks: a name that is there is complete."""
        os.makedirs(os.path.dirname(self._jars), exist_ok=True)
        with open(self._jars + ".lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            pom = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pom.xml")
            with open(pom, "rb") as file:
                wanted = file.read()
            with contextlib.suppress(FileNotFoundError):
                with open(os.path.join(self._jars, "pom.xml"), "rb") as file:
                    if file.read() == wanted:
                        return
            maven = need_program("mvn", "maven")
            say("fetching Kafka's jars")
            incoming = self._jars + ".new"
            for folder in (incoming, self._jars):
                shutil.rmtree(folder, ignore_errors=True)
            fetched = subprocess.run(
                [maven, "-q", "-B", "-f", pom, "dependency:copy-dependencies",
                 "-DincludeScope=runtime", f"-DoutputDirectory={incoming}"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                check=False)
            if fetched.returncode != 0:
                raise StackError("cannot fetch Kafka's jars from Maven Central:\n" +
                                 fetched.stdout.decode(errors="replace")[-2000:])
            with open(os.path.join(incoming, "pom.xml"), "wb") as file:
                file.write(wanted)
            os.rename(incoming, self._jars)

    def _format(self, java, number, node):
        data = os.path.join(node.folder, "data")
        if os.path.exists(os.path.join(data, "meta.properties")):
            return
        os.makedirs(node.folder, exist_ok=True)
        properties = os.path.join(node.folder, "server.properties")
        with open(properties, "w", encoding="ascii") as file:
            file.write("".join(f"{key}={value}\n" for key, value in self._settings(number, data)))
        voters = ",".join(
            f"{n}@127.0.0.1:{self._controller_port(n)}:{directory}"
            for n, directory in enumerate(self._cluster["directories"], 1))
        formatted = subprocess.run(
            [java, "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp",
             os.path.join(self._jars, "*"), "kafka.tools.StorageTool", "format",
             "-t", self._cluster["id"], "-c", properties, "--initial-controllers", voters],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False)
        if formatted.returncode != 0:
            raise StackError("cannot format Kafka's storage:\n" +
                             formatted.stdout.decode(errors="replace")[-2000:])

    def _settings(self, number, data):
        count = len(self._cluster["ports"])
        replicas, in_sync = (1, 1) if count == 1 else (3, 2)
        port, controller = self._cluster["ports"][number - 1], self._controller_port(number)
        bootstrap = ",".join(f"127.0.0.1:{self._controller_port(n)}" for n in range(1, count + 1))
        return [
            ("process.roles", "broker,controller"),
            ("node.id", number),
            ("controller.quorum.bootstrap.servers", bootstrap),
            ("listeners", f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}"),
            ("controller.listener.names", "CONTROLLER"),
            ("log.dirs", data),
            ("auto.create.topics.enable", "false"),
            ("group.initial.rebalance.delay.ms", 0),
            ("default.replication.factor", replicas),
            ("min.insync.replicas", in_sync),
            ("offsets.topic.replication.factor", replicas),
            ("transaction.state.log.replication.factor", replicas),
            ("transaction.state.log.min.isr", in_sync),
            ("share.coordinator.state.topic.replication.factor", replicas),
            ("share.coordinator.state.topic.min.isr", in_sync),
            # As many as this small cluster needs; each costs memory-mapped indexes.
            ("offsets.topic.num.partitions", 10),
            ("transaction.state.log.num.partitions", 10),
        ]


"""The figures on a real Kafka and a real database, each beside what it is measured against.

Roles run as processes of their own, as an operator starts them. Every run has a log, a database and
output topics of its own; the sides take turns.
"""
import contextlib
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import time
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTITIONS = 4
MANY = 12  # partitions, as a log has them where nobody says how many
CALLERS = (1, 4, 16)  # of stored procedures


def output(command, **options):
    return subprocess.run([str(word) for word in command], check=True, text=True,
                          stdout=subprocess.PIPE, **options).stdout


def figures_of(command):
    """What a tool of bench/ prints last; librdkafka may have had something to say before."""
    return json.loads(output(command).splitlines()[-1])


class Stack:
    """The servers, as `./dev stack` starts them, with nothing in them."""

    def __init__(self, database):
        self._words = [ROOT / "dev", "stack"]
        self._name = ["--name", f"bench-{database}"]
        self._up = ["up", "--mysql", "--durable"] if database == "mysql" else ["up"]
        ports = ("PESAN_KAFKA_PORT", "PESAN_MARIADB_PORT", "PESAN_MYSQL_PORT")
        self._environment = os.environ | dict.fromkeys(ports, "0")

    def __enter__(self):
        self._run("down", "--wipe")
        try:
            lines = self._run(*self._up).splitlines()
        except subprocess.CalledProcessError:
            self._run("down", "--wipe")  # one server may have come up
            raise
        addresses = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        self.log = addresses["PESAN_LOG"].strip("'\"")
        self.server, _ = addresses["PESAN_STORE"].strip("'\"").rsplit("/", 1)
        return self

    def __exit__(self, *_):
        self._run("down", "--wipe")

    def _run(self, *words):
        return output([*self._words, *words, *self._name], env=self._environment,
                      stderr=subprocess.DEVNULL)


class Role:
    """One role as a process. Its log lines say when the group gave it its partitions."""

    def __init__(self, command, said):
        self._said = said
        with open(said, "w") as out:
            self._process = subprocess.Popen([str(word) for word in command], stdout=out,
                                             stderr=out)

    def said_at(self, text, count=1, limit=120):
        """Seconds since 1970 of the line that has `text` in it for the count-th time."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            lines = [line for line in self.lines() if text in line]
            if len(lines) >= count:
                stamp = json.loads(lines[count - 1])["time"]
                return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
            time.sleep(0.01)
        raise RuntimeError(f"no '{text}' in {self._said}:\n{self._said.read_text()[-2000:]}")

    def lines(self):
        return self._said.read_text().splitlines()

    def cpu_seconds(self):
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def until_idle(self):
        """Until it has caught up, as its use of a core tells."""
        before, after = 0, self.cpu_seconds()
        while after - before > 0.2:
            time.sleep(1)
            before, after = after, self.cpu_seconds()

    def resident_mb(self):
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    def stop(self, how=signal.SIGTERM):
        self._process.send_signal(how)
        self._process.wait()

    def end(self):
        """Whatever became of the run."""
        if self._process.poll() is None:
            self.stop(signal.SIGKILL)


class Bench:
    def __init__(self, build, folder, stack, commands, partitions=PARTITIONS):
        self._program = build / "pesan"
        self._tools = build / "bench"
        self._folder = folder
        self._stack = stack
        self._commands = commands
        self._partitions = partitions
        self._number = 0
        self._roles = []

    def _assigned(self):
        return f"{self._partitions} partitions assigned"

    def new_log(self):
        self._number += 1
        self._prefix = f"bench{self._partitions}x{self._number}"
        self._log = f"{self._stack.log}?prefix={self._prefix}"
        self._store = f"{self._stack.server}/{self._prefix}"
        output([self._program, "topics", "create", "--log", self._log, "--clock", "command",
                "--partitions", self._partitions], stderr=subprocess.DEVNULL)

    def new_store(self, suffix=""):
        self._store = f"{self._stack.server}/{self._prefix}{suffix}"
        output([self._program, "migrate", "--store", self._store], stderr=subprocess.DEVNULL)

    def load(self):
        return figures_of([self._tools / "stack_bench", "load", self._log, self._commands])

    def role(self, *words):
        return self._begin(words[0], [self._program, "--log-format", "json", *words,
                                      "--log", self._log, "--store", self._store])

    def peer_projector(self):
        """The projector with the peer's tables only: no payments and no customers."""
        return self._begin("projector", [self._tools / "peer_tables_bench", self._log,
                                         self._store])

    def _begin(self, name, command):
        said = self._folder / f"{name}-{len(self._roles)}.log"
        self._roles.append(Role(command, said))
        return self._roles[-1]

    def close(self):
        for role in self._roles:
            role.end()

    def wait_for(self, what, *words):
        return figures_of([self._tools / "stack_bench", what, self._log, *words])

    def bare_loop(self):
        """The better of two: all fetched ahead that there is, or little more than a second's."""
        return max((self.bare_loop_with(ahead) for ahead in (1_000_000, 25_000)),
                   key=lambda figures: figures["per_s"])

    def bare_loop_with(self, ahead):
        sizes = self.wait_for("sizes")
        outputs = f"{self._prefix}-bare{ahead}"
        # Topics like the log's, for the loop to write to.
        output([self._program, "topics", "create", "--log", f"{self._stack.log}?prefix={outputs}",
                "--partitions", self._partitions], stderr=subprocess.DEVNULL)
        brokers = self._stack.log.split("//")[1]
        return figures_of([self._tools / "bare_kafka", brokers, self._prefix, outputs,
                           self._partitions, sizes["event"], sizes["result"], 2000, ahead])

    def engine(self):
        """Kafka to Kafka, then a restart after kill -9, then the projector alone."""
        self.new_log()
        loaded = self.load()
        engine = self.role("engine", "--instance", "engine-1")
        begin = engine.said_at(self._assigned())
        end = self.wait_for("decided")["at"]
        commands = loaded["commands"]
        figures = {"engine": commands / (end - begin), "bytes": loaded["bytes"],
                   "cpu_us": engine.cpu_seconds() * 1e6 / commands,
                   "memory": engine.resident_mb()}
        engine.stop(signal.SIGKILL)
        again = self.role("engine", "--instance", "engine-1")
        figures["restart"] = again.said_at("ready") - again.said_at(self._assigned())
        figures["takeover"] = self.takeover(again)
        bare = self.bare_loop()
        figures |= {"bare": bare["per_s"], "bare_cpu_us": bare["cpu_us"],
                    "ratio": figures["engine"] / bare["per_s"],
                    "cpu_ratio": figures["cpu_us"] / bare["cpu_us"]}
        self.new_store()
        registry = self.role("registry")
        registry.said_at("1 partition assigned")
        time.sleep(1)
        registry.until_idle()
        registry.stop()
        figures |= self.projector(self.role("projector"), "all")
        self.new_store("_peer")
        figures |= self.projector(self.peer_projector(), "peer")
        return figures

    def projector(self, projector, tables):
        """Catching up alone, and the rows that it leaves inserted bare."""
        begin = projector.said_at(f"{self._partitions + 1} partitions assigned")
        done = self.wait_for("projected", self._store, tables)
        memory = projector.resident_mb()
        projector.stop()
        rows = figures_of([self._tools / "bare_rows", self._store])
        per_s, bare = done["events"] / (done["at"] - begin), done["events"] / rows["seconds"]
        return {f"projector_{tables}": per_s, f"projector_{tables}_memory": memory,
                f"bare_rows_{tables}": bare, f"rows_ratio_{tables}": per_s / bare}

    def takeover(self, engine):
        """Seconds from the kill of one of two engines until commands of all partitions, sent at
        once, are decided by the other, with all that was decided before as their state."""
        other = self.role("engine")
        other.said_at(f"{self._partitions // 2} partitions assigned")
        other.said_at("ready")
        engine.stop(signal.SIGKILL)
        killed_at = time.time()
        output([self._tools / "stack_bench", "load", self._log, 1000])
        decided_at = self.wait_for("decided")["at"]
        other.stop()
        return decided_at - killed_at

    def long_history(self, limit=1200):
        """A restart with millions of events in the log and snapshots in the store, as they stand
        a while after the last command. How much is left to replay is what the engine says."""
        self.new_log()
        self.new_store()
        total = self.load()["commands"]
        engine = self.role("engine", "--instance", "engine-1")
        engine.said_at(self._assigned())
        self.wait_for("decided")
        end = time.monotonic() + limit
        while self.beyond_snapshots(engine, total) > self._partitions * 150_000:
            if time.monotonic() > end:
                raise RuntimeError(f"snapshots are not near the end after {limit} s")
            time.sleep(1)
        engine.stop(signal.SIGKILL)
        again = self.role("engine", "--instance", "engine-1")
        seconds = again.said_at("ready", limit=limit) - again.said_at(self._assigned())
        memory = again.resident_mb()
        again.stop()
        said = "\n".join(again.lines())
        counts = re.findall(r"recovered from a snapshot .* \+ (\d+) event", said)
        if len(counts) < self._partitions:
            raise RuntimeError(
                f"{len(counts)} of {self._partitions} partitions came from a snapshot")
        return {"commands": total, "replayed": sum(map(int, counts)), "seconds": seconds,
                "memory": memory}

    @staticmethod
    def beyond_snapshots(engine, commands):
        """Commands whose results no snapshot covers; marks of transactions count as covered."""
        reached = {}
        for line in engine.lines():
            if found := re.search(r"partition (\d+): snapshot \d+ made, up to result (\d+)", line):
                reached[found[1]] = int(found[2])
        return max(commands - sum(reached.values()), 0)

    def whole_way(self, tables):
        """Commands in Kafka to rows in the database, all roles at once; with the peer's tables
        there is nothing for a registry to do."""
        self.new_log()
        self.new_store()
        commands = self.load()["commands"]
        roles = ([self.peer_projector()] if tables == "peer" else
                 [self.role("registry"), self.role("projector")])
        engine = self.role("engine")
        begin = engine.said_at(self._assigned())
        self.wait_for("decided")  # there is nothing to be projected before that
        end = self.wait_for("projected", self._store, tables)["at"]
        for role in [*roles, engine]:
            role.stop()
        return commands / (end - begin)

    def latency(self, rate, seconds):
        self.new_log()
        self.new_store()
        roles = [self.role(name) for name in ("registry", "projector", "engine")]
        roles[2].said_at("ready")
        roles[1].said_at(f"{self._partitions + 1} partitions assigned")
        figures = figures_of([self._tools / "stack_bench", "latency", self._log, self._store,
                              rate, rate * seconds])
        for role in roles:
            role.stop()
        return figures

    def bare_latency(self, rate, seconds):
        """Of the bare loop with one producer for all partitions, after `latency`: from a command
        to its result, of the sizes that pesan's have."""
        sizes = self.wait_for("sizes")
        self.new_log()
        outputs = f"{self._prefix}-bare"
        log = f"{self._stack.log}?prefix={outputs}"
        output([self._program, "topics", "create", "--log", log, "--partitions",
                self._partitions], stderr=subprocess.DEVNULL)
        brokers = self._stack.log.split("//")[1]
        loop = self._begin("bare", [self._tools / "bare_kafka", brokers, self._prefix, outputs,
                                    self._partitions, sizes["event"], sizes["result"], 2000,
                                    1_000_000, "live"])
        figures = self.wait_for("bare-latency", log, rate, rate * seconds)
        loop.stop(signal.SIGKILL)
        return {f"bare_{name}": figures[name] for name in ("result_p50", "result_p99")}

    def procedures(self, callers, commands, client):
        database = f"peer{callers}_{self._number}"
        url = re.match(r"mysql://(\w+)@([\d.]+):(\d+)", self._stack.server)
        words = [client, f"--user={url[1]}", f"--host={url[2]}", f"--port={url[3]}"]
        output([*words, "-e", f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database}"])
        with open(ROOT / "bench/peers/stored_procedures.sql") as script:
            output([*words, database], stdin=script)
        return figures_of([self._tools / "stored_procedures", f"{self._stack.server}/{database}",
                           callers, commands])["per_s"]


def medians_of(rows):
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def shown(row):
    return "  " + ", ".join(f"{name} {figure:,.2f}" for name, figure in row.items())


def whole_way_figures(bench):
    """One round of the whole way beside the stored procedures."""
    client = shutil.which("mariadb") or shutil.which("mysql")
    row = {f"way_{tables}": bench.whole_way(tables) for tables in ("all", "peer")}
    row |= {f"procedures_{callers}": bench.procedures(callers, 20_000, client)
            for callers in CALLERS}
    best = max(row[f"procedures_{callers}"] for callers in CALLERS)
    return row | {f"way_ratio_{tables}": row[f"way_{tables}"] / best for tables in ("all", "peer")}


def rounds(runs, database, say, one):
    """Medians of what `one` measures, each time anew."""
    rows = []
    for run in range(runs):
        say(f"{database}, run {run + 1} of {runs} ...")
        rows.append(one())
        say(shown(rows[-1]))
    return medians_of(rows)


def on_mariadb(build, folder, runs, commands, say):
    with (Stack("mariadb") as stack,
          contextlib.closing(Bench(build, folder, stack, commands)) as bench,
          contextlib.closing(Bench(build, folder, stack, commands, MANY)) as many):

        def one():
            row = bench.engine() | bench.latency(2000, 20)
            row |= {f"{name}_{MANY}": figure for name, figure in
                    (many.latency(2000, 20) | many.bare_latency(2000, 20)).items()}
            return row | whole_way_figures(bench)

        return rounds(runs, "mariadb", say, one)


def on_mysql(build, folder, runs, commands, say):
    with (Stack("mysql") as stack,
          contextlib.closing(Bench(build, folder, stack, commands)) as bench):
        return rounds(runs, "mysql", say, lambda: whole_way_figures(bench))


def after_long_history(build, folder, commands):
    with (Stack("mariadb") as stack,
          contextlib.closing(Bench(build, folder, stack, commands)) as bench):
        return bench.long_history()

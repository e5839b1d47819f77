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


def output(command, **options):
    return subprocess.run([str(word) for word in command], check=True, text=True,
                          stdout=subprocess.PIPE, **options).stdout


def figures_of(command):
    """What a tool of bench/ prints last; librdkafka may have had something to say before."""
    return json.loads(output(command).splitlines()[-1])


class Stack:
    """The servers, as `./dev stack` starts them, with nothing in them."""

    def __init__(self, name="bench"):
        self._words = [ROOT / "dev", "stack"]
        self._name = ["--name", name]
        self._environment = {**os.environ, "PESAN_KAFKA_PORT": "0", "PESAN_MARIADB_PORT": "0"}

    def __enter__(self):
        self._run("down", "--wipe")
        lines = self._run("up").splitlines()
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

    def __init__(self, program, words, folder, name):
        self._said = folder / f"{name}.log"
        with open(self._said, "w") as said:
            self._process = subprocess.Popen(
                [str(word) for word in [program, "--log-format", "json", *words]],
                stdout=said, stderr=said)

    def said_at(self, text, count=1, limit=120):
        """Seconds since 1970 of the line that has `text` in it for the count-th time."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            lines = [line for line in self._said.read_text().splitlines() if text in line]
            if len(lines) >= count:
                stamp = json.loads(lines[count - 1])["time"]
                return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
            time.sleep(0.01)
        raise RuntimeError(f"no '{text}' in {self._said}:\n{self._said.read_text()[-2000:]}")

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
    def __init__(self, build, folder, stack, commands):
        self._program = build / "pesan"
        self._tools = build / "bench"
        self._folder = folder
        self._stack = stack
        self._commands = commands
        self._number = 0
        self._roles = []

    def new_log(self):
        self._number += 1
        self._prefix = f"bench{self._number}"
        self._log = f"{self._stack.log}?prefix={self._prefix}"
        self._store = f"{self._stack.server}/{self._prefix}"
        output([self._program, "topics", "create", "--log", self._log, "--partitions", PARTITIONS,
                "--clock", "command"], stderr=subprocess.DEVNULL)

    def new_store(self):
        output([self._program, "migrate", "--store", self._store], stderr=subprocess.DEVNULL)

    def load(self):
        return figures_of([self._tools / "stack_bench", "load", self._log, self._commands])

    def role(self, *words):
        places = ["--log", self._log, "--store", self._store]
        self._roles.append(Role(self._program, [*words, *places], self._folder, words[0]))
        return self._roles[-1]

    def close(self):
        for role in self._roles:
            role.end()

    def wait_for(self, what, *words):
        return figures_of([self._tools / "stack_bench", what, self._log, *words])

    def bare_loop(self):
        sizes = self.wait_for("sizes")
        outputs = f"{self._prefix}-bare"
        # Topics like the log's, for the loop to write to.
        output([self._program, "topics", "create", "--log", f"{self._stack.log}?prefix={outputs}",
                "--partitions", PARTITIONS], stderr=subprocess.DEVNULL)
        brokers = self._stack.log.split("//")[1]
        return figures_of([self._tools / "bare_kafka", brokers, self._prefix, outputs, PARTITIONS,
                           sizes["event"], sizes["result"], 2000])

    def engine(self):
        """Kafka to Kafka, then a restart after kill -9, then the projector alone."""
        self.new_log()
        loaded = self.load()
        engine = self.role("engine", "--instance", "engine-1")
        begin = engine.said_at("4 partitions assigned")
        end = self.wait_for("decided")["at"]
        commands = loaded["commands"]
        figures = {"engine": commands / (end - begin), "bytes": loaded["bytes"],
                   "cpu_us": engine.cpu_seconds() * 1e6 / commands,
                   "memory": engine.resident_mb()}
        engine.stop(signal.SIGKILL)
        again = self.role("engine", "--instance", "engine-1")
        figures["restart"] = again.said_at("ready") - again.said_at("4 partitions assigned")
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
        projector = self.role("projector")
        begin = projector.said_at("5 partitions assigned")
        done = self.wait_for("projected", self._store)
        figures["projector"] = done["events"] / (done["at"] - begin)
        figures["projector_memory"] = projector.resident_mb()
        projector.stop()
        rows = figures_of([self._tools / "bare_rows", self._store])
        figures["bare_rows"] = done["events"] / rows["seconds"]
        figures["rows_ratio"] = figures["projector"] / figures["bare_rows"]
        return figures

    def takeover(self, engine):
        """Seconds from the kill of one of two engines until commands of all partitions, sent at
        once, are decided by the other, with all that was decided before as their state."""
        other = self.role("engine")
        other.said_at("2 partitions assigned")
        other.said_at("ready")
        engine.stop(signal.SIGKILL)
        killed_at = time.time()
        output([self._tools / "stack_bench", "load", self._log, 1000])
        decided_at = self.wait_for("decided")["at"]
        other.stop()
        return decided_at - killed_at

    def whole_way(self):
        """Commands in Kafka to rows in the database, all roles at once."""
        self.new_log()
        self.new_store()
        commands = self.load()["commands"]
        roles = [self.role(name) for name in ("registry", "projector", "engine")]
        begin = roles[2].said_at("4 partitions assigned")
        self.wait_for("decided")  # there is nothing to be projected before that
        end = self.wait_for("projected", self._store)["at"]
        for role in roles:
            role.stop()
        return commands / (end - begin)

    def latency(self, rate, seconds):
        self.new_log()
        self.new_store()
        roles = [self.role(name) for name in ("registry", "projector", "engine")]
        roles[2].said_at("ready")
        roles[1].said_at("5 partitions assigned")
        figures = figures_of([self._tools / "stack_bench", "latency", self._log, self._store,
                              rate, rate * seconds])
        for role in roles:
            role.stop()
        return figures

    def procedures(self, callers, commands, client):
        database = f"peer{callers}_{self._number}"
        url = re.match(r"mysql://(\w+)@([\d.]+):(\d+)", self._stack.server)
        words = [client, f"--user={url[1]}", f"--host={url[2]}", f"--port={url[3]}"]
        output([*words, "-e", f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database}"])
        with open(ROOT / "bench/peers/stored_procedures.sql") as script:
            output([*words, database], stdin=script)
        return figures_of([self._tools / "stored_procedures", f"{self._stack.server}/{database}",
                           callers, commands])["per_s"]


def measure(build, folder, runs, commands, say):
    with Stack() as stack, contextlib.closing(Bench(build, folder, stack, commands)) as bench:
        client = shutil.which("mariadb") or shutil.which("mysql")
        rows, procedures = [], {1: [], 4: [], 16: []}
        for run in range(runs):
            say(f"run {run + 1} of {runs}: engine, bare loop, projector, bare rows ...")
            row = bench.engine()
            say("  " + ", ".join(f"{name} {figure:,.2f}" for name, figure in row.items()))
            say(f"run {run + 1} of {runs}: the whole way, stored procedures ...")
            row["whole_way"] = bench.whole_way()
            for callers, figures in procedures.items():
                figures.append(bench.procedures(callers, 20_000, client))
            say(f"  whole way {row['whole_way']:,.0f}")
            rows.append(row)
        say("latency ...")
        latency = bench.latency(2000, 20)
    medians = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    best = max(statistics.median(figures) for figures in procedures.values())
    return {"commands": commands + 1000, "runs": runs, **medians, **latency,
            "procedures": {callers: statistics.median(figures)
                           for callers, figures in procedures.items()},
            "way_ratio": medians["whole_way"] / best}


def section(f):
    calls = ", ".join(f"{callers}: {per_s:,.0f}" for callers, per_s in f["procedures"].items())
    rows = [
        ("engine, Kafka to Kafka, cold", f"{f['engine']:,.0f} commands/s", ""),
        ("the bare loop, same sizes", f"{f['bare']:,.0f} commands/s", ""),
        ("engine / bare loop", f"{f['ratio']:.2f}", "≥ 0.8"),
        ("engine's CPU a command", f"{f['cpu_us']:.1f} µs", "≤ 10"),
        ("engine's CPU / the bare loop's", f"{f['cpu_ratio']:.2f}", "≤ 2"),
        ("engine, peak resident memory", f"{f['memory']:,.0f} MB", "≤ 300"),
        ("restart after kill -9, from assignment to the first decision",
         f"{f['restart']:.2f} s", "≤ 2"),
        ("takeover: one of two engines killed, until its commands are decided by the other, with a "
         "session timeout of 6 s", f"{f['takeover']:.1f} s", "≤ 8.5"),
        ("the projectors alone, all tables", f"{f['projector']:,.0f} events/s", ""),
        ("the rows that they leave, inserted bare", f"{f['bare_rows']:,.0f} events/s", ""),
        ("projectors / bare rows", f"{f['rows_ratio']:.2f}", "≥ 0.7"),
        ("commands in Kafka to rows in the database", f"{f['whole_way']:,.0f} commands/s", ""),
        ("stored procedures, by callers", f"{calls} commands/s", ""),
        ("the whole way / the best of them", f"{f['way_ratio']:.1f}", "≥ 6"),
        (f"at {f['rate']:,}/s, command to result, p50 / p99",
         f"{f['result_p50']} / {f['result_p99']} ms", "≤ 8 / 30"),
        (f"at {f['rate']:,}/s, command to row, p50 / p99",
         f"{f['row_p50']} / {f['row_p99']} ms", "≤ 15 / 50"),
    ]
    return ["## On Kafka and MariaDB", "",
            f"{f['commands']:,} commands of {f['bytes']:.0f} B, mixed lifecycles over 1,000 rooms, "
            f"{PARTITIONS} partitions; broker, database and pesan on the same cores; medians of "
            f"{f['runs']} interleaved runs.", "",
            "| what | figure | aim |", "|---|---|---|",
            *[f"| {what} | {figure} | {aim} |" for what, figure, aim in rows], ""]

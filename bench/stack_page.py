"""The pages of the figures of stack_figures.py."""
from stack_figures import CALLERS, MANY, PARTITIONS


def table(rows):
    return ["| what | figure | aim |", "|---|---|---|",
            *[f"| {what} | {figure} | {aim} |" for what, figure, aim in rows], ""]


def way_rows(f, server):
    calls = ", ".join(f"{callers}: {f[f'procedures_{callers}']:,.0f}" for callers in CALLERS)
    return [
        (f"commands in Kafka to rows in {server}, the peer's tables; all",
         f"{f['way_peer']:,.0f}; {f['way_all']:,.0f} commands/s", ""),
        (f"stored procedures on {server}, by callers", f"{calls} commands/s", ""),
        (f"the whole way / the best of them, {server}, the peer's tables; all",
         f"{f['way_ratio_peer']:.1f}; {f['way_ratio_all']:.1f}", "≥ 6"),
    ]


def mariadb(f, runs, commands):
    rows = [
        ("engine, Kafka to Kafka, cold", f"{f['engine']:,.0f} commands/s", ""),
        ("the bare loop, same sizes", f"{f['bare']:,.0f} commands/s", ""),
        ("engine / bare loop", f"{f['ratio']:.2f}", "≥ 1"),
        ("engine's CPU a command", f"{f['cpu_us']:.1f} µs", ""),
        ("engine's CPU / the bare loop's", f"{f['cpu_ratio']:.2f}", "≤ 1.3"),
        ("engine, peak resident memory", f"{f['memory']:,.0f} MB", "≤ 300"),
        ("restart after kill -9, from assignment to the first decision",
         f"{f['restart']:.2f} s", "≤ 1.5"),
        ("takeover: one of two engines killed, until its commands are decided by the other, with a "
         "session timeout of 6 s", f"{f['takeover']:.1f} s", "≤ 8.5"),
    ]
    for tables, name in (("peer", "the peer's tables"), ("all", "all tables")):
        rows += [
            (f"the projectors alone, {name}", f"{f[f'projector_{tables}']:,.0f} events/s", ""),
            (f"the rows that they leave, inserted bare, {name}",
             f"{f[f'bare_rows_{tables}']:,.0f} events/s", ""),
            (f"projectors / bare rows, {name}", f"{f[f'rows_ratio_{tables}']:.2f}",
             "≥ 0.75" if tables == "peer" else ""),
        ]
    rows += way_rows(f, "MariaDB")
    rows += [
        (f"at {f['rate']:,.0f}/s, command to result, p50 / p99",
         f"{f['result_p50']:.1f} / {f['result_p99']:.1f} ms", ""),
        (f"at {f['rate']:,.0f}/s, command to row, p50 / p99",
         f"{f['row_p50']:.1f} / {f['row_p99']:.1f} ms", ""),
        (f"the same at {MANY} partitions, command to result; to row",
         f"{f[f'result_p50_{MANY}']:.1f} / {f[f'result_p99_{MANY}']:.1f}; "
         f"{f[f'row_p50_{MANY}']:.1f} / {f[f'row_p99_{MANY}']:.1f} ms", ""),
        (f"the bare loop with one producer at {MANY} partitions, command to result",
         f"{f[f'bare_result_p50_{MANY}']:.1f} / {f[f'bare_result_p99_{MANY}']:.1f} ms", ""),
        (f"result at {MANY} partitions / the bare loop's, p50; p99",
         f"{f[f'result_p50_{MANY}'] / f[f'bare_result_p50_{MANY}']:.2f}; "
         f"{f[f'result_p99_{MANY}'] / f[f'bare_result_p99_{MANY}']:.2f}", "≤ 1.3; ≤ 2"),
        (f"row at {MANY} partitions / row at {PARTITIONS}, p50; p99",
         f"{f[f'row_p50_{MANY}'] / f['row_p50']:.2f}; "
         f"{f[f'row_p99_{MANY}'] / f['row_p99']:.2f}", "≤ 1.3; ≤ 1.3"),
    ]
    return ["## On Kafka and MariaDB", "",
            f"{commands + 1000:,} commands of {f['bytes']:.0f} B, mixed lifecycles over 1,000 "
            f"rooms, {PARTITIONS} partitions; broker, database and pesan on the same cores. Ratios "
            "of two rows of this page are those of their medians, other ratios are medians of each "
            "run's. The peer's tables are availability (a room's row and its nights), booking, "
            f"history and checkpoint. Medians of {runs} interleaved runs.", "", *table(rows)]


def mysql(f, runs, commands):
    return ["## On Kafka and MySQL 9", "",
            f"The same {commands + 1000:,} commands; medians of {runs} interleaved runs.", "",
            *table(way_rows(f, "MySQL 9"))]


def history(f):
    return ["## A restart after a long history", "",
            *table([(f"restart with {f['commands']:,} commands decided: snapshots, and "
                     f"{f['replayed']:,} events after them (one run; {f['memory']:,.0f} MB)",
                     f"{f['seconds']:.2f} s", "≤ 2.5")])]

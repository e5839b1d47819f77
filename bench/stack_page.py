"""The page of the figures of stack_figures.py."""
from stack_figures import CALLERS, MANY, PARTITIONS


def section(figures):
    f = figures["mariadb"]

    def calls(database):
        return ", ".join(f"{callers}: {figures[database][f'procedures_{callers}']:,.0f}"
                         for callers in CALLERS)

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
    ]
    if history := figures.get("history"):
        rows.append((f"restart with {history['commands']:,} commands decided: snapshots, and "
                     f"{history['replayed']:,} events after them (one run; "
                     f"{history['memory']:,.0f} MB)",
                     f"{history['seconds']:.2f} s", "≤ 2"))
    for tables, name in (("peer", "the peer's tables"), ("all", "all tables")):
        rows += [
            (f"the projectors alone, {name}", f"{f[f'projector_{tables}']:,.0f} events/s",
             "≥ 100,000" if tables == "peer" else ""),
            (f"the rows that they leave, inserted bare, {name}",
             f"{f[f'bare_rows_{tables}']:,.0f} events/s", ""),
            (f"projectors / bare rows, {name}", f"{f[f'rows_ratio_{tables}']:.2f}",
             "≥ 0.7" if tables == "peer" else ""),
        ]
    for database, server in (("mariadb", "MariaDB"), ("mysql", "MySQL 9")):
        g = figures[database]
        rows += [
            (f"commands in Kafka to rows in {server}, the peer's tables",
             f"{g['way_peer']:,.0f} commands/s", "≥ 45,000" if database == "mariadb" else ""),
            (f"commands in Kafka to rows in {server}, all tables",
             f"{g['way_all']:,.0f} commands/s", ""),
            (f"stored procedures on {server}, by callers", f"{calls(database)} commands/s", ""),
            (f"the whole way / the best of them, {server}, the peer's tables; all",
             f"{g['way_ratio_peer']:.1f}; {g['way_ratio_all']:.1f}", "≥ 6"),
        ]
    rows += [
        (f"at {f['rate']:,.0f}/s, command to result, p50 / p99",
         f"{f['result_p50']:.1f} / {f['result_p99']:.1f} ms", "≤ 8 / 30"),
        (f"at {f['rate']:,.0f}/s, command to row, p50 / p99",
         f"{f['row_p50']:.1f} / {f['row_p99']:.1f} ms", "≤ 15 / 50"),
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
    return ["## On Kafka, MariaDB and MySQL", "",
            f"{figures['commands']:,} commands of {f['bytes']:.0f} B, mixed lifecycles over 1,000 "
            f"rooms, {PARTITIONS} partitions; broker, database and pesan on the same cores; "
            f"medians of {figures['runs']} interleaved runs. Where it does not say MySQL, the "
            "database is MariaDB. The peer's tables are availability (a room's row and its "
            "nights), booking, history and checkpoint.", "",
            "| what | figure | aim |", "|---|---|---|",
            *[f"| {what} | {figure} | {aim} |" for what, figure, aim in rows], ""]

"""The configuration of the embedded PostgreSQL, from the memory and the disk of the machine."""

MEGABYTE = 1 << 20

DURABLE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}
"""What was answered as saved is on disk: never traded for speed."""

SILENT = {
    "log_min_messages": "log",  # without errors: they quote the value that was refused
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
}
"""Statements hold names and document numbers: they stay out of the server's log."""

FIXED = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "work_mem": "32MB",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "1",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "idle_in_transaction_session_timeout": "10min",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}


def configuration(memory: int, disk: int) -> str:
    """Give the text of the configuration file.

    A quarter of the memory, at most 2 GB, for the server itself and half counted on as cache: the
    station shares the machine with its own processes (assumption; whoever runs a machine of its
    own for the database sets ``DATABASE_URL`` and tunes that server).

    Parameters
    ----------
    memory, disk
        Bytes of the machine, and of the file system that holds the data.

    Examples
    --------
    >>> text = configuration(24 << 30, 250 << 30)
    >>> [line for line in text.splitlines() if line.startswith(("shared_b", "effective", "max_wal"))]
    ['shared_buffers = 2048MB', 'effective_cache_size = 12288MB', 'max_wal_size = 2048MB']
    """
    sized = {
        "shared_buffers": _megabytes(memory / 4, 32, 2048),
        "effective_cache_size": _megabytes(memory / 2, 64, 1 << 20),
        "maintenance_work_mem": _megabytes(memory / 32, 32, 512),
        "max_wal_size": _megabytes(disk / 10, 64, 2048),
        "min_wal_size": _megabytes(disk / 40, 32, 256),
    }
    settings = {**DURABLE, **SILENT, **FIXED, **sized}
    head = "# Written anew at each start of the station; a change belongs in postgresql.auto.conf\n"
    return head + "".join(f"{name} = {value}\n" for name, value in settings.items())


def _megabytes(size: float, least: int, most: int) -> str:
    return f"{min(max(int(size / MEGABYTE), least), most)}MB"

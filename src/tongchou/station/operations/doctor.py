"""The doctor: what is wrong with this station, and the next step."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tongchou.station.operations import database, machine
from tongchou.station.operations.errors import OperationRefused
from tongchou.station.operations.findings import Finding, bad, ok, warn
from tongchou.vocabulary.text import Text, same

QUICK = 2000
"""Last entries of the audit trail that are looked at when not all are asked for."""
LEAST_SERVER = 170000
"""PostgreSQL 17: the dumps that a backup makes need it (https://www.postgresql.org/docs/17/release-17.html: transaction_timeout)."""
MOST_SKEW = timedelta(seconds=5)


def examine(*, full: bool) -> Iterator[Finding]:
    """Look at the machine, then at the database and all that lives in it.

    Parameters
    ----------
    full
        Whether the whole audit trail is walked.
    """
    yield from machine.examine(database.folder())
    try:
        with database.opened() as store:
            yield ok(_DATABASE, same(store.shown))
            yield from _server()
            yield from settings()
            missing = migrations()
            yield missing
            if missing.state == "ok":
                yield bound()
                yield from jobs()
                yield chain(full=full)
    except OperationRefused as error:
        yield bad(_DATABASE, error.text(), _SEE_LOG)


def _server() -> Iterator[Finding]:
    """Look at version, encoding, role and clock of the server."""
    from django.db import connection

    from tongchou.station.access.context import DATABASE_ROLE

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        encoding = cursor.fetchone()[0]
        cursor.execute("SELECT clock_timestamp()")
        skew = abs(datetime.now(UTC) - cursor.fetchone()[0])
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = %s",
            [DATABASE_ROLE],
        )
        role = cursor.fetchone()
        cursor.execute(
            "SELECT current_setting('log_statement'), current_setting('log_min_duration_statement')"
        )
        logging = cursor.fetchone()
    version = connection.pg_version
    name, found = (
        Text(zh="数据库版本", en="database version"),
        same(f"PostgreSQL {version // 10000}"),
    )
    yield ok(name, found) if version >= LEAST_SERVER else warn(name, found, _NEWER)
    name = Text(zh="数据库编码", en="database encoding")
    yield ok(name, same(encoding)) if encoding == "UTF8" else bad(name, same(encoding), _UTF8)
    name, found = Text(zh="数据库时钟", en="database clock"), same(f"{skew.total_seconds():.1f} s")
    yield ok(name, found) if skew < MOST_SKEW else bad(name, found, _CLOCK)
    name = Text(zh="受限角色", en="bound role")
    if role is None:
        yield bad(
            name, Text(zh=f"没有 {DATABASE_ROLE}", en=f"{DATABASE_ROLE} is missing"), _UPGRADE
        )
    elif role[0] or role[1] or not role[2]:
        yield bad(
            name,
            Text(
                zh=f"{DATABASE_ROLE} 可绕过行级安全，或本用户不属于它",
                en=f"{DATABASE_ROLE} can step over row-level security, or this user is not a member",
            ),
            same(
                f"ALTER ROLE {DATABASE_ROLE} NOSUPERUSER NOBYPASSRLS; GRANT {DATABASE_ROLE} TO CURRENT_USER;"
            ),
        )
    else:
        yield ok(name, same(DATABASE_ROLE))
    name = Text(zh="数据库日志", en="log of the database")
    if logging[0] == "none" and logging[1] == "-1":
        yield ok(name, Text(zh="不记录语句", en="holds no statements"))
    else:
        yield warn(
            name,
            Text(
                zh="会记录语句，其中可能含姓名和证件号",
                en="holds statements, which may carry names and document numbers",
            ),
            same(
                "ALTER SYSTEM SET log_statement = 'none'; ALTER SYSTEM SET log_min_duration_statement = -1;"
            ),
        )


def settings() -> Iterator[Finding]:
    """Look at what makes the difference between a demonstration and real work."""
    from django.conf import settings as held

    name = Text(zh="演示模式", en="demonstration mode")
    if held.DEMONSTRATION:
        yield warn(
            name,
            Text(
                zh="开启：仅限本机，不得录入真实信息",
                en="on: this machine only, nothing real may be entered",
            ),
            Text(
                zh="正式使用前请去掉 TONGCHOU_DEBUG。",
                en="Take TONGCHOU_DEBUG away before real work.",
            ),
        )
        return
    yield ok(name, Text(zh="关闭", en="off"))
    name, hosts = Text(zh="主机名", en="host names"), ", ".join(held.ALLOWED_HOSTS)
    if "*" in held.ALLOWED_HOSTS:
        yield bad(
            name,
            same(hosts),
            Text(
                zh="TONGCHOU_HOSTS 不得为 *，请写出主机名。",
                en="TONGCHOU_HOSTS must not be *; name the hosts.",
            ),
        )
    elif set(held.ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]"}:
        yield warn(
            name,
            same(hosts),
            Text(
                zh="仅限本机。请在 TONGCHOU_HOSTS 中写出工作站的主机名。",
                en="This machine only. Name the station's host in TONGCHOU_HOSTS.",
            ),
        )
    else:
        yield ok(name, same(hosts))
    name = Text(zh="HTTPS", en="HTTPS")
    if held.SECURE_PROXY_SSL_HEADER is None:
        yield warn(
            name,
            Text(
                zh="未声明反向代理；工作站自身不提供 HTTPS",
                en="no reverse proxy is declared; the station itself speaks no HTTPS",
            ),
            Text(
                zh="请在前面架设提供 HTTPS 的反向代理，并设 TONGCHOU_PROXY=1。",
                en="Put a reverse proxy with HTTPS in front and set TONGCHOU_PROXY=1.",
            ),
        )
    else:
        yield ok(name, Text(zh="由反向代理提供", en="by the reverse proxy"))


def migrations() -> Finding:
    """Look whether the tables are those of the installed version."""
    from tongchou.station.operations import preparing

    name, todo = Text(zh="数据库迁移", en="migrations"), preparing.pending()
    if todo:
        return bad(name, Text(zh=f"{len(todo)} 项未应用", en=f"{len(todo)} not applied"), _UPGRADE)
    return ok(name, Text(zh="全部已应用", en="all applied"))


def unbound_tables() -> list[str]:
    """Give scoped tables without row-level security in the database."""
    from django.apps import apps
    from django.db import connection

    from tongchou.station.access.managers import ScopedModel

    tables = [
        m._meta.db_table
        for m in apps.get_models(include_auto_created=True)
        if issubclass(m, ScopedModel)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' "
            "AND c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)"
        )
        bound_now = {row[0] for row in cursor.fetchall()}
    return sorted(set(tables) - bound_now)


def bound() -> Finding:
    """Look whether the second net hangs below every scoped table."""
    name, loose = Text(zh="行级安全", en="row-level security"), unbound_tables()
    if loose:
        return bad(
            name, Text(zh=f"未启用：{'、'.join(loose)}", en=f"off for {', '.join(loose)}"), _UPGRADE
        )
    return ok(name, Text(zh="各受限表均已启用", en="on for every scoped table"))


def jobs() -> Iterator[Finding]:
    """Look at the worker and at jobs that do not move."""
    from django.utils import timezone

    from tongchou.station.operations import health

    state, beat = health.ask(), health.last_heartbeat()
    name = Text(zh="后台作业进程", en="worker")
    if state.worker and beat is not None:
        seconds = (timezone.now() - beat).total_seconds()
        yield ok(name, Text(zh=f"{seconds:.0f} 秒前有心跳", en=f"alive {seconds:.0f} seconds ago"))
    else:
        yield warn(
            name,
            Text(
                zh="没有心跳：到期解除、导入等作业不会进行",
                en="no heartbeat: releases, imports and other jobs stand still",
            ),
            Text(
                zh="请用 tongchou serve 启动工作站。", en="Start the station with tongchou serve."
            ),
        )
    name = Text(zh="积压作业", en="late jobs")
    if state.jobs_late:
        yield warn(
            name,
            Text(
                zh=f"{state.jobs_late} 项等待超过 10 分钟",
                en=f"{state.jobs_late} wait longer than ten minutes",
            ),
            Text(
                zh="请查看日志；重启工作站会重新排队。",
                en="See the log; a restart of the station queues them again.",
            ),
        )
    else:
        yield ok(
            name, Text(zh=f"{state.jobs_waiting} 项在等待", en=f"{state.jobs_waiting} waiting")
        )


def chain(*, full: bool) -> Finding:
    """Look whether the audit trail holds: its end, or all of it."""
    from tongchou.station.operations.trail import verify_end

    name, verdict = Text(zh="审计链", en="audit chain"), verify_end(None if full else QUICK)
    head = f"{verdict.head.seq}:{verdict.head.hash}"
    if verdict.holds:
        return ok(
            name,
            Text(
                zh=f"核对 {verdict.entries} 条，完好；末端 {head}",
                en=f"{verdict.entries} entries checked, it holds; head {head}",
            ),
        )
    return bad(
        name,
        Text(
            zh=f"在第 {verdict.broken_at} 条断开",
            en=f"broken at entry {verdict.broken_at}: {verdict.why}",
        ),
        Text(
            zh="请保留现场并通知审计员；用 tongchou station audit verify --anchor 与备份中的锚点对照。",
            en="Keep everything as it is and tell the auditor; hold it against a backup's anchor with tongchou station audit verify --anchor.",
        ),
    )


_DATABASE = Text(zh="数据库", en="database")
_SEE_LOG = Text(
    zh="内置数据库的日志在 station/postgres/server.log。",
    en="The log of the embedded database is station/postgres/server.log.",
)
_NEWER = Text(
    zh="备份与恢复需要 PostgreSQL 17 或更新版本。",
    en="Backup and restore need PostgreSQL 17 or later.",
)
_UTF8 = Text(
    zh="请以 ENCODING 'UTF8' 新建数据库后再恢复备份。",
    en="Make a database with ENCODING 'UTF8' and restore the backup into it.",
)
_CLOCK = Text(
    zh="数据库与本机时钟不一致，请校准两者（NTP）。",
    en="The clocks of the database and this machine differ; set both by NTP.",
)
_UPGRADE = Text(zh="请运行 tongchou upgrade。", en="Run tongchou upgrade.")

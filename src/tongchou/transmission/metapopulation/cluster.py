"""The same blocks made by the workers of a Dask cluster, taken in their order whatever happens to a worker."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tongchou.vocabulary.errors import BadParameter
from tongchou.vocabulary.text import Text


class Cancelled(Exception):
    """The run was stopped; blocks that were finished are kept where a folder was named."""


def never() -> bool:
    """Stop nothing: what a worker is asked, which cannot be told to stop in mid-block."""
    return False


def on_cluster(
    address: str,
    make: Callable[..., Any],
    model: Any,
    plan: Any,
    blocks: Sequence[tuple[int, int]],
    *,
    threads: int,
    stop: Callable[[], bool],
) -> Iterator[Any]:
    """Give the blocks in order; one that a worker took with it is made again by another.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.
    make
        Makes a block: :func:`.run.run_block`.
    model, plan
        Sent to each worker once.
    blocks
        First replicate and number of each.
    threads
        Threads of a worker for a block.
    stop
        Asked before each block is waited for.

    Raises
    ------
    BadParameter
        If the extra ``cluster`` is not installed, or no scheduler answers at the address.
    Cancelled
        If ``stop`` says so; blocks not begun are withdrawn.
    """
    try:
        from distributed import Client
    except ImportError:
        raise BadParameter("scheduler", address, _NO_DASK) from None
    try:
        client: Any = Client(address, timeout=10, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError):
        raise BadParameter("scheduler", address, _NO_ANSWER) from None
    with client:
        held = client.scatter((model, plan), hash=False)
        futures = [
            client.submit(_make, make, held, first, count, threads, pure=False)
            for first, count in blocks
        ]
        for future in futures:
            if stop():
                client.cancel(futures)
                raise Cancelled
            yield future.result()
            future.release()


def _make(make: Callable[..., Any], held: Any, first: int, count: int, threads: int) -> Any:
    model, plan = held
    return make(model, plan, first, count, threads=threads, stop=never)


_NO_DASK = Text(
    zh="未安装集群组件。请运行 pip install 'tongchou[cluster]'，或不指定 --scheduler 在本机计算。",
    en="the parts for a cluster are not installed. Run pip install 'tongchou[cluster]', or leave --scheduler out to compute here.",
)
_NO_ANSWER = Text(
    zh="该地址没有调度器应答。请核对地址，并确认 dask scheduler 与 worker 已启动。",
    en="no scheduler answers at this address. Check it, and that dask scheduler and its workers run.",
)

"""Gates to kill, born warm: this process imports `llmgate serve` once and forks a gate at each `start` on its standard input.

A gate is a whole process of its own (settings, connections, threads, port), and SIGKILL ends it as it would any other. Only
the seconds of importing are saved, so that a hundred deaths take minutes, and a death soon after birth falls into the work of
recovery and not into an import. It answers `born PID` and, when the gate is gone, `gone`. When its input ends, so does all.
"""

from __future__ import annotations

import os
import select
import signal
import sys

from bot.cli import serve

SLICE = 1 << 16


def main() -> None:
    _warm()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    child = 0
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, SLICE)
            if child and os.waitpid(child, os.WNOHANG)[0]:
                child = 0
                _say("gone")
        if 0 in ready:
            if not os.read(0, SLICE):
                break
            child = _bear((woken, wake))
            _say(f"born {child}")
    if child:
        os.kill(child, signal.SIGKILL)


def _warm() -> None:
    """Everything that a gate would import while it starts."""
    import uvicorn.loops.auto
    import uvicorn.protocols.http.auto
    import uvicorn.protocols.websockets.auto  # noqa: F401


def _bear(pipes: tuple[int, ...]) -> int:
    child = os.fork()
    if child:
        return child
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for end in pipes:
        os.close(end)
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 0)
    os.dup2(2, 1)
    try:
        serve.run_server(listen=True)
    except BaseException as error:
        print(f"the gate ended: {error!r}", file=sys.stderr, flush=True)  # noqa: T201 - the log of the gate
    os._exit(1)


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main()

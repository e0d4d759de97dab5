"""Child processes that do not outlive their parent."""

from __future__ import annotations

import contextlib
import ctypes
import signal


def die_with_parent() -> None:
    """For `preexec_fn`. Linux: the kernel ends the child when its parent dies, however that happens."""
    pr_set_pdeathsig = 1
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)

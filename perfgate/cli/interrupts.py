"""An interruption that Python drops comes again.

Ctrl-C is an exception in whatever runs at that moment. Where nobody could catch it, in a finalizer or in the callback
of a weak reference (imports have such), Python says "Exception ignored in" and goes on (sys.unraisablehook).
"""

from __future__ import annotations

import signal
import sys
import threading
import time

_SOON = 0.01  # seconds, after which whatever could not be interrupted is over
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


def heed_dropped_interrupts() -> None:
    """From now on, for the whole process."""
    sys.unraisablehook = _interrupt_again


def _interrupt_again(dropped: sys.UnraisableHookArgs) -> None:
    if issubclass(dropped.exc_type, KeyboardInterrupt):
        threading.Thread(target=_interrupt_soon, daemon=True).start()
    else:
        sys.__unraisablehook__(dropped)


def _interrupt_soon() -> None:
    time.sleep(_SOON)
    heard = next((number for number in _INTERRUPTS if callable(signal.getsignal(number))), None)
    if heard is not None:
        signal.pthread_kill(threading.main_thread().ident or 0, heard)

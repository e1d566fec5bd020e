"""The colours of charts: they stand out from white and from nearly black, and differ for who sees no red or green.

Testbeds: after Okabe and Ito, "Color universal design" (2008).
"""

from __future__ import annotations

from perfgate.report.cells import Tone

PALETTE = ("#2f81d6", "#e08214", "#0fa37f", "#c964a5", "#8a7fd6", "#8c8c8c")
TONES = {Tone.PLAIN: "#8c8c8c", Tone.GOOD: "#1f9d61", Tone.BAD: "#d9483b", Tone.OPEN: "#c98a00"}

"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
YARDSTICKS = BENCH / "yardsticks"
REPORT = ROOT / "docs/performance.md"

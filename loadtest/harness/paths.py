"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
YARDSTICKS = ROOT / "bench/yardsticks"
REPORT = ROOT / "docs/performance.md"

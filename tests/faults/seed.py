"""The seed of a run's faults and kills: another one each time, the same in all its processes."""

from __future__ import annotations

import os
import time

SEED = int(os.environ.setdefault("FAULTS_SEED", str(time.time_ns() % 1_000_000)))
"""Stands in the name of every test, and may be set to see one fail again."""

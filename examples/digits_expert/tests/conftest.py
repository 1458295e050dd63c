"""Makes the example importable where it is not installed, so that its tests run from the repository too."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("velora_digits_expert") is None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

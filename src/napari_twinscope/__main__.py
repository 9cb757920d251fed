"""``python -m napari_twinscope`` is the command ``twinscope``."""

from __future__ import annotations

import sys

from napari_twinscope.cli import main

sys.exit(main())

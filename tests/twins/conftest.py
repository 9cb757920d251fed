from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import fnn_golden as golden


@pytest.fixture(scope="session")
def tiny():
    return golden.filled("tiny")


@pytest.fixture(scope="session")
def full():
    return golden.filled("full")

"""A display for machines that have none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_twinscope.errors import TwinscopeError

if TYPE_CHECKING:
    from collections.abc import Iterator


def display_present() -> bool:
    """Return whether windows can open here."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def virtual_display(width: int = 1920, height: int = 1080) -> Iterator[None]:
    """Run the block with a display of its own, which nobody sees.

    Must be entered before a Qt application is made. Does nothing where a display is present.

    Raises
    ------
    TwinscopeError
        If Xvfb is not installed or does not start.
    """
    if display_present():
        yield
        return
    if shutil.which("Xvfb") is None:
        raise TwinscopeError(
            "This machine has no display, and no Xvfb to stand in for one.",
            remedy="apt-get install -y --no-install-recommends xvfb xauth",
        )
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise TwinscopeError("The virtual display did not start.", given=" ".join(command))
        os.environ["DISPLAY"] = f":{number}"
        yield
    finally:
        os.environ.pop("DISPLAY", None)
        server.terminate()
        server.wait()

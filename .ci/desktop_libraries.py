"""Make sure that a Qt window with OpenGL can open on this Linux, a display or none.

As root, what is missing is installed through apt. Otherwise the exact line to type is printed and the
command stops. Other systems need nothing.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys

# Shared library: the Debian and Ubuntu package that holds it.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth"}


def missing() -> list[str]:
    """Return the packages that are not there."""
    packages = []
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            packages.append(package)
    packages.extend(package for program, package in PROGRAMS.items() if shutil.which(program) is None)
    return packages


def main() -> int:
    """Install or explain what is missing."""
    if not sys.platform.startswith("linux"):
        return 0
    packages = missing()
    if not packages:
        return 0
    words = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        print("Desktop libraries are missing. Install what these Debian packages hold:", *packages)
        return 1
    if os.geteuid() != 0:
        print("Desktop libraries are missing. Please run:")
        print("    sudo apt-get update && sudo " + " ".join(words))
        return 1
    print("Installing desktop libraries:", *packages, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], check=True, env=environment)
    subprocess.run(words, check=True, env=environment)
    if still := missing():
        print("Still missing after the installation:", *still)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

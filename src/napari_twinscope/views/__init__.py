"""The window: docks, layers and tools in napari. Nothing here computes what it shows."""

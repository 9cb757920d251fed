"""What the twin sees: parametric stimuli, movies from files, and the protocols that combine them.

Direction 0 is rightwards and 90 upwards, counter-clockwise, in degrees.
"""

from napari_twinscope.stimuli.bars import MovingBar
from napari_twinscope.stimuli.catalogue import protocol, protocol_names
from napari_twinscope.stimuli.figure import gallery
from napari_twinscope.stimuli.flashes import FullFieldFlash, SparseNoise
from napari_twinscope.stimuli.flow import DotFlow
from napari_twinscope.stimuli.gratings import DriftingGrating, Plaid, StaticGrating
from napari_twinscope.stimuli.movie_file import MovieFile, movie_from_array
from napari_twinscope.stimuli.natural import NaturalMovie
from napari_twinscope.stimuli.own_movie import movie_protocol
from napari_twinscope.stimuli.paper import PAPER_SETS, PaperDotFlow, PaperGrating, paper_stimuli
from napari_twinscope.stimuli.picture import picture_movie
from napari_twinscope.stimuli.protocol import EIGHT_DIRECTIONS, StimulusProtocol
from napari_twinscope.stimuli.screen import Screen
from napari_twinscope.stimuli.stimulus import Stimulus

__all__ = [
    "EIGHT_DIRECTIONS",
    "PAPER_SETS",
    "DotFlow",
    "DriftingGrating",
    "FullFieldFlash",
    "MovieFile",
    "MovingBar",
    "NaturalMovie",
    "PaperDotFlow",
    "PaperGrating",
    "Plaid",
    "Screen",
    "SparseNoise",
    "StaticGrating",
    "Stimulus",
    "StimulusProtocol",
    "gallery",
    "movie_from_array",
    "movie_protocol",
    "paper_stimuli",
    "picture_movie",
    "protocol",
    "protocol_names",
]

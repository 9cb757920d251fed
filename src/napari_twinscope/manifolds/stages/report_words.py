"""How the figures of a report are read, and where what they show is from."""

from __future__ import annotations

from napari_twinscope.manifolds.stages.measures import BOTH, GAO, PAPER, VECTOR

READING = {
    "units": (
        "Each point is one population, the stages of a recording joined in the order of the data; the "
        "line through a point holds 95 % of the medians of units drawn again with replacement. "
        "Selectivity is that of each unit's preferred class, by vectors: 0 none, 1 a response to one "
        "orientation or direction only. The spread of preferred directions is 1 where all directions "
        "are preferred alike. Speed and stability are the mean change per frame in the first and the "
        "last third of the trial, so that a high stability is a restless unit. Values in arbitrary "
        "units depend on how strongly a stage responds.",
        f"{VECTOR}; {PAPER}",
    ),
    "dimension": (
        "Share of the variance in three principal components: between movies, by their mean "
        "responses, and over all frames. The participation ratio is the effective number of "
        "dimensions, and the last panel the fewest components that hold 90 % of the variance. Units "
        "are not scaled, so that the most active weigh most; both counts grow with the number of "
        "units.",
        f"{PAPER}; {GAO}",
    ),
    "encoding": (
        "Of the encoding manifolds that the recordings hold, the latest of each stage in this preset: "
        "median local dimension, number of clusters, and how far clusters and neighbours stay within "
        "one feature map. Grey bars are chance: purity with feature maps shuffled, and the share of "
        "all pairs of units.",
        f"Dyballa & Zucker 2023, doi 10.1162/neco_a_01566; {BOTH}",
    ),
    "decoding": (
        "The share of movies whose stimulus is named right, from responses averaged over a window: "
        "growing from the first frame (solid, at its end) or shrinking to the last (dashed, at its "
        "beginning). In the corrected preset each direction is left out in turn, so that the score "
        "says how far what is learnt of a stimulus in some directions holds in another; the shade is "
        "the 95 % interval of the mean over directions. The dotted line is chance. The responses have "
        "no noise between trials.",
        PAPER,
    ),
    "tubularity": (
        "How narrow the bundles of trajectories of one stimulus are for their length (S_tight: "
        "<b>lower is tighter</b>), and how much the trajectories of a bundle cross one another. The "
        "line through a point holds 95 % of the scores of units drawn again with replacement. A draw "
        "holds fewer different units than there are, so that the point may lie outside. S_cross as "
        "published is divided by a length and shrinks with the number of units; the crossing without "
        "dimension can be compared. Both are drawn on logarithmic axes.",
        BOTH,
    ),
    "alignment": (
        "How alike each pair of populations places the same stimuli and directions, by their mean "
        "responses (in the published presets frame by frame). Dark is alike, grey is not defined; the "
        "diagonal is a population with itself. The table below has 95 % intervals over units drawn again "
        "and the score with shuffled conditions, which is not zero for CKA and CCA.",
        BOTH,
    ),
}
"""How each figure is read, in HTML, and its source."""

ALIGNMENT_SOURCES = {
    "rsa": "RSA: Kriegeskorte et al. 2008, doi 10.3389/neuro.06.004.2008",
    "cka": "linear CKA: Kornblith et al. 2019, arXiv 1905.00414",
    "cca": "CCA: Hotelling 1936, doi 10.1093/biomet/28.3-4.321",
    "procrustes": "Procrustes: Schönemann 1966, doi 10.1007/BF02289451",
    "dsa": "DSA: Ostrow et al. 2023, arXiv 2306.10168",
    "gromov_wasserstein": "Gromov-Wasserstein: Mémoli 2011, doi 10.1007/s10208-011-9093-5",
}

TABLE_WORDS = {
    "measures": "every measure of every population, one row each, with interval and chance",
    "measures_wide": "the values alone, one row a population",
    "decoding_over_time": "accuracy of each classifier at each time",
    "tubularity_differences": "differences of tubularity between any two populations",
    "alignment": "the alignment of each pair",
    "seconds": "how long each part took, and what was found in the recording",
}

COLUMN_NOTES = {
    "participation_ratio": "Units are not scaled.",
    "responsive_share": "After rectification, if responses are rectified.",
}

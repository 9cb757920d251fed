"""The published optimiser, against its formulas in plain numpy and against numbers of the reference."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_twinscope.errors import InvalidInput
from napari_twinscope.training.sgd_clip import Schedule, SgdClip, SgdClipOptions, step_rule

FOLDER = Path(__file__).parents[1] / "golden" / "fnn"
NAMES = {
    "conv": "core.feedforward.inputs.1.weights.0",
    "gains": "core.feedforward.inputs.1.gains.0",
    "mu": "readout.position.mu",
    "sigma": "readout.position.sigma",
    "feature": "readout.feature.weights.0",
    "rbias": "readout.biases.0",
    "intergroup": "core.recurrent.proj_x.0.weights.0",
}


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    with np.load(FOLDER / "elements.npz") as file:
        return dict(file)


def steps(name: str, start: np.ndarray, gradients: list[np.ndarray], units: int, **options) -> np.ndarray:
    parameter = torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimiser = SgdClip([(name, parameter)], units, SgdClipOptions(**options))
    for gradient in gradients:
        parameter.grad = torch.from_numpy(gradient.copy())
        optimiser.step()
    return parameter.detach().numpy()


def plain_steps(start, gradients, axes, scale, decays, *, lr, d, m, nesterov, kappa, eps) -> np.ndarray:
    """Follow the published formulas slice by slice."""
    p, buffer = start.astype(float), None
    for raw in gradients:
        g = scale * raw.astype(float)
        kept = [axis for axis in range(p.ndim) if axis not in axes]
        for index in np.ndindex(*(p.shape[axis] for axis in kept)):
            where = [slice(None)] * p.ndim
            for axis, i in zip(kept, index, strict=True):
                where[axis] = i
            where = tuple(where)
            limit = max(kappa * math.sqrt((p[where] ** 2).sum()), eps * math.sqrt(p.size))
            g[where] *= limit / max(math.sqrt((g[where] ** 2).sum()), limit)
        if m > 0:
            buffer = g.copy() if buffer is None else m * buffer + g
            g = g + m * buffer if nesterov else buffer.copy()
        if decays:
            g = g + d * p
        p = p - lr * g
    return p


@pytest.mark.parametrize("kind", NAMES)
def test_three_steps_are_those_of_the_reference(golden, kind):
    gradients = [golden[f"opt/{kind}/g{n}"] for n in range(3)]
    for count in (1, 2, 3):
        ours = steps(NAMES[kind], golden[f"opt/{kind}/p0"], gradients[:count], units=5)
        np.testing.assert_allclose(ours, golden[f"opt/{kind}/p{count}"], rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("cycle", [0, 1])
def test_learning_rates_and_seeds_are_those_of_the_reference(golden, cycle):
    schedule = Schedule()
    rates = [0.1 * schedule.factor(epoch, cycle) for epoch in range(100)]
    np.testing.assert_allclose(rates, golden[f"lr/cycle{cycle}"], atol=1e-12)
    seeds = [schedule.seed(0, epoch, cycle) for epoch in range(100)]
    np.testing.assert_array_equal(seeds, golden[f"lr/seed{cycle}"])


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from([*NAMES, "all"]),
    seed=st.integers(0, 1000),
    size=st.floats(-4, 2),
    momentum=st.sampled_from([0.0, 0.5, 0.9]),
    nesterov=st.booleans(),
)
def test_steps_follow_the_formulas(kind, seed, size, momentum, nesterov):
    rng = np.random.default_rng(seed)
    shape = {"conv": (3, 2, 1, 2, 2), "intergroup": (3, 2, 2, 2), "sigma": (4, 2, 2), "feature": (4, 1, 5)}
    start = rng.normal(size=shape.get(kind, (4, 2))) * rng.choice([0.0, 1.0])
    gradients = list(10**size * rng.normal(size=(3, *start.shape)))
    name = "perspective.monitor.center" if kind == "all" else NAMES[kind]
    axes, scale, decays = step_rule(name, start.ndim, 4)
    theirs = {"lr": 0.2, "d": 0.01, "m": momentum, "nesterov": nesterov, "kappa": 0.02, "eps": 1e-3}
    expected = plain_steps(start, gradients, axes or range(start.ndim), scale, decays, **theirs)
    options = {"learning_rate": 0.2, "decay": 0.01, "momentum": momentum, "nesterov": nesterov, "clip": 0.02}
    ours = steps(name, start, gradients, units=4, **options)
    np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)


def test_the_rules_are_those_of_the_published_table():
    entries = json.loads((FOLDER / "fill_check_tiny.json").read_text())["entries"]
    assert step_rule("core.recurrent.scales.0", 2, 9) == ((1,), 1, False)
    assert step_rule("perspective.monitor.center_std", 1, 9) == (None, 1, False)
    assert step_rule("perspective.retina_pixel.logit", 1, 9) == (None, 1, False)
    assert step_rule("perspective.mlp.linears.1.weights.0", 5, 9) == ((1, 2, 3, 4), 1, True)
    assert step_rule("modulation.mlp.linears.0.biases.1", 2, 9) == ((1,), 1, False)
    assert step_rule("readout.biases.1", 2, 9) == ((0,), 9, False)
    for name, entry in entries.items():
        dimensions = len(entry["shape"])
        axes, scale, decays = step_rule(name, dimensions, 9)
        assert decays == (".weights." in name)
        assert scale == (9 if name.startswith("readout") else 1)
        assert axes is None or max(axes) < dimensions


def test_a_parameter_without_a_gradient_stays():
    used, unused = (torch.nn.Parameter(torch.ones(3, 1, 4)) for _ in range(2))
    named = [("readout.feature.weights.0", used), ("readout.feature.weights.1", unused)]
    optimiser = SgdClip(named, 3, SgdClipOptions())
    used.grad = torch.ones_like(used)
    optimiser.step()
    assert (used < 1).all()
    assert unused.eq(1).all()


def test_a_short_schedule_warms_up_for_a_tenth():
    assert Schedule(epochs=20).warmup == 2
    assert Schedule(epochs=5).factor(0) == 1
    assert Schedule(epochs=1).factor(0) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"learning_rate": 0.0},
        {"learning_rate": math.nan},
        {"momentum": 1.0},
        {"decay": -1.0},
        {"clip": 0.0},
        {"epsilon": -1e-3},
    ],
)
def test_impossible_steps_are_refused(wrong):
    with pytest.raises(InvalidInput, match="out of range"):
        SgdClipOptions(**wrong)


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"epochs": 5, "warmup_epochs": 5}, {"cycles": 0}])
def test_impossible_schedules_are_refused(wrong):
    with pytest.raises(InvalidInput, match="out of range"):
        Schedule(**wrong)

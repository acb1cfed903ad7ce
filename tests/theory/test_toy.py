"""The toy for a browser: its law, its step, its twin in JavaScript, its files."""

import json
import math
import shutil
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import chi2_contingency, ks_2samp

from lrreg_utils.cli.main import main
from lrreg_utils.errors import UserError
from lrreg_utils.results.study import load_study, recorded_study, write_study
from lrreg_utils.theory import setting as theory
from lrreg_utils.theory import toy_study as toy_seeds
from lrreg_utils.theory.counter_rng import Portable
from lrreg_utils.theory.toy import (
    NETWORK,
    SCHEDULES,
    SETTINGS,
    TEST,
    TRAIN,
    ToySettings,
    flop_per_step,
    gradient,
    init,
    measure,
    paired_normals,
    reference,
    run,
    sample,
    step,
)

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SMALL = ToySettings(d=12, train_size=40, test_size=60, r=0.3, m1=8, m2=20, tau0=2.0, lam=1e-3, large_rate=2.0,
                    small_rate=0.1, x1_scale=1.0)
NODE = shutil.which("node") or shutil.which("nodejs")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: apt-get install nodejs")


def moved(s=SMALL, seed=1, steps=5):
    """A network off the start, where f is not 0."""
    net, data = init(s, seed), sample(s, seed, TRAIN)
    for _ in range(steps):
        step(s, net, data, s.large_rate)
    return net, data


def torch_gradient(s, net, data):
    W, V = (torch.tensor(U, requires_grad=True) for U in (net.W, net.V))
    x1, y = torch.tensor(data.x1), torch.tensor(data.y)
    x2 = torch.tensor(data.alpha[:, None] * s.R[data.ray])
    f = torch.relu(x1 @ W.T) @ torch.tensor(net.a) + torch.relu(x2 @ V.T) @ torch.tensor(net.b)
    return torch.autograd.grad(torch.nn.functional.softplus(-y * f).mean(), (W, V))


@pytest.mark.parametrize("change", [{}, {"with_q": False}, {"rays": 5}])
def test_gradient_against_autograd(change):
    s = replace(SMALL, **change)
    net, data = moved(s)
    for found, right in zip(gradient(s, net, data), torch_gradient(s, net, data), strict=True):
        np.testing.assert_allclose(found, right.numpy(), rtol=1e-9, atol=1e-14)


def test_a_step_is_its_formula():
    net, data = moved()
    W, GW, V, GV = (part.copy() for part in (net.W, net.GW, net.V, net.GV))
    dW, dV = gradient(SMALL, net, data)
    stream = Portable(1, NETWORK)
    for _ in range(7):  # the start, five steps, and this one
        xi_W, xi_V = paired_normals(SMALL, stream)
    step(SMALL, net, data, 0.5)
    for U, G, dU, xi, after in ((W, GW, dW, xi_W, net.W), (V, GV, dV, xi_V, net.V)):
        right = (1 - 0.5 * 1e-3) * U - 0.5 * (0.1 * (0.9 * G + dU) + SMALL.noise_std * xi)
        np.testing.assert_allclose(after, right, rtol=1e-12, atol=1e-14)


def test_noise_is_stationary_at_the_large_rate_and_the_zero_function():
    s = replace(SMALL, lam=0.05, m2=4000, alpha_scale=1e-9, x1_scale=1e-9)  # nothing pulls
    net, data = moved(s, steps=100)
    assert net.V.std() == pytest.approx(s.tau0, rel=0.04)
    assert np.abs(net.V[:2000] - net.V[2000:]).max() < 1e-6
    found = measure(s, net, data, sample(s, 1, TEST))
    assert found["train_both_loss"] == pytest.approx(math.log(2), abs=1e-6)


def test_without_noise_nothing_is_drawn_but_the_start_is_the_same():
    quiet = replace(SMALL, noise=False)
    assert np.array_equal(init(quiet, 4).W, init(SMALL, 4).W)
    net, _ = moved(quiet)
    assert net.rng.position == init(quiet, 4).rng.position


def test_flop_fit_a_browser_and_are_counted_by_hand():
    assert flop_per_step(SETTINGS) <= 20e6
    # each product of (n, k) and (k, m) takes 2 n k m: forward and backward, for x1 and for the rays
    assert flop_per_step(SMALL) == 2 * (2 * 40 * 12 * 8) + 2 * (2 * 3 * 2 * 20)


@pytest.mark.parametrize("rays", [3, 5])
def test_the_law_of_the_data_is_that_of_the_theory(rays):
    shared = {"d": 20, "test_size": 20_000, "rays": rays, "alpha_scale": 2.5, "x1_scale": 0.4}
    ours = sample(ToySettings(**shared), 0, TEST)
    theirs = theory.sample(theory.Setting(**shared, r=SETTINGS.r), [0], "test")
    kind = torch.where(theirs.has1[0], torch.where(theirs.has2[0], 0, 1), 2).numpy()
    y, x1, alpha, ray = (part[0].numpy() for part in (theirs.labels, theirs.x1, theirs.alpha, theirs.ray))

    def cells(y, kind, ray):
        return np.bincount((kind * 2 + (y > 0)) * rays + ray, minlength=6 * rays)

    counts = np.stack([cells(ours.y, ours.kind, ours.ray), cells(y, kind, ray)])
    assert chi2_contingency(counts[:, counts.sum(0) > 0]).pvalue > 0.01
    for ours_here, theirs_here in (
        (ours.alpha[ours.kind != 1], alpha[kind != 1]),
        ((ours.y * ours.x1[:, 0])[ours.kind != 2], (y * x1[:, 0])[kind != 2]),
        (ours.x1[ours.kind != 2, 1:].ravel(), x1[kind != 2, 1:].ravel()),
    ):
        assert ks_2samp(ours_here, theirs_here).pvalue > 0.01
    assert not ours.x1[ours.kind == 2].any() and not ours.alpha[ours.kind == 1].any()
    np.testing.assert_allclose(ToySettings(**shared).R[:, 1], theory.Setting(**shared, r=0.12).angles.sin())


def test_without_q_the_rest_is_the_same():
    control, data = sample(replace(SMALL, with_q=False), 2, TRAIN), sample(SMALL, 2, TRAIN)
    assert not control.alpha.any() and np.array_equal(control.x1, data.x1)


def test_a_run_measures_at_the_start_regularly_and_at_each_end():
    columns = run(SMALL, 0, ((2.0, 7), (0.1, 4)), every=5)
    assert columns["step"] == [0, 5, 7, 10, 11]
    assert columns["train_both_loss"][0] == pytest.approx(math.log(2))
    assert columns["test_p_error"][0] == columns["test_q_only_error"][0] == 50  # chance
    assert columns["train_p_only_loss"][-1] < columns["train_p_only_loss"][0]
    assert run(SMALL, 0, ((2.0, 7), (0.1, 4)), every=5) == columns


@pytest.mark.parametrize(("field", "value"), [
    ("d", 1), ("d", 10.0), ("train_size", True), ("m1", 7), ("m2", 0), ("rays", 4), ("p", -0.1), ("q", "0.2"),
    ("lam", math.nan), ("tau0", math.inf), ("momentum", 1.0), ("noise", 1), ("with_q", "yes"), ("r", 0.0),
    ("large_rate", 1e5), ("small_rate", None),
])
def test_bad_settings_are_named(field, value):
    with pytest.raises(UserError, match=f"toy: {field}"):
        ToySettings(**{field: value})


def test_settings_that_do_not_fit_together():
    with pytest.raises(UserError, match=r"p \+ q"):
        ToySettings(p=0.7, q=0.7)
    with pytest.raises(UserError, match="within pi/2"):
        ToySettings(rays=5, r=0.8)


@pytest.mark.parametrize(("schedule", "every", "message"), [
    ((), 1, "at least one phase"), (((0.0, 5),), 1, "rate must be"), (((math.nan, 5),), 1, "rate must be"),
    (((1e9, 5),), 1, "rate must be"), (((1.0, 0),), 1, "steps must be"), (((1.0, 2.5),), 1, "steps must be"),
    (((1.0, 5),), 0, "steps must be"),
])
def test_bad_schedules_are_refused(schedule, every, message):
    with pytest.raises(UserError, match=message):
        run(SMALL, 0, schedule, every)


def refuse(name):
    raise ValueError(f"{name} is not JSON")


def test_the_reference_is_small_valid_and_what_the_book_ships(tmp_path):
    write_study(tmp_path / "toy-reference.json", "", [0], {}, reference())
    found = load_study(tmp_path / "toy-reference.json")["result"]
    shipped = recorded_study("toy-reference")["result"]
    assert (tmp_path / "toy-reference.json").stat().st_size <= 300_000
    columns, recorded = found["reference"].pop("columns"), shipped["reference"].pop("columns")
    assert found == shipped
    for name, values in columns.items():
        np.testing.assert_allclose(values, recorded[name], rtol=1e-6, err_msg=name)
    assert {name: found["settings"][name] for name in asdict(SETTINGS)} == asdict(SETTINGS)
    assert len(found["data"]["y"]) == len(found["data"]["along"]) == SETTINGS.train_size
    assert {name: sum(steps for _, steps in phases) for name, phases in found["schedules"].items()} == {
        "L-S": 2500, "S": 2500,
    }


def test_a_kind_that_no_example_has_is_null():
    columns = reference(replace(SMALL, p=0))["reference"]["columns"]
    assert set(columns["test_p_only_error"]) == set(columns["train_p_only_loss"]) == {None}


def javascript(path):
    module = ROOT / "lrreg_utils" / "interactive" / "training" / "toy.mjs"
    command = [NODE, HERE / "toy_check.mjs", module, path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_node
@pytest.mark.parametrize("change", [None, {}, {"noise": False}, {"with_q": False, "rays": 5}, {"p": 0}])
def test_javascript_trains_alike(change, tmp_path):
    """The shipped toy (None), and small ones in other variants."""
    path = ROOT / "data" / "studies" / "toy-reference.json"
    if change is not None:
        path = tmp_path / "small.json"
        write_study(path, "", [7], {}, reference(replace(SMALL, **change), seed=7))
    found = javascript(path)
    recorded = load_study(path)["result"]["reference"]["columns"]
    assert set(found["columns"]) == set(recorded)
    for name, values in recorded.items():
        here, there = (np.array(each, dtype=float) for each in (found["columns"][name], values))
        np.testing.assert_allclose(here, there, rtol=1e-6, err_msg=name)
    stream = Portable(2**32 - 1, 2)
    assert found["uniform"] == stream.uniform(5).tolist()
    np.testing.assert_allclose(found["normal"], stream.normal(7), rtol=1e-12)


def test_no_page_loads_the_module():
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    assert "html_static_path: [assets]" in config and ".mjs" not in config


BRIEF = {"L-S": ((2.0, 100), (0.1, 100)), "S": ((0.1, 200),)}


@pytest.fixture(scope="module")
def found():
    return toy_seeds.train_seeds([0, 1], SMALL, BRIEF, 400)


def test_every_run_of_every_seed_is_there(found):
    assert found["seeds"] == [0, 1] and found["anneal_step"] == 100
    assert set(found["runs"]) == {
        f"{name}{change}" for name in ("L-S", "S")
        for change in ("", ", 400 steps", ", control without Q", ", without injected noise")
    }
    whole = run(SMALL, 1, BRIEF["S"], 50)
    for column, values in found["runs"]["S"].items():
        np.testing.assert_allclose(values[1], whole[column], atol=1e-4)
    assert found["runs"]["S, 400 steps"]["step"][0][-1] == 400
    assert found["runs"]["L-S, control without Q"]["train_q_only_loss"][0][-1] == pytest.approx(0.6931)


def test_ratios_and_the_end_of_the_large_phase():
    def ends(*errors):
        return {"test_p_error": [[50.0, error] for error in errors]}

    runs = {"S": ends(6.0, 1.0, 0.0), "L-S": ends(2.0, 0.0, 0.0)}
    assert toy_seeds.ratios(runs) == [3.0, math.inf, 1.0]
    columns = {"step": [[0, 50, 100, 150]], "loss": [[9.0, 9.0, 3.0, 9.0]]}
    assert toy_seeds.late_large_phase(columns, "loss", 100) == [3.0]


def test_no_seed_is_refused():
    with pytest.raises(UserError, match="at least one seed"):
        toy_seeds.train_seeds([])


@pytest.mark.parametrize("json_wanted", [True, False])
def test_command(found, json_wanted, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(toy_seeds, "train_seeds", lambda seeds, *size: found)
    assert main(["toy", "--seeds", "2", "--out", str(tmp_path)] + ["--json"] * json_wanted) == 0
    printed = capsys.readouterr().out
    if json_wanted:
        assert json.loads(printed) == json.loads(json.dumps(found))
    else:
        assert "S / L-S in test_p_error" in printed
    results = load_study(tmp_path / "toy.json")
    assert {"device", "seconds", "date", "versions", "commit"} <= set(results["provenance"])
    assert results["command"] == "python -m lrreg_utils toy --seeds 2 --out FOLDER"
    assert (results["seeds"], results["result"]) == ([0, 1], json.loads(json.dumps(
        {name: value for name, value in found.items() if name != "seeds"})))
    assert load_study(tmp_path / "toy-reference.json")["result"]["seed"] == 0


def test_the_size_of_the_page_is_a_choice(found, tmp_path, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(toy_seeds, "train_seeds", lambda seeds, *size: asked.append(size) or found)
    assert main(["toy", "--size", "page", "--seeds", "2", "--out", str(tmp_path)]) == 0
    assert asked == [toy_seeds.SIZES["page"]]
    assert [path.name for path in tmp_path.iterdir()] == ["toy-page.json"]
    results = load_study(tmp_path / "toy-page.json")
    assert results["command"] == "python -m lrreg_utils toy --size page --seeds 2 --out FOLDER"
    capsys.readouterr()


@pytest.mark.parametrize("size", toy_seeds.SIZES)
def test_each_size_has_its_own_rates_and_equal_lengths(size):
    s, schedules, long = toy_seeds.SIZES[size]
    assert [[rate for rate, _ in phases] for phases in schedules.values()] == [
        [s.large_rate, s.small_rate], [s.small_rate],
    ]
    lengths = {sum(steps for _, steps in phases) for phases in schedules.values()}
    assert len(lengths) == 1 and long == 3 * lengths.pop()


def test_recorded_results_are_those_of_the_shipped_settings():
    results = recorded_study("toy")
    assert results["seeds"] == list(range(10))
    short = run(SETTINGS, 0, [(SETTINGS.small_rate, 50)])
    for column, values in short.items():
        recorded = results["result"]["runs"]["S"][column][0]
        np.testing.assert_allclose(recorded[:2], values, rtol=1e-3, atol=1e-3, err_msg=column)
    assert results["result"]["runs"]["S"]["step"][0][-1] == sum(steps for _, steps in SCHEDULES["S"])


def test_what_the_book_says_about_the_recorded_results():
    results = recorded_study("toy")["result"]
    runs = results["runs"]
    assert np.mean(toy_seeds.ratios(runs)) > 2 and min(toy_seeds.ratios(runs)) > 1.5
    assert np.mean(toy_seeds.ratios(runs, "control without Q")) == pytest.approx(1.23, abs=0.01)
    assert np.mean(toy_seeds.ratios(runs, "7500 steps")) == pytest.approx(1.27, abs=0.01)
    assert all(values[-1] == 0 for values in runs["L-S"]["test_q_only_error"])
    for change, lowest, highest in (("", 20, 40), (", without injected noise", 0, 5)):
        columns = runs[f"L-S{change}"]
        errors = toy_seeds.late_large_phase(columns, "test_q_only_error", results["anneal_step"])
        assert lowest < np.mean(errors) < highest

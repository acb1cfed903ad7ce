"""The patch builder writes what the package writes, and its line gets what a line can get."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import lrreg_utils as lr
from lrreg_utils.images.patches import BOTH, CLEAN, GROUPS, PATCH_ONLY
from lrreg_utils.interactive import widgets
from lrreg_utils.problems.linear_classifiers import both_points

FIRST = {"class": 8, "strength": 1.4, "group": "both", "sign": 1, "place": "corner", "noise": False,
         "turn": 45}
CHOICES = [
    FIRST | {"class": label, "strength": strength, "group": GROUPS[group], "sign": sign, "place": place,
             "noise": noise}
    for label, strength, noise in ((8, 1.4, False), (3, 0.3, True))
    for group in (CLEAN, PATCH_ONLY, BOTH) for sign in (1, -1) for place in ("corner", "center")
]


@pytest.fixture(scope="module")
def model():
    return widgets.MODELS["patch"]()


def test_the_network_sees_what_the_package_writes(model, call):
    """Pixel for pixel; the random strength of a patch alone at its mean."""
    found = call("patch", [("seenOf", model, choice) for choice in CHOICES])
    for seen, choice in zip(found, CHOICES, strict=True):
        config = lr.experiment("hidden").config("small_lr", seed=0)
        config = replace(config, patch_strength=choice["strength"], patch_place=choice["place"],
                         pixel_noise=config.pixel_noise * choice["noise"])
        data, label = lr.prepare(config), torch.tensor([choice["class"]])
        place = data.test.labels.tolist().index(choice["class"])
        image = lr.normalize(data.test.images[place:place + 1], data.mean, data.std)
        coin = torch.tensor([[0.0 if choice["sign"] > 0 else 0.9], [0.5]])
        patterns = lr.draw_patterns(config, data.channels, len(data.classes))
        right = lr.write_patches(image, label, torch.tensor([GROUPS.index(choice["group"])]), patterns, coin)
        np.testing.assert_allclose(seen, right.flatten(), atol=1e-6, err_msg=str(choice))


def test_points_lie_true_to_scale_on_both_sides_of_z(model, call):
    (plane,) = call("patch", [("planeOf", model, FIRST)])
    config = lr.experiment("hidden").config("small_lr", seed=0)
    points, labels, signs = both_points(lr.draw_patterns(config, 1, 10))
    points -= torch.tensor(model["z"])
    right = {(int(sign), label - 8): points[(labels == label) & (signs == sign)][0].double()
             for label in (8, 9) for sign in (1, -1)}
    places = {(point["sign"], point["other"]): np.array(point["at"]) for point in plane["points"]}
    assert places.keys() == right.keys()
    for one in right:
        np.testing.assert_allclose(places[one], -places[-one[0], one[1]])  # both sides of z
        for other in right:  # lengths and angles
            assert places[one] @ places[other] == pytest.approx(float(right[one] @ right[other]), abs=1e-4)
    np.testing.assert_allclose(plane["here"], places[1, 0], atol=1e-5)  # the example that is shown


@pytest.mark.parametrize("group", ["both", "patch_only"])
def test_no_turn_gets_above_the_ceiling(model, call, group):
    turns = range(0, 360, 5)
    choices = [FIRST | {"turn": turn, "group": group, "class": label} for label in (0, 8) for turn in turns]
    planes = call("patch", [("planeOf", model, choice) for choice in choices])
    found = {100 * np.mean([point["right"] for point in plane["points"]]) for plane in planes}
    assert max(found) <= model["ceilings"]["2"] == 75
    if group == "both":
        assert found == {25, 50, 75}  # the best line is among them


def test_ceilings_are_those_of_the_formula(model):
    for count, ceiling in model["ceilings"].items():
        assert ceiling == pytest.approx(100 * (int(count) + 1) / (2 * int(count)))


def test_every_control_changes_the_words_and_the_picture(model, call):
    changes = [{"class": 3}, {"strength": 0.5}, {"group": "patch_only"}, {"group": "clean"}, {"sign": -1},
               {"place": "center"}, {"noise": True}, {"turn": 50}]
    calls = []
    for choice in (FIRST, *(FIRST | change for change in changes)):
        plane = call("patch", [("planeOf", model, choice)])[0]
        calls += [("verdict", model, choice, plane["points"]), ("figure", model, choice, 390, "words")]
    found = call("patch", calls)
    assert len(set(found[::2])) == len(set(found[1::2])) == len(changes) + 1
    assert found[0] == ("The network sees an image of 8 (noise left out) with the patch z + v₈ in the corner "
                        "(strength 1.4). The line at 45° gets 50 % of the patches of 8 and 9 right; no line "
                        "gets more than 75 %, and with ten classes 55 %.")
    assert 'viewBox="0 0 390 ' in found[1] and 'aria-label="words"' in found[1]

import pytest
import torch
from torch import nn

from lrreg_utils.errors import UserError
from lrreg_utils.seeding import generator
from lrreg_utils.training.layers import NoisyReLU
from lrreg_utils.training.model import WideResNet, build_model


def build(name="wrn16-1", seed=0, per_sample=False, **shape):
    shape = {"channels": 3, "classes": 10} | shape
    return build_model(name, noise_per_sample=per_sample, rng=generator(seed, "init"), **shape)


def noise_of(site, shape=(4, 5, 6, 7)):
    """What a site adds: far from 0 the ReLU lets everything through."""
    return site(torch.full(shape, 100.0)) - 100


def test_wrn16_10_has_the_parameters_of_the_paper():
    with torch.device("meta"):
        model = WideResNet(16, 10)
    assert sum(weights.numel() for weights in model.parameters()) == 17_116_634


@pytest.mark.parametrize(("depth", "sites"), [(10, 7), (16, 13), (22, 19)])
def test_noise_enters_before_every_relu(depth, sites):
    model = WideResNet(depth, 1)
    assert len(model.noise_sites) == sites
    assert not any(isinstance(module, nn.ReLU) for module in model.modules())
    calls = []
    for site in model.noise_sites:
        site.register_forward_hook(lambda module, args, out: calls.append(module))
    model.eval()(torch.zeros(1, 3, 8, 8))
    assert len(calls) == len(set(calls)) == sites


def test_the_network_is_pre_activation():
    model = build("wrn16-2")
    order = []
    for name, module in model.blocks[1].named_children():
        module.register_forward_hook(lambda module, args, out, name=name: order.append(name))
    model.eval()(torch.zeros(1, 3, 8, 8))
    assert order == ["norm1", "relu1", "conv1", "norm2", "relu2", "conv2"]


def test_groups_have_the_widths_and_sizes_of_a_wide_resnet():
    shapes = []
    model = build("wrn16-2")
    for block in model.blocks:
        block.register_forward_hook(lambda module, args, out: shapes.append(tuple(out.shape[1:])))
    model.eval()(torch.zeros(1, 3, 32, 32))
    assert shapes == [(32, 32, 32)] * 2 + [(64, 16, 16)] * 2 + [(128, 8, 8)] * 2


@pytest.mark.parametrize("name", ["small", "wrn16-1", "wrn16-2"])
@pytest.mark.parametrize(("channels", "classes", "size"), [(1, 10, 8), (3, 2, 33)])
def test_logits_have_a_row_for_each_image_and_a_column_for_each_class(name, channels, classes, size):
    model = build(name, channels=channels, classes=classes)
    assert model(torch.zeros(5, channels, size, size)).shape == (5, classes)


def test_the_small_network_is_small():
    weights = sum(weights.numel() for weights in build("small").parameters())
    assert weights == pytest.approx(78_000, rel=0.01)
    assert len(build("small").blocks) == 3


def test_noise_is_one_map_for_the_whole_batch_and_all_channels():
    site = NoisyReLU()
    site.stds, site.rngs = [0.4], [generator(0, "test")]
    drawn = torch.stack([noise_of(site) for _ in range(50)])
    assert torch.equal(drawn, drawn[:, :1, :1].expand_as(drawn))
    assert float(drawn[:, 0, 0].std()) == pytest.approx(0.4, abs=0.03)
    assert float(drawn[:, 0, 0].mean()) == pytest.approx(0, abs=0.04)
    assert len(drawn[:, 0, 0].unique(dim=0)) == 50  # afresh at every call
    assert len(drawn[0, 0, 0].unique()) > 30  # and for every pixel


def test_noise_per_sample_is_one_map_for_each_image():
    site = NoisyReLU(per_sample=True)
    site.stds, site.rngs = [0.4], [generator(0, "test")]
    drawn = noise_of(site)
    assert torch.equal(drawn, drawn[:, :1].expand_as(drawn))
    assert len(drawn[:, 0].unique(dim=0)) == 4


def test_noise_is_added_before_the_relu():
    site = NoisyReLU()
    site.stds, site.rngs = [1.0], [generator(0, "test")]
    out = site(torch.zeros(1, 1, 20, 20))
    assert (out >= 0).all() and 0 < int((out == 0).sum()) < 400


@pytest.mark.parametrize("per_sample", [False, True])
def test_no_noise_in_evaluation_or_at_std_0(per_sample):
    site = NoisyReLU(per_sample)
    assert not noise_of(site).any()
    site.stds, site.rngs = [0.4], [generator(0, "test")]
    assert noise_of(site).any()
    site.eval()
    assert not noise_of(site).any()


@pytest.mark.parametrize("per_sample", [False, True])
def test_set_noise_reaches_every_site(per_sample):
    model, rng = build("small", per_sample=per_sample), generator(0, "test")
    model.set_noise(0.3, rng)
    assert len(model.noise_sites) == 7
    for site in model.noise_sites:
        assert (site.stds, site.rngs, site.per_sample) == ([0.3], [rng], per_sample)


def test_initial_weights_depend_on_the_generator_alone():
    torch.manual_seed(1)
    first = build(seed=0).state_dict()
    torch.manual_seed(2)
    again, other = build(seed=0).state_dict(), build(seed=1).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["stem.weight"], other["stem.weight"])


def test_building_leaves_the_global_random_state_alone():
    before = torch.get_rng_state()
    build()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", ["", "large", "wrn16", "wrn16-", "wrn16-0", "wrn16-100", "wrn28-10",
                                  "hidden-0", "hidden-"])
def test_an_unknown_model_is_a_user_error(name):
    with pytest.raises(UserError, match=r"^model: .* is unknown; choose hidden-K .*, small or wrn16-K"):
        build(name)


def test_the_authors_initialization_is_normal_by_fan_out_and_has_no_last_bias():
    he = build("wrn16-4", initialization="he")
    layers = [layer for layer in he.modules() if isinstance(layer, torch.nn.Conv2d)]
    assert len(layers) == 16  # the stem, two in each of six blocks, three shortcuts
    for layer in layers:
        variance = 2 / (layer.out_channels * layer.kernel_size[0] * layer.kernel_size[1])
        weights = layer.weight.detach()
        assert float(weights.var()) == pytest.approx(variance, rel=6 * (2 / weights.numel()) ** 0.5)
    assert not he.linear.bias.any()


def test_where_widths_are_equal_it_is_six_times_torch_s_in_square():
    """Variance 2 / (9 n) against 1 / (3 * 9 n); three times where the width doubles."""
    he, default = (build("wrn16-4", initialization=name) for name in ("he", "torch"))
    for block, factor in ((1, 6), (2, 3), (3, 6)):
        squares = [float(model.blocks[block].conv1.weight.detach().square().sum()) for model in (he, default)]
        assert squares[0] / squares[1] == pytest.approx(factor, rel=0.05)
    assert default.linear.bias.any()

"""The panel: what is typed is what is trained, and a mistake is one line in it."""

import lrreg_utils as lr
from lrreg_utils.live.choices import suggested
from lrreg_utils.live.form import A_FOLDER
from lrreg_utils.live.panel import Panel


def panel_of(tmp_path, **choices):
    lab = lr.lab(folder=tmp_path / "runs", **choices)
    lab.panel = Panel(lab)
    return lab, lab.panel


def test_it_shows_the_choices_and_reads_them_back(tmp_path):
    lab, panel = panel_of(tmp_path, train_size=100)
    assert panel.form.read() == lab.choices == suggested(train_size=100)
    assert panel.stop.disabled and panel.go_on.disabled and not panel.start.disabled


def test_another_network_or_data_brings_its_own_values(tmp_path, make_folder):
    _, panel = panel_of(tmp_path)
    form = panel.form
    assert form.path.layout.display == "none"
    form.network.value = "small"
    assert form.read() == suggested("digits", "small")
    form.data.value, form.path.value = A_FOLDER, str(folder := make_folder())
    assert form.path.layout.display is None and form.read() == suggested(f"folder:{folder}", "small")
    form.data.value = "digits"
    assert form.read() == suggested()


def test_a_network_and_a_folder_given_in_the_call_are_offered(tmp_path, make_folder):
    source = f"folder:{make_folder()}"
    for choices in (suggested("digits", "hidden-64"), suggested(source, "wrn16-4"), suggested("cifar10")):
        _, panel = panel_of(tmp_path, data=choices.data, network=choices.network)
        assert panel.form.read() == choices


def test_mistakes_are_one_line_in_the_panel_and_start_nothing(tmp_path):
    lab, panel = panel_of(tmp_path)
    (tmp_path / "file").write_text("")

    def says(words):
        panel.start.click()
        assert words in panel.problems.value and panel.problems.value.count("<div") == 2
        assert lab.state == "ready"

    panel.form.rates["large"].value = "0,3"
    says("large rate must be a number such as 0.1, got &#x27;0,3&#x27;")
    panel.form.rates["large"].value = "-1"
    says("initial_lr must be above 0")
    panel.form.rates["large"].value = "0.3"
    panel.form.counts["anneal_epoch"].value = 1
    says("anneal_epoch must lie between 2 and")
    panel.form.counts["anneal_epoch"].value = 10
    for box in panel.form.schedules.values():
        box.value = False
    says("schedules: tick at least one")
    panel.form.schedules["small_lr"].value = True
    panel.form.folder.value = str(tmp_path / "file" / "runs")
    says("cannot be written")
    panel.form.data.value = A_FOLDER
    says("data: type the folder that holds train/ and test/")


def test_start_stop_go_on(tmp_path, until):
    lab, panel = panel_of(tmp_path, network="small", image_size=8, batch_size=20, patch_size=3,
                          train_size=100)
    for name, box in panel.form.schedules.items():
        box.value = name == "small_lr"
    panel.form.counts["epochs"].value = 40
    panel.start.click()
    assert panel.start.disabled and not panel.stop.disabled and panel.form.data.disabled
    until(lambda: panel.progress.value >= 3)
    assert 'class="run"' in panel.picture.value and "of 40 epochs" in panel.state.value
    panel.stop.click()
    lab.wait()
    until(lambda: not panel.go_on.disabled)
    assert "are kept in" in panel.state.value and not panel.form.data.disabled and panel.stop.disabled
    panel.go_on.click()
    lab.wait()
    assert "Finished: 1 of 1" in panel.state.value and panel.progress.value == panel.progress.max == 40
    (history,) = lab.histories
    assert history.columns == lr.train(history.config, "cpu").history.columns

"""The files that the site has for a class: assignments, chapters without solutions, slides; no source."""

import zipfile

from scripts import handouts


def test_the_site_gets_the_students_files_and_no_source(tmp_path, monkeypatch):
    made = tmp_path / "assignments"
    (made / "sources").mkdir(parents=True)
    for name in ("A1_toy.ipynb", "requirements.txt", "sources/A1_toy.ipynb", "sources/A1_toy.toml"):
        (made / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(handouts, "ASSIGNMENTS", made)
    site = tmp_path / "html"
    site.mkdir()
    handouts.write_all(site)
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert files == {"assignments/A1_toy.ipynb", "class-notebooks.zip", "lecture.html"}
    assert (site / "assignments/A1_toy.ipynb").read_text(encoding="utf-8") == "A1_toy.ipynb"
    with zipfile.ZipFile(site / "class-notebooks.zip") as pack:
        assert "04_cifar_demo.ipynb" in pack.namelist()

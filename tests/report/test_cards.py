"""What a run's folder says, as cards."""

import pytest

from crosscodec.errors import CorruptData, InputMissing
from crosscodec.report.cards import MethodMean, read_photo_run


def test_a_card_has_its_versions_in_order(run):
    found = read_photo_run(run)
    assert found.package == "my-package"
    (card,) = found.cards
    assert (card.name, card.width, card.height, card.gain) == ("<b>cat</b>", 30, 20, "+9.33 dB")
    assert [shown.short for shown in card.versions] == ["degraded", "JPEG 2000", "restored", "clean"]
    assert [shown.path.parent.name for shown in card.versions] == ["degraded", "jpeg2000", "restored", "clean"]
    assert [shown.ours for shown in card.versions] == [False, False, True, False]
    ours = card.versions[2]
    assert (ours.psnr, ours.size, ours.bpp) == ("29.50", "12,345", "0.521")
    assert card.versions[3].psnr == ""


def test_means(run):
    degraded, ours, peer = read_photo_run(run).means
    assert ours == MethodMean("Restored by my-package", True, "29.50", "0.900", "0.521", "12,345", "0.75")
    assert degraded == MethodMean("Degraded", False, "20.17", "0.200", "", "", "")
    assert peer.title == "JPEG 2000 of the degraded picture"


@pytest.mark.parametrize("folder", ["clean", "degraded", "jpeg2000"])
def test_a_picture_that_was_not_kept_is_named(run, folder):
    (run / folder / "0000-_b_cat_b_.png").unlink()
    with pytest.raises(InputMissing, match=f"{folder}.*--keep-pictures"):
        read_photo_run(run)


def test_a_restored_picture_that_is_missing(run):
    (run / "restored" / "0000-_b_cat_b_.png").unlink()
    with pytest.raises(InputMissing, match="0000-"):
        read_photo_run(run)


@pytest.mark.parametrize(("text", "message"), [("[]", "settings"), ("{", "not JSON"), ('{"set": 1}', "settings")])
def test_settings_that_are_none(run, text, message):
    (run / "settings.json").write_text(text)
    with pytest.raises(CorruptData, match=message):
        read_photo_run(run)


def test_scores_that_lack_a_row(run):
    lines = (run / "scores.tsv").read_text().splitlines()
    (run / "scores.tsv").write_text("\n".join(line for line in lines if not line.startswith("my-package")))
    with pytest.raises(CorruptData, match="no row of a package"):
        read_photo_run(run)
    (run / "scores.tsv").write_text("\n".join(line for line in lines if not line.startswith("degraded")))
    with pytest.raises(CorruptData, match="needs a row of degraded"):
        read_photo_run(run)


def test_no_run_at_all(tmp_path):
    with pytest.raises(InputMissing):
        read_photo_run(tmp_path)

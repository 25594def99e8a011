"""What a run's folder says, as cards."""

import json

import pytest

from crosscodec.errors import CorruptData, InputMissing
from crosscodec.evaluate.peers import PEERS
from crosscodec.report.cards import TITLES, Curve, CurvePoint, MethodMean, read_photo_run


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
    assert ours == MethodMean("Restored by my-package", True, "29.50", "0.900", "", "0.521", "12,345", "0.75")
    assert degraded == MethodMean("Degraded", False, "20.17", "0.200", "", "", "", "")
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


def test_of_several_qualities_each_has_its_pictures_then_its_peers(curve_run):
    found = read_photo_run(curve_run)
    assert found.package == "my-package"
    (card,) = found.cards
    assert card.gain == "+7.33 to +11.08 dB"
    assert [[shown.short for shown in column] for column in card.columns] == [
        ["degraded"],
        ["restored, quality 20", "JPEG 2000, quality 20"],
        ["restored, quality 80", "JPEG 2000, quality 80"],
        ["clean"],
    ]
    folders = [str(shown.path.parent.relative_to(curve_run)) for shown in card.versions]
    assert folders == ["degraded", "restored/q20", "jpeg2000/q20", "restored/q80", "jpeg2000/q80", "clean"]
    assert [shown.psnr for shown in card.versions] == ["20.17", "27.50", "23.00", "31.25", "25.00", ""]
    assert [mean.title for mean in found.means if mean.ours] == [
        "Restored by my-package, quality 20",
        "Restored by my-package, quality 80",
    ]


def test_curves_are_the_means_of_each_method_over_the_qualities(curve_run):
    ours, peer = read_photo_run(curve_run).curves
    assert ours == Curve("Restored by my-package", True, (CurvePoint(20, 0.2213, 27.5), CurvePoint(80, 0.8213, 31.25)))
    assert (peer.title, peer.ours) == ("JPEG 2000 of the degraded picture", False)
    assert [point.psnr for point in peer.points] == [23, 25]


def test_one_quality_is_as_none(run):
    """It has the folders of a run without, and its rows alone carry the quality."""
    text = (run / "scores.tsv").read_text().replace("my-package", "my-package q20")
    (run / "scores.tsv").write_text(text)
    settings = json.loads((run / "settings.json").read_text()) | {"qualities": [20]}
    (run / "settings.json").write_text(json.dumps(settings))
    found = read_photo_run(run)
    assert found.package == "my-package q20"
    assert found.curves == ()
    assert [len(column) for column in found.cards[0].columns] == [1, 1, 1, 1]


def test_a_package_named_like_a_quality_is_no_quality(run):
    text = (run / "scores.tsv").read_text().replace("my-package", "codec q20")
    (run / "scores.tsv").write_text(text)
    found = read_photo_run(run)
    assert (found.package, found.curves) == ("codec q20", ())


def test_a_quality_that_lacks_a_row_or_a_picture(curve_run):
    (curve_run / "restored" / "q80" / "0000-cat.png").unlink()
    with pytest.raises(InputMissing, match="q80"):
        read_photo_run(curve_run)
    lines = (curve_run / "scores.tsv").read_text().splitlines()
    kept = [line for line in lines if not line.startswith("my-package q80\tcat")]
    (curve_run / "scores.tsv").write_text("\n".join(kept) + "\n")
    with pytest.raises(CorruptData, match="needs a row of degraded and one of my-package q20, my-package q80"):
        read_photo_run(curve_run)


def test_every_peer_has_a_title_of_its_own():
    assert {*PEERS, "degraded"} == set(TITLES)
    assert len(set(TITLES.values())) == len(TITLES)

"""An evaluation from clean pictures to scores, on the toy package and small pictures."""

import json

import numpy as np
import pytest
from lpipsweights import data_with_weights
from PIL import Image
from qualitypackage import quality_package_bytes

from crosscodec.bitstream.container import read_coded
from crosscodec.codec.decoding import decode_bytes
from crosscodec.codec.encoding import encode_pixels
from crosscodec.codec.package import load_package
from crosscodec.domains.degradation import GaussianNoise
from crosscodec.domains.photos import PhotoSet
from crosscodec.errors import OutputExists, PackageUnavailable, UsageError
from crosscodec.evaluate.photos import Evaluation, evaluate_photos, stem_of
from crosscodec.evaluate.scores import read_scores
from crosscodec.measure.distortion import psnr
from crosscodec.measure.lpips import load_lpips


@pytest.fixture
def photos(smooth_picture):
    return PhotoSet(
        "small", (smooth_picture(40, 56), smooth_picture(33, 29, 1)[..., None]), ("colour", "deep/gray.png"), "test"
    )


@pytest.fixture
def settings(photos, toy_package, tmp_path):
    def make(**more):
        base = {
            "photos": photos,
            "degradation": GaussianNoise(25),
            "package": str(toy_package),
            "out": tmp_path / "run",
        }
        return Evaluation(**(base | more))

    return make


def test_scores_are_those_of_the_files(settings, photos, toy_package):
    run = settings(seed=4)
    steps = []
    scores = evaluate_photos(run, lambda: steps.append(1))
    assert len(steps) == run.steps == 6
    assert [(score.method, score.picture) for score in scores] == [
        ("degraded", "colour"), ("degraded", "deep/gray.png"), ("toy", "colour"), ("toy", "deep/gray.png"),
    ]  # fmt: skip
    coded = sorted((run.out / "coded").iterdir())
    assert [path.name for path in coded] == ["0000-colour.xcd", "0001-deep_gray.xcd"]
    package = load_package(toy_package)
    for index, (path, score) in enumerate(zip(coded, scores[2:], strict=True)):
        clean = photos.clean(index)
        restored = decode_bytes(path.read_bytes(), package).pixels.reshape(clean.shape)
        assert score.psnr == pytest.approx(psnr(clean, restored))
        seen = run.domain.sample(index).degraded.reshape(clean.shape)
        assert score.psnr_to_degraded == pytest.approx(psnr(seen, restored.astype(np.float32) / np.float32(255)))
        assert score.file_bytes == path.stat().st_size
        assert score.file_bpp == pytest.approx(8 * path.stat().st_size / (clean.shape[0] * clean.shape[1]))
        assert score.bound_bpp is None
        assert score.payload_bpp < score.file_bpp
        assert score.model_bpp == pytest.approx(score.payload_bpp, rel=0.05)
        assert score.encode_seconds > 0


def test_the_run_folder(settings):
    run = settings()
    scores = evaluate_photos(run)
    assert sorted(path.name for path in run.out.iterdir()) == ["coded", "restored", "scores.tsv", "settings.json"]
    assert [row.psnr for row in read_scores(run.out / "scores.tsv")][:4] == pytest.approx(
        [s.psnr for s in scores], rel=1e-5
    )
    facts = json.loads((run.out / "settings.json").read_text())
    assert (facts["set"], facts["degradation"], facts["pictures"]) == ("small:test", "noise:25", 2)


def test_noise_does_not_depend_on_the_limit(settings, tmp_path):
    one = evaluate_photos(settings(limit=1, out=tmp_path / "one"))
    two = evaluate_photos(settings(out=tmp_path / "two"))
    assert [score.psnr for score in one] == [two[0].psnr, two[2].psnr]
    assert (tmp_path / "one/coded/0000-colour.xcd").read_bytes() == (
        tmp_path / "two/coded/0000-colour.xcd"
    ).read_bytes()


def test_peers_stand_beside_at_our_bytes(settings):
    scores = evaluate_photos(settings(peers=("jpeg2000",), keep_pictures=True, limit=1))
    degraded, ours, peer = scores
    assert peer.method == "jpeg2000"
    assert peer.file_bytes <= ours.file_bytes
    assert peer.payload_bpp is None
    out = settings().out
    for folder in ("clean", "degraded", "restored", "jpeg2000"):
        assert Image.open(out / folder / "0000-colour.png").size == (56, 40)
    kept = np.asarray(Image.open(out / "jpeg2000/0000-colour.png"))
    assert peer.psnr == pytest.approx(psnr(np.asarray(Image.open(out / "clean/0000-colour.png")), kept))
    assert degraded.psnr == pytest.approx(20.17, abs=0.4)


@pytest.fixture
def steps(tmp_path):
    """The file of a package of several qualities, as text."""
    (tmp_path / "steps.xcm").write_bytes(quality_package_bytes())
    return str(tmp_path / "steps.xcm")


def test_several_qualities_give_a_curve(settings, steps):
    run = settings(package=steps, qualities=(20, 90), peers=("jpeg2000",), keep_pictures=True)
    advanced = []
    scores = evaluate_photos(run, lambda: advanced.append(1))
    assert len(advanced) == run.steps == 14
    methods = ["degraded", "steps q20", "jpeg2000 q20", "steps q90", "jpeg2000 q90"]
    assert [score.method for score in scores] == [method for method in methods for _ in range(2)]
    for quality, place in ((20, 2), (90, 6)):
        for index, stem in enumerate(("0000-colour", "0001-deep_gray")):
            data = (run.out / "coded" / f"q{quality}" / f"{stem}.xcd").read_bytes()
            assert read_coded(data).quality == quality
            assert scores[place + index].file_bytes == len(data) >= scores[place + 2 + index].file_bytes
            for folder in ("restored", "jpeg2000"):
                assert (run.out / folder / f"q{quality}" / f"{stem}.png").is_file()
    low, high = scores[2], scores[6]
    assert low.file_bpp < high.file_bpp
    assert low.psnr_to_degraded < high.psnr_to_degraded
    assert json.loads((run.out / "settings.json").read_text())["qualities"] == [20, 90]
    evaluate_photos(settings(package=steps, qualities=(30,), overwrite=True))
    assert sorted(path.name for path in (run.out / "coded").iterdir()) == ["0000-colour.xcd", "0001-deep_gray.xcd"]


def test_one_quality_has_the_folders_of_old_and_its_name(settings, steps):
    named = evaluate_photos(settings(package=steps, qualities=(55,), peers=("jpeg2000",), limit=1))
    assert [score.method for score in named] == ["degraded", "steps q55", "jpeg2000"]
    assert (settings().out / "coded" / "0000-colour.xcd").is_file()
    default = evaluate_photos(settings(package=steps, limit=1, overwrite=True))
    assert (default[1].method, default[1].file_bytes) == ("steps", named[1].file_bytes)


def test_a_further_encoder_writes_the_files(settings, tmp_path):
    (tmp_path / "two.xcm").write_bytes(quality_package_bytes(best=True))
    package = load_package(tmp_path / "two.xcm")
    run = settings(package=str(package.path), encoder="best", qualities=(20, 90), limit=1)
    scores = evaluate_photos(run)
    for quality, score in ((20, scores[1]), (90, scores[2])):
        wanted = encode_pixels(run.domain.sample(0).degraded, package, quality=quality, encoder="best")
        assert (run.out / "coded" / f"q{quality}" / "0000-colour.xcd").read_bytes() == wanted.data
        assert (score.method, score.file_bytes) == (f"steps q{quality}", len(wanted.data))
    assert json.loads((run.out / "settings.json").read_text())["encoder"] == "best"
    with pytest.raises(UsageError, match="package steps has no encoder 'fast'; it has: default, best"):
        evaluate_photos(settings(package=str(package.path), encoder="fast", out=tmp_path / "other"))
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"qualities": (50,)}, "one quality only"), ({"qualities": (5, 7, 5)}, "each quality is measured once")],
)
def test_qualities_that_cannot_be_measured_leave_nothing_behind(settings, steps, changes, message):
    package = {"package": steps} if len(changes["qualities"]) > 1 else {}
    with pytest.raises(UsageError, match=message):
        evaluate_photos(settings(**changes, **package))
    assert not settings().out.exists()


def test_a_run_is_not_overwritten_by_accident(settings, tmp_path):
    run = settings(limit=1)
    evaluate_photos(run)
    (run.out / "coded" / "9999-stale.xcd").write_bytes(b"old")
    with pytest.raises(OutputExists):
        evaluate_photos(run)
    evaluate_photos(settings(limit=1, overwrite=True))
    assert [path.name for path in (run.out / "coded").iterdir()] == ["0000-colour.xcd"]


def test_a_folder_that_is_no_run_is_never_emptied(settings, tmp_path):
    (tmp_path / "mine" / "coded").mkdir(parents=True)
    (tmp_path / "mine" / "coded" / "precious.xcd").write_bytes(b"1")
    with pytest.raises(OutputExists, match="no evaluation"):
        evaluate_photos(settings(out=tmp_path / "mine", overwrite=True))
    assert (tmp_path / "mine" / "coded" / "precious.xcd").is_file()


def test_a_folder_of_another_program_is_never_emptied(settings, tmp_path):
    """demo and evaluate deleted every folder beside any settings.json."""
    project = tmp_path / "project"
    for name in ("src", "coded"):
        (project / name).mkdir(parents=True)
        (project / name / "precious").write_bytes(b"1")
    for text in ('{"editor.fontSize": 12}', "[]", "no json"):
        (project / "settings.json").write_text(text)
        with pytest.raises(OutputExists, match="no evaluation"):
            evaluate_photos(settings(out=project, overwrite=True))
    assert len(list(project.rglob("precious"))) == 2


def test_what_a_user_keeps_beside_a_run_stays(settings):
    run = settings(limit=1)
    evaluate_photos(run)
    (run.out / "notes").mkdir()
    (run.out / "notes" / "mine.txt").write_text("looks good")
    evaluate_photos(settings(limit=1, overwrite=True))
    assert (run.out / "notes" / "mine.txt").is_file()


def test_an_unknown_package_leaves_nothing_behind(settings, tmp_path):
    with pytest.raises(PackageUnavailable):
        evaluate_photos(settings(package="nobody"))
    assert not (tmp_path / "run").exists()


def test_stems_are_unique_sortable_and_flat():
    assert stem_of(7, "a b/c.d.png") == "0007-a_b_c.d"
    assert stem_of(0, "kodim01") == "0000-kodim01"


def test_lpips_is_measured_where_its_weights_are(settings, photos, tmp_path, monkeypatch):
    monkeypatch.delenv("CROSSCODEC_DATA", raising=False)
    assert {score.lpips for score in evaluate_photos(settings(out=tmp_path / "without"))} == {None}
    (tmp_path / "data").mkdir()
    run = settings(data=data_with_weights(tmp_path / "data"))
    scores = evaluate_photos(run)
    restored = np.asarray(Image.open(run.out / "restored" / "0000-colour.png"))
    assert scores[2].lpips == load_lpips(data=run.data).distance(photos.clean(0), restored)
    assert scores[0].lpips > 0
    assert [score.lpips for score in scores[1::2]] == [None, None], "29 pixels wide: too small"
    assert read_scores(run.out / "scores.tsv")[2].lpips == pytest.approx(scores[2].lpips, rel=1e-5)

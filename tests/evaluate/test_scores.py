"""The table of an evaluation: means, text, and back."""

import math

import pytest

from crosscodec.errors import CorruptData, OutputExists
from crosscodec.evaluate.scores import MEAN, Score, mean_scores, read_scores, scores_text, write_scores

SCORES = [
    Score("ours", "a", 512, 768, 30.0, 0.9, 21.0, None, 0.50, 0.51, 0.52, 25000, 0.1, 0.2),
    Score("ours", "b", 512, 768, 32.0, 0.8, 22.0, None, 0.30, 0.31, 0.32, 15001, 0.3, 0.4),
    Score("peer", "a", 512, 768, 25.0, None, 23.0, file_bpp=0.51, file_bytes=24000),
    Score("peer", "b", 768, 512, 27.0, 0.5, 23.0, file_bpp=0.31, file_bytes=14000),
]


def test_means_by_method():
    ours, peer = mean_scores(SCORES)
    assert (ours.method, ours.picture, ours.height, ours.width) == ("ours", MEAN, 512, 768)
    assert ours.psnr == 31.0
    assert ours.ssim == pytest.approx(0.85)
    assert ours.file_bpp == pytest.approx(0.42)
    assert ours.file_bytes == 20000
    assert ours.bound_bpp is None
    assert (peer.psnr, peer.height, peer.width) == (26.0, None, None)  # sizes differ: none to name


def test_a_mean_with_a_missing_number_is_missing():
    assert mean_scores(SCORES)[1].ssim is None


def test_no_scores_have_no_means():
    assert mean_scores([]) == []


def test_a_file_is_read_back(tmp_path):
    path = tmp_path / "scores.tsv"
    write_scores(path, SCORES)
    assert read_scores(path)[:4] == SCORES
    assert scores_text(read_scores(path)) == path.read_text()
    assert [row.picture for row in read_scores(path)[4:]] == [MEAN, MEAN]
    with pytest.raises(OutputExists):
        write_scores(path, SCORES)
    write_scores(path, SCORES[:1], overwrite=True)
    assert len(read_scores(path)) == 2


def test_missing_numbers_are_empty_and_infinity_survives(tmp_path):
    perfect = Score("none", "name\twith tab", 1, 1, math.inf, None)
    text = scores_text([perfect])
    assert text.splitlines()[1] == '"name\twith tab"'.join(["none\t", "\t1\t1\tinf" + "\t" * 11])
    (tmp_path / "s.tsv").write_text(text)
    assert read_scores(tmp_path / "s.tsv") == [perfect]


def test_tables_of_earlier_releases_are_read(tmp_path):
    lines = [line.split("\t") for line in scores_text(SCORES).splitlines()]
    (tmp_path / "s.tsv").write_text("".join("\t".join(line[:-2]) + "\n" for line in lines))
    assert read_scores(tmp_path / "s.tsv") == SCORES


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text.replace("psnr", "pnsr", 1),
        lambda text: text.replace("30", "thirty"),
        lambda text: text + "ours\tc\n",
        lambda text: text.replace("512", "51.2"),
    ],
)
def test_a_damaged_table_is_refused(tmp_path, damage):
    (tmp_path / "s.tsv").write_text(damage(scores_text(SCORES)))
    with pytest.raises(CorruptData):
        read_scores(tmp_path / "s.tsv")

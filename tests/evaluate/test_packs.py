"""Packs of small pictures through two processes, and judges over arrays."""

import numpy as np
import pytest

from crosscodec.codec import decode_arrays, encode_arrays, load_package, verify_bytes
from crosscodec.errors import CorruptData, UnsupportedData, UsageError
from crosscodec.evaluate.packs import judge_outputs, read_pack, with_planes, write_pack


def test_what_comes_back_is_what_the_file_holds(digit_samples, digits_package, tmp_path):
    package = load_package(digits_package)
    cost = write_pack(digit_samples.degraded, str(digits_package), tmp_path, seed=3)
    data = (tmp_path / "coded.xcd").read_bytes()
    assert data == encode_arrays(digit_samples.degraded, package, seed=3).data
    assert cost.file_bytes == len(data)
    assert cost.bits_file == pytest.approx(8 * len(data) / 30)
    assert cost.bits_payload == pytest.approx(8 * verify_bytes(data, package).payload_bytes / 30)
    assert cost.bits_model == pytest.approx(16 * 6, rel=5e-3)  # 16 symbols, 64 equally likely values and a rare escape
    assert cost.bits_model < cost.bits_payload < cost.bits_file
    assert cost.seconds > 0
    for decoder in ("fidelity", "perception"):
        restored = read_pack(str(digits_package), tmp_path, decoder)
        assert restored.pictures.dtype == np.float32
        assert np.array_equal(restored.pictures, decode_arrays(data, package, decoder))
        assert restored.seconds > 0
    assert [path.name for path in tmp_path.iterdir()] == ["coded.xcd"]


def test_restored_pictures_are_kept_when_asked_for(digit_samples, digits_package, tmp_path):
    write_pack(digit_samples.degraded[:2], str(digits_package), tmp_path)
    restored = read_pack(str(digits_package), tmp_path, "fidelity", keep=True)
    assert np.array_equal(np.load(tmp_path / "restored-fidelity.npy"), restored.pictures)


def test_errors_of_the_children_keep_their_class_and_leave_nothing(digit_samples, digits_package, tmp_path):
    with pytest.raises(UnsupportedData):
        write_pack(digit_samples.degraded[:, :20], str(digits_package), tmp_path)
    assert list(tmp_path.iterdir()) == []
    write_pack(digit_samples.degraded[:4], str(digits_package), tmp_path)
    with pytest.raises(UsageError, match="perception"):
        read_pack(str(digits_package), tmp_path, "task")
    data = bytearray((tmp_path / "coded.xcd").read_bytes())
    data[-20] ^= 1
    (tmp_path / "coded.xcd").write_bytes(data)
    with pytest.raises(CorruptData):
        read_pack(str(digits_package), tmp_path, "fidelity")


def test_gray_pictures_fit_three_planes():
    gray, colour = np.random.default_rng(0).random((2, 3, 4, 1)), np.zeros((2, 3, 4, 3))
    assert np.array_equal(with_planes(gray, 3), np.concatenate([gray] * 3, axis=3))
    assert with_planes(gray, 1) is gray
    assert with_planes(colour, 3) is colour
    with pytest.raises(UnsupportedData, match="one plane"):
        with_planes(colour, 1)
    with pytest.raises(UsageError):
        with_planes(gray[..., 0], 1)


def test_judges_over_more_than_a_batch(digit_samples, digits_package):
    package = load_package(digits_package)
    many = np.tile(digit_samples.clean, (20, 1, 1, 1))
    logits = judge_outputs(package, "clean", many)
    assert logits.shape == (600, 10)
    assert logits.dtype == np.float64
    assert np.array_equal(logits.argmax(1), np.tile(digit_samples.labels, 20))
    assert np.allclose(logits[:30], logits[-30:], atol=1e-5)
    assert judge_outputs(package, "clean-features", digit_samples.clean).shape == (30, 16)
    with pytest.raises(UsageError, match="on-fidelity"):
        judge_outputs(package, "on-perception", digit_samples.clean)

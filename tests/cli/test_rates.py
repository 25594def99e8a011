from dataclasses import replace
from pathlib import Path

import pytest
from smallpackage import SIZE, small_package_bytes

from crosscodec.cli.rates import encoded_facts, pack_facts, rate_line, rate_text, size_facts
from crosscodec.codec import Encoded
from crosscodec.codec.package import parse_package

ENCODED = Encoded(bytes(100), 70, 30, 555.0, (SIZE, SIZE), encoders=("default", "camera"))


def test_the_rate_line_counts_the_whole_file():
    rate = rate_line(ENCODED)
    assert (rate.file_bits, rate.payload_bits, rate.model_bits, rate.pixels) == (800, 560, 555.0, 96)
    assert rate_text(ENCODED).startswith(f"100 bytes, {800 / 96:.3f} bpp")


def test_the_quality_and_what_was_asked_for():
    chosen = replace(ENCODED, quality=0)
    assert rate_text(chosen).endswith(", quality 0")
    assert rate_text(replace(chosen, target_bytes=1200)).endswith(", quality 0, the highest within 1,200 bytes")
    assert "quality" not in rate_text(ENCODED)


def test_an_encoder_other_than_the_default_one_is_named():
    assert rate_text(ENCODED).endswith(", encoder camera")
    assert "encoder" not in rate_text(replace(ENCODED, encoders=("default",) * 2))
    package = parse_package(small_package_bytes(), Path("small.xcm"))
    assert encoded_facts(ENCODED, package)["encoder"] == "default"
    assert pack_facts(ENCODED, package, ["a", "b"])["encoders"] == ["default", "camera"]


def test_facts_of_a_file_and_of_a_pack():
    package = parse_package(small_package_bytes(), Path("small.xcm"))
    facts = encoded_facts(ENCODED, package)
    assert (facts["file_bytes"], facts["payload_bytes"], facts["container_bytes"]) == (100, 70, 30)
    assert facts["bpp"] == pytest.approx(800 / 96, abs=1e-5)
    assert (facts["quality"], facts["target_bytes"]) == (None, None)
    found = encoded_facts(replace(ENCODED, quality=3, target_bytes=120), package)
    assert (found["quality"], found["target_bytes"]) == (3, 120)
    packed = pack_facts(ENCODED, package, ["a.png", "b.png"])
    assert packed | facts == packed
    assert (packed["images"], packed["names"]) == (2, ["a.png", "b.png"])
    assert packed["file_bits_per_picture"] == 400
    assert packed["payload_bits_per_picture"] == 280
    assert packed["model_bits_per_picture"] == 277.5


def test_sizes_of_gray_and_rgb():
    assert size_facts((4, 5)) == {"height": 4, "width": 5, "channels": 1}
    assert size_facts((4, 5, 3)) == {"height": 4, "width": 5, "channels": 3}

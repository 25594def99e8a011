import numpy as np
import pytest
from PIL import Image

from crosscodec.bitstream.appearance import PLAIN, Appearance
from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.codec.scaling import Keep, RangeChoice, parse_range, scaled
from crosscodec.errors import UsageError
from crosscodec.images.exif import EXIF_PREFIX, with_account
from crosscodec.images.picture import Picture, from_whole


def deep(samples):
    return Picture(from_whole(np.asarray(samples, np.uint16), 65535), bits=16)


def test_a_range_is_read_from_words_and_numbers():
    assert parse_range("full") == RangeChoice("full")
    assert parse_range("auto") == RangeChoice("auto")
    assert parse_range("-10, 3e3") == RangeChoice("", (-10, 3000))
    for text in ("", "100", "1,2,3", "a,b", "low", "100-3000"):
        with pytest.raises(UsageError, match="full, auto, or two numbers like 100,3000"):
            parse_range(text)


def test_pictures_come_on_the_scale_of_the_codec():
    found = scaled([deep([[100, 1550], [3000, 100]])], parse_range("100,3000"))
    assert found.appearance.sample_range == SampleRange(100, 3000, 16)
    np.testing.assert_allclose(found.pixels[0], [[0, 0.5], [1, 0]], atol=1e-6)
    bytes_ = np.array([[0, 51, 255]], np.uint8)
    np.testing.assert_allclose(scaled([Picture(bytes_)], parse_range("full")).pixels[0], bytes_ / 255, atol=1e-7)
    as_is = scaled([Picture(bytes_)], None)
    assert as_is.pixels[0] is bytes_
    assert as_is.appearance == PLAIN


def test_the_full_range_is_that_of_the_bits():
    assert RangeChoice("full").of([deep([[7]])]) == SampleRange(0, 65535, 16)
    assert RangeChoice("full").of([Picture(np.zeros((1, 1), np.float32), bits=12)]) == SampleRange(0, 4095, 12)
    with pytest.raises(UsageError, match="floats have no full range"):
        RangeChoice("full").of([Picture(np.zeros((1, 1), np.float32), bits=0)])


def test_auto_leaves_isolated_pixels_out_and_keeps_small_things():
    samples = np.full((20, 30), 500)
    samples[4, 5] = 60000  # a hot pixel
    samples[9, 3] = 0  # a dead one
    samples[12, 7:9] = 3000  # a star
    samples[15:17, 20] = 200
    assert RangeChoice("auto").of([deep(samples)]) == SampleRange(200, 3000, 16)


def test_auto_of_next_to_nothing():
    assert RangeChoice("auto").of([deep([[7]])]) == SampleRange(7, 8, 16)
    assert RangeChoice("auto").of([deep([[7, 7], [7, 7]])]) == SampleRange(7, 8, 16)
    assert RangeChoice("auto").of([deep([[5, 9]])]) == SampleRange(5, 9, 16)
    assert RangeChoice("auto").of([deep([[5], [9], [9]])]) == SampleRange(5, 9, 16)


def test_pictures_of_one_file_share_their_range():
    both = [deep([[10, 10], [40, 40]]), deep([[20, 20], [90, 90]])]
    assert RangeChoice("auto").of(both) == SampleRange(10, 90, 16)
    with pytest.raises(UsageError, match="one kind of samples; these have 8 bits and 16 bits"):
        RangeChoice("auto").of([*both, Picture(np.zeros((2, 2), np.uint8))])


def test_what_is_no_picture_is_left_to_the_codec():
    for shape in ((3,), (2, 2, 2, 2), (0, 3), (3, 0, 3)):
        with pytest.raises(UsageError, match="a picture is"):
            scaled([Picture(np.zeros(shape, np.float32), bits=0)], parse_range("auto"))


def with_texts(profile=b"", exif=b""):
    return Picture(np.zeros((2, 3), np.uint8), profile=profile, exif=exif)


@pytest.mark.parametrize("what", ["profile", "exif"])
def test_a_profile_and_exif_data_that_all_share_are_kept(what):
    mine, other = bytes(range(100)), bytes(range(1, 101))
    found = scaled([with_texts(**{what: mine})] * 2, None)
    assert (getattr(found.appearance, what), found.notices) == (mine, ())
    assert getattr(scaled([with_texts(**{what: mine})], parse_range("full")).appearance, what) == mine
    for pictures in ([mine, other], [mine, b""]):
        found = scaled([with_texts(**{what: text}) for text in pictures], None)
        assert found.appearance == PLAIN
        assert "dropped: pictures of one file share theirs, and these do not" in found.notices[0]


def test_what_is_not_to_be_kept():
    both = with_texts(b"profile", b"exif")
    assert scaled([both], None, Keep(profile=False)).appearance == Appearance(None, b"", b"exif")
    assert scaled([both], None, Keep(exif=False)).appearance == Appearance(None, b"profile")
    # A picture without its profile looks otherwise, and is told; one without EXIF data was asked for.
    assert scaled([both], None, Keep(False, False)).notices == ("colour profile dropped, pixel values kept",)
    assert scaled([with_texts()], None, Keep(False, False)).notices == ()


def test_what_would_be_felt_is_dropped():
    for size in (6000, 70_000):
        large = np.random.default_rng(0).bytes(size)
        found = scaled([with_texts(large, large)], None)
        assert found.appearance == PLAIN
        assert [notice.split(":")[0] for notice in found.notices] == ["colour profile dropped", "EXIF data dropped"]
        assert "bytes of the file would be more than 4,096" in found.notices[0]
    assert scaled([with_texts(bytes(60_000))], None).appearance.profile == bytes(60_000)


def test_of_a_long_account_of_pages_the_rest_of_the_exif_data_is_kept():
    maker = Image.Exif()
    maker[271] = "Maker"
    short = maker.tobytes().removeprefix(EXIF_PREFIX)
    noise = "".join(map(chr, np.random.default_rng(0).integers(33, 127, 9000)))
    pictures = [Picture(np.zeros((2, 3), np.uint8), exif=with_account(short, f"<OME>{noise}"))] * 2
    found = scaled(pictures, None)
    assert found.appearance.exif == short
    (notice,) = found.notices
    assert notice.startswith("description of the pages dropped: ")
    alone = [Picture(np.zeros((2, 3), np.uint8), exif=with_account(b"", f"<OME>{noise}"))]
    assert scaled(alone, None).appearance.exif == b""
    assert scaled(alone, None).notices[0].startswith("description of the pages dropped: ")
    kept = [Picture(np.zeros((2, 3), np.uint8), exif=with_account(short, "<OME/>"))]
    assert scaled(kept, None).appearance.exif == kept[0].exif

"""The limits are those of the page, and the coder's."""

from crosscodec.bitstream import container, contexts, limits, tables

from .samples import PAGE


def test_limits_are_on_the_page_and_in_force() -> None:
    assert tables.LARGEST_SYMBOL == limits.LARGEST_SYMBOL == 1 << 24
    assert contexts.MOST_CONTEXTS == limits.MOST_CONTEXTS == 64
    assert container.BEST_QUALITY == limits.BEST_QUALITY == 100
    page = PAGE.read_text(encoding="utf-8")
    assert "2^24" in page
    assert "64" in page
    assert "quality, 1 to 100" in page

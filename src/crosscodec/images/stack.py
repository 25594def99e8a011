"""Files of several pictures: which of them are taken, and what is said of all together.

Pages of a TIFF file (and of an array in .npy) are worth the same: all are taken unless told otherwise. Frames of an
animation, and what telephones keep beside a photo, are taken when they are asked for; otherwise the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import index
from typing import Self

from crosscodec.errors import UsageError
from crosscodec.images.picture import Picture

MOST_PAGES = 2**16  # of a coded file
_MOST_TOLD = 8  # notices of single pages; the rest is counted
_MOST_NAMED = 6  # pages by their numbers in one notice


@dataclass(frozen=True)
class PageChoice:
    """Which pages of a file: those with these numbers, counted from 0; of none, what `word` says: "usual" (all pages,
    or the first frame), "all" (every frame too) or "first".
    """

    word: str = "usual"
    numbers: tuple[int, ...] = ()

    @classmethod
    def numbered(cls, numbers: Sequence[int]) -> Self:
        """The choice of these pages, counted from 0, in the order of the file. UsageError for none, or one below 0."""
        try:
            chosen = sorted({index(number) for number in numbers})
        except TypeError:
            chosen = []
        if not chosen or chosen[0] < 0:
            raise UsageError(f"pages are one or more whole numbers, counted from 0, not {numbers!r}")
        return cls("", tuple(chosen))

    def of(self, count: int, usual: Sequence[int]) -> tuple[int, ...]:
        """The numbers of the pages to take of a file that has so many, `usual` being those that are taken unless told
        otherwise. UsageError for a page that is not there.
        """
        if self.numbers and self.numbers[-1] >= count:
            there = f"pages 0 to {count - 1}" if count > 1 else "one page, 0"
            raise UsageError(f"has {there}; there is no page {self.numbers[-1]}")
        return self.numbers or {"usual": tuple(usual), "all": tuple(range(count)), "first": (usual[0],)}[self.word]


USUAL_PAGES, ALL_PAGES, FIRST_PAGE = PageChoice(), PageChoice("all"), PageChoice("first")


def parse_pages(text: str) -> PageChoice:
    """The choice in "all" or in a list like "3,7-9". UsageError for other text."""
    return ALL_PAGES if text == "all" else PageChoice.numbered(listed_numbers(text, "--pages", "pages"))


def listed_numbers(text: str, option: str, what: str) -> list[int]:
    """The numbers that a list like "3,7-9" names: 3, 7, 8, 9, rising, each once. UsageError for other text, which says
    that `option` takes them and that they are numbers of `what`.
    """
    chosen: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        ends = (first, last if dash else first)
        if not all(end.isascii() and end.isdigit() and len(end) < 10 for end in ends):
            raise UsageError(f"{option} takes numbers and ranges like 3,7-9, counted from 0; not {text!r}")
        low, high = map(int, ends)
        if high < low or high - low + len(chosen) >= MOST_PAGES:
            raise UsageError(f"{option} {text}: ranges rise, and name up to {MOST_PAGES:,} {what} in all")
        chosen += range(low, high + 1)
    return sorted(set(chosen))


@dataclass(frozen=True)
class Stack:
    """Pictures of one file and their numbers there, counted from 0; `notices` are of the file, each picture has its
    own.
    """

    pictures: tuple[Picture, ...]
    numbers: tuple[int, ...] = (0,)
    notices: tuple[str, ...] = ()

    def told(self) -> tuple[str, ...]:
        """What to say of the file and its pages: once what holds of all of them, otherwise with their numbers."""
        pages: dict[str, list[int]] = {}
        for number, picture in zip(self.numbers, self.pictures, strict=True):
            for notice in dict.fromkeys(picture.notices):
                pages.setdefault(notice, []).append(number)
        of_all = [notice for notice, numbers in pages.items() if len(numbers) == len(self.pictures)]
        of_some = [f"{_named(numbers)}: {notice}" for notice, numbers in pages.items() if notice not in of_all]
        rest = len(of_some) - _MOST_TOLD
        if rest > 1:
            of_some[_MOST_TOLD:] = [f"and {rest} more notices of single pages"]
        return (*self.notices, *of_all, *of_some)


def _named(numbers: list[int]) -> str:
    listed = ", ".join(map(str, numbers[:_MOST_NAMED])) + ", ..." * (len(numbers) > _MOST_NAMED)
    return f"page{'s' * (len(numbers) > 1)} {listed}"

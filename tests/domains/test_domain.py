"""The tell-tale requirement: the degradation of image i has one SHA-256 for batches 1/7/64 and workers 0/2."""

import hashlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from crosscodec.domains.degradation import Chain, GaussianNoise, parse_degradation
from crosscodec.domains.domain import Domain
from crosscodec.domains.photos import PhotoSet

COUNT = 70
DEGRADATION = parse_degradation("noise:25+down:2+mask:4+blur:0.8+poisson:30,3")


def tiny_domain(seed: int = 7, name: str = "tiny", split: str = "test") -> Domain:
    generator = np.random.default_rng(0)
    pictures = tuple(
        generator.integers(0, 256, (9 + i % 5, 8 + i % 7, 3)[: 2 + i % 2], dtype=np.uint8) for i in range(COUNT)
    )
    photos = PhotoSet(name, pictures, tuple(f"p{i}" for i in range(COUNT)), split, tuple(i % 10 for i in range(COUNT)))
    return Domain(photos, DEGRADATION, seed)


def digests(indices: list[int]) -> list[tuple[int, str]]:
    """One batch, as a worker makes it: a domain of its own and several samples in a row."""
    domain = tiny_domain()
    return [(i, hashlib.sha256(domain.sample(i).degraded.tobytes()).hexdigest()) for i in indices]


@pytest.fixture(scope="module")
def alone() -> dict[int, str]:
    return dict(pair for i in range(COUNT) for pair in digests([i]))


@pytest.mark.parametrize("batch", [1, 7, 64])
@pytest.mark.parametrize("workers", [0, 2])
def test_same_digest_whatever_the_batch_and_the_workers(batch: int, workers: int, alone: dict[int, str]) -> None:
    order = np.random.default_rng(batch).permutation(COUNT).tolist()
    batches = [order[start : start + batch] for start in range(0, COUNT, batch)]
    if workers == 0:
        made = [digests(indices) for indices in batches]
    else:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            made = list(pool.map(digests, batches))
    assert dict(pair for pairs in made for pair in pairs) == alone


def test_every_image_has_its_own_draw(alone: dict[int, str]) -> None:
    assert len(set(alone.values())) == COUNT
    flat = PhotoSet("flat", (np.zeros((8, 8), np.uint8),) * 5, tuple("abcde"))
    assert len({s.degraded.tobytes() for s in Domain(flat, GaussianNoise(25))}) == 5


@pytest.mark.parametrize("other", [tiny_domain(seed=8), tiny_domain(name="other"), tiny_domain(split="train")])
def test_seed_set_and_split_each_change_the_draw(other: Domain) -> None:
    assert not np.array_equal(other.sample(3).degraded, tiny_domain().sample(3).degraded)
    assert np.array_equal(other.sample(3).clean, tiny_domain().sample(3).clean)


def test_sample_is_complete() -> None:
    domain = tiny_domain()
    gray, colour = domain.sample(0), domain.sample(11)
    assert gray.clean.shape == gray.degraded.shape == (9, 8, 1)
    assert colour.clean.shape == (10, 12, 3)
    assert (colour.name, colour.index, colour.label) == ("p11", 11, 1)
    assert colour.clean.dtype == colour.degraded.dtype == np.float32
    assert np.array_equal(colour.clean * 255, domain.photos.clean(11).astype(np.float32))
    assert [sample.index for sample in domain] == list(range(COUNT))


def test_no_degradation_gives_the_clean_picture() -> None:
    sample = Domain(tiny_domain().photos, Chain()).sample(2)
    assert np.array_equal(sample.clean, sample.degraded)


@pytest.mark.parametrize("index", [-1, COUNT])
def test_indices_outside_are_refused(index: int) -> None:
    with pytest.raises(IndexError):
        tiny_domain().sample(index)

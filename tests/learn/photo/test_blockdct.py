import numpy as np
import pytest
import torch
from scipy.fft import dctn

from crosscodec.codec.graph import Graph
from crosscodec.codec.mirrored import ACROSS, DOWN
from crosscodec.learn.onnxfile import onnx_bytes
from crosscodec.learn.photo.blockdct import BLOCK, BlockDct, block_basis, dct_matrix, lowest_frequencies, parities


def test_matrix_is_scipys():
    block = np.random.default_rng(1).normal(size=(8, 8))
    rows = dct_matrix(8).numpy()
    np.testing.assert_allclose(rows @ block @ rows.T, dctn(block, norm="ortho"), atol=1e-12)


def test_basis_is_orthonormal():
    basis = block_basis(40, 10).flatten(1).double()
    torch.testing.assert_close(basis @ basis.T, torch.eye(60, dtype=torch.float64), atol=1e-6, rtol=0)


def test_full_transform_inverts_and_keeps_energy():
    transform = BlockDct(BLOCK**2, BLOCK**2)
    pictures = torch.rand(2, 3, 32, 48)
    coefficients = transform(pictures)
    assert coefficients.shape == (2, 3 * BLOCK**2, 2, 3)
    torch.testing.assert_close(transform.inverse(coefficients), pictures, atol=1e-5, rtol=0)
    torch.testing.assert_close(coefficients.square().sum(), pictures.square().sum(), atol=0, rtol=1e-5)


def test_lowest_frequencies_begin_with_the_constant():
    assert lowest_frequencies(3) == [(0, 0), (0, 1), (1, 0)]
    assert len(set(lowest_frequencies(256))) == 256


@pytest.mark.parametrize("direction", ["forward", "inverse"])
def test_stays_in_float32_under_autocast(direction):
    transform = BlockDct(20, 5)
    argument = torch.rand(1, 3, 16, 16) if direction == "forward" else 100 * torch.rand(1, 30, 1, 1)
    apply = transform.forward if direction == "forward" else transform.inverse
    with torch.autocast("cpu", torch.bfloat16):
        result = apply(argument)
    assert result.dtype == torch.float32
    torch.testing.assert_close(result, apply(argument), atol=1e-6, rtol=0)


def test_parities_are_those_of_mirrored_pictures():
    dct, picture = BlockDct(40, 12), torch.randn(1, 3, 32, 48, generator=torch.Generator().manual_seed(0))
    found, expected = torch.tensor(parities(40, 12)), dct(picture)
    assert len(found) == 64
    for bit, side in ((ACROSS, 3), (DOWN, 2)):
        signs = 1 - 2 * ((found & bit) > 0).float()
        mirrored = dct(picture.flip(side)).flip(side) * signs[:, None, None]
        torch.testing.assert_close(mirrored, expected, atol=1e-4, rtol=0)


class Both(torch.nn.Module):
    """There and back."""

    def __init__(self):
        super().__init__()
        self.dct = BlockDct(192, 48)  # the exporter itself multiplies factors of fewer than 8,192 numbers

    def forward(self, pictures):
        """Pictures of the kept frequencies."""
        return self.dct.inverse(self.dct(pictures))


def test_an_exported_graph_holds_the_factors_of_the_basis_and_means_the_same():
    both, pictures = Both(), torch.rand(1, 3, 48, 32)
    data = onnx_bytes(both, torch.zeros(1, 3, 80, 112))
    assert len(data) < 4 * 288 * 3 * 16 * 16 / 6  # a sixth of the basis in floats
    assert b".half" not in data
    torch.testing.assert_close(
        torch.from_numpy(Graph(data, "test")(pictures.numpy())), both(pictures), atol=2e-6, rtol=0
    )

import numpy as np
import onnx
import pytest
import torch
from learn.tiny import DATA, MODEL, RECIPE

from crosscodec.codec.graph import Graph
from crosscodec.codec.package import parse_package
from crosscodec.learn.data import load_training_pictures
from crosscodec.learn.export import (
    SymbolCounts,
    count_symbols,
    export_package,
    integer_tables,
    onnx_bytes,
    pyramid_reach,
    receptive_halo,
)
from crosscodec.learn.model import PhotoCodec


@pytest.fixture(scope="module")
def pictures():
    return load_training_pictures(DATA, None).training


@pytest.fixture(scope="module")
def model(pictures):
    torch.manual_seed(3)
    model = PhotoCodec(MODEL)
    for parameter in model.analysis.net.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    batch = pictures.batch(0, 0, 8)
    model.start_from_pictures(batch.degraded, batch.clean, 0.05)
    return model.eval()


@pytest.fixture(scope="module")
def package(model, pictures, tmp_path_factory):
    data = export_package(model, RECIPE, pictures, {"steps": 8})
    return parse_package(data, tmp_path_factory.mktemp("export") / "tiny.xcm")


@pytest.mark.parametrize("size", [(16, 16), (64, 48), (16, 144)])
def test_graphs_give_what_the_networks_give_at_any_size(model, package, size):
    picture = torch.rand(1, 3, *size)
    with torch.no_grad():
        latents = model.analysis(picture)
        restored = model.synthesis(latents.round())
    # float16 weights move latents by up to a few thousandths of a step times their size
    np.testing.assert_allclose(package.encoder(picture.numpy()), latents.numpy(), atol=0.02, rtol=2e-3)
    np.testing.assert_allclose(package.decoder("fidelity")(latents.round().numpy()), restored.numpy(), atol=0.01)


def test_large_weights_are_stored_as_half_precision(package):
    graph = onnx.load_from_string(package.parts["encoder.onnx"]).graph
    large = [w for w in graph.initializer if np.prod(w.dims) >= 64]
    assert large
    assert all(w.data_type == onnx.TensorProto.FLOAT16 for w in large if not w.name.startswith("val"))


def test_card_says_how_it_was_made(package):
    card = package.card
    assert (card.name, card.block, card.decoders) == ("photo-denoise", 16, ("fidelity",))
    assert card.halo == receptive_halo(MODEL)
    assert card.training["steps"] == 8
    assert card.training["run"] == RECIPE.identity()
    assert card.training["recipe"]["training"]["seed"] == RECIPE.training.seed


def test_tables_charge_the_training_symbols_close_to_their_entropy(model, pictures, package):
    counts = count_symbols(model, pictures, batches=8).counts
    chance = counts / counts.sum(1, keepdims=True)
    entropy = -np.where(chance > 0, chance * np.log2(np.maximum(chance, 1e-30)), 0).sum()
    found = np.concatenate([model.analysis(pictures.batch(977, s, 16).degraded).detach().round().numpy() for s in range(8)])
    symbols = found.transpose(1, 0, 2, 3).reshape(27, -1).astype(np.int32)
    assert package.tables.bits(symbols) / symbols.shape[1] < 1.1 * entropy + 0.5


def test_tables_span_what_occurred():
    model = PhotoCodec(MODEL)
    counts = np.zeros((27, 7), np.int64)
    counts[:, 3] = 100
    counts[0] = [1, 5, 20, 100, 20, 5, 1]
    tables = integer_tables(model, SymbolCounts(-3, counts))
    assert tables.low == (-2, *[0] * 26)
    assert len(tables.frequencies[0]) == 6
    assert all(len(f) == 2 for f in tables.frequencies[1:])


def test_reach_by_hand():
    assert pyramid_reach((1, 1, 2, 1, 1)) == 2 * 6 + 4 * 4 + 8 * 4
    assert receptive_halo(RECIPE.model) % 16 == 0


def test_a_graph_is_valid_onnx(model):
    onnx.checker.check_model(onnx.load_from_string(onnx_bytes(model.synthesis, torch.zeros(1, 27, 2, 3))))
    with pytest.raises(Exception, match="cannot be started"):
        Graph(b"nonsense", "nonsense")

"""What every test may use: small pictures that need no file, and a run of the command line in this process."""

import runpy
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image
from typer.testing import CliRunner

# A deadline of 0.2 s for each example says more about the machine's other work than about the code.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

# A shell that starts the tests in the background ignores Ctrl-C for them and all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _smooth_picture(height: int, width: int, channels: int = 3) -> np.ndarray:
    """A picture with slopes and edges, uint8 (H, W, C) or (H, W) for one channel: noise harms it visibly."""
    rows, columns = np.mgrid[0:height, 0:width] / max(height, width)
    planes = [
        128 + 90 * np.sin(5 * rows + channel) * np.cos(4 * columns) + 30 * (columns > 0.5)
        for channel in range(channels)
    ]
    picture = np.clip(np.stack(planes, axis=2), 0, 255).astype(np.uint8)
    return picture[:, :, 0] if channels == 1 else picture


@pytest.fixture
def smooth_picture() -> Callable[..., np.ndarray]:
    """Maker of pictures: (height, width, channels=3) -> uint8."""
    return _smooth_picture


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A small colour picture on disk."""
    path = tmp_path / "photo.png"
    Image.fromarray(_smooth_picture(48, 64)).save(path)
    return path


@pytest.fixture
def runner() -> CliRunner:
    """Runs commands of the app in this process; `result.stdout` and `result.stderr` are apart."""
    return CliRunner()


@pytest.fixture(scope="session")
def toy_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package file whose networks are means of 4 x 4 pixels: coding with it is real and takes milliseconds."""
    # Loaded only for those who code: it needs onnx and ONNX Runtime, and most rooms' tests need neither.
    source = Path(__file__).with_name("toypackage.py")
    toy_package_bytes = runpy.run_path(str(source))["toy_package_bytes"]
    path = tmp_path_factory.mktemp("packages") / "toy.xcm"
    path.write_bytes(toy_package_bytes())
    return path

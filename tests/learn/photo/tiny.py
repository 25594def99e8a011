"""A codec small enough to train in a test: 27 channels, a few filters, small crops of photos in scikit-image."""

from dataclasses import replace
from pathlib import Path

from crosscodec.learn.photo.settings import DataSettings, ModelSettings, ObjectiveSettings, Recipe, TrainingSettings

MODEL = ModelSettings(
    analysis_widths=(4, 6, 8),
    analysis_blocks=(1, 0, 1, 1, 1),
    synthesis_widths=(4, 6, 8),
    synthesis_blocks=(0, 1, 1, 0, 1),
    luma=15,
    chroma=6,
    contexts=3,
    reach=96,
)
TWO = replace(MODEL, best_widths=(6, 8, 10), best_blocks=(1, 1, 2, 1, 1))  # the same with a second, larger analysis
DATA = DataSettings(sets=("builtin",), crop=32, scales=(0.25,), held_out=5)
TRAINING = TrainingSettings(
    steps=8, decay_steps=3, warmup_steps=2, denoise_steps=3, batch=2, threads=1, log_every=2, checkpoint_minutes=0.0
)
OBJECTIVE = ObjectiveSettings(anchors=(0, 50, 100))
RECIPE = Recipe(data=DATA, model=MODEL, objective=OBJECTIVE, training=TRAINING)
TWO_RECIPE = replace(RECIPE, model=TWO)

TOML = """
[data]
sets = ["builtin"]
crop = 32
scales = [0.25]
held_out = 5
[model]
analysis_widths = [4, 6, 8]
analysis_blocks = [1, 0, 1, 1, 1]
synthesis_widths = [4, 6, 8]
synthesis_blocks = [0, 1, 1, 0, 1]
luma = 15
chroma = 6
contexts = 3
reach = 96
[objective]
anchors = [0, 50, 100]
[training]
steps = 8
decay_steps = 3
warmup_steps = 2
denoise_steps = 3
batch = 2
threads = 1
log_every = 2
checkpoint_minutes = 0.0
[package]
name = "tiny"
"""


def write_recipe(folder: Path) -> Path:
    """The tiny recipe as a file."""
    path = folder / "tiny.toml"
    path.write_text(TOML)
    return path

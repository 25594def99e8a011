"""The optimiser of photo codecs: which weights it treats how."""

from torch import nn

from crosscodec.learn.muon import ORTHOGONAL, AdamAndMuon
from crosscodec.learn.photo.settings import AnalysisSettings

OUTER = {"to_half", "last"}  # layers that see pictures or coefficients: Muon is for those between
BETAS = (0.9, 0.99)


def photo_optimiser(trained: nn.Module, settings: AnalysisSettings) -> AdamAndMuon:
    """Adam for a codec or an analysis, or with ``optimiser = "muon"`` Muon for the kernels of its hidden layers. Gains,
    steps and shrinkage have a learning rate of their own; ``base`` of each group is its learning rate at most.
    """
    kernels: list[nn.Parameter] = []
    scales: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in trained.named_parameters():
        path = name.split(".")
        if path[0] == "gains" or path[-1] == "shrink":
            scales.append(parameter)
        elif settings.optimiser == "muon" and parameter.ndim == 4 and not OUTER.intersection(path):
            kernels.append(parameter)
        else:
            others.append(parameter)
    groups = [
        {"params": others, "base": settings.learning_rate},
        {"params": scales, "base": settings.scale_learning_rate},
        {"params": kernels, "base": settings.learning_rate, ORTHOGONAL: True},
    ]
    # Fused: on a GPU one launch for all weights, not some for each.
    on_gpu = next(trained.parameters()).is_cuda
    return AdamAndMuon([g for g in groups if g["params"]], settings.learning_rate, BETAS, fused=on_gpu)

"""Every figure and table that can be reproduced, by key."""

from crosscodec.errors import UsageError
from crosscodec.repro import bernoulli, experiments, gaussian, photos, toy, universal
from crosscodec.repro.item import MEC, OT, UNIVERSAL, Item

ITEMS = (
    Item("bernoulli-drc", "Distortion over rate and label limit, binary, one-shot",
         f"{OT}: Theorem 2; Figure 17, closed form beside samples", bernoulli.distortion_over_rate),
    Item("bernoulli-rdc", "Rate over distortion and label limit, binary, one-shot", f"{OT}: Appendix A.2",
         bernoulli.rate_over_distortion),
    Item("gaussian-drc", "Distortion over rate and label limit, Gaussian",
         f"{OT}: Theorem 4; Figure 17, closed form beside samples", gaussian.distortion_over_rate),
    Item("gaussian-rdc", "Rate over distortion and label limit, Gaussian", f"{OT}: Appendix A.3",
         gaussian.rate_over_distortion),
    Item("gaussian-drpc-w2", "Distortion over rate and perception (squared W2), Gaussian", f"{OT}: Appendix A.4",
         gaussian.perception_w2),
    Item("gaussian-drpc-kl", "Distortion over rate, perception (KL) and label limit, Gaussian", f"{OT}: Theorem 7",
         gaussian.perception_kl),
    Item("bernoulli-mec", "Information kept by a coupling, binary", f"{MEC}: Theorem 2",
         bernoulli.coupling_over_rate),
    Item("bernoulli-mec-label", "Information kept by a coupling under a label limit, binary", f"{MEC}: Theorem 3",
         bernoulli.coupling_with_label),
    Item("gaussian-universal", "One encoder, many decoders: distortion over perception, Gaussian",
         f"{UNIVERSAL}: Gaussian sources", gaussian.universal),
    Item("toy-gaussian", "A trained codec beside D(R): Gaussian, scalars and blocks", f"{OT}: theory beside networks",
         toy.gaussian()),
    Item("toy-vector", "A trained codec beside D(R): pairs of correlated Gaussians", f"{OT}: theory beside networks",
         toy.vector()),
    Item("toy-bernoulli", "A trained codec beside D(R): pictures of independent bits", f"{OT}: theory beside networks",
         toy.bernoulli()),
    Item("mnist-superres", "MNIST 4x super-resolution at 4 to 32 bits",
         f"{OT}: Figures 6 and 7(a, b), Tables 1 and 11, super-resolution", experiments.superres().make, ("mnist",)),
    Item("mnist-m-denoise", "MNIST-M denoising, with and without common randomness",
         f"{OT}: Figures 6 and 7(d, e), Tables 2 and 12, denoising (there SVHN)",
         experiments.common_randomness("denoise").make, ("mnist", "bsds500")),
    Item("mnist-m-inpaint", "MNIST-M inpainting, with and without common randomness, supervised and not",
         f"{OT}: Figures 12 and 13, Tables 7 and 8, inpainting (there SVHN)",
         experiments.common_randomness("inpaint").make, ("mnist", "bsds500")),
    Item("mnist-universal", "One encoder, many decoders: MNIST at 4.75, 6 and 8 bits", f"{UNIVERSAL}: MNIST",
         universal.universal().make, ("mnist",)),
    Item("mnist-equal-rate", "Lines of equal rate over squared error and label uncertainty, MNIST",
         f"{OT}: Figure 16 (R(D, C) of MNIST and SVHN)", universal.equal_rate().make, ("mnist",)),
    Item("mnist-label-loss", "Cross-entropy or posterior entropy as the label's loss, MNIST",
         f"{OT}: Figures 18 and 19", universal.label_loss().make, ("mnist",)),
    Item("mnist-coupling", "Minimum entropy coupling, MNIST 4x super-resolution", f"{MEC}: super-resolution",
         experiments.coupling("mnist").make, ("mnist",)),
    Item("mnist-m-coupling", "Minimum entropy coupling, MNIST-M denoising", f"{MEC}: denoising (there SVHN)",
         experiments.coupling("mnist-m").make, ("mnist", "bsds500")),
    Item("cifar10-denoise", "CIFAR-10 denoising over rate", f"{OT}: Figure 8(a, b), Table 3",
         experiments.denoising("cifar10").make, ("cifar10",)),
    Item("imagenet-denoise", "ImageNet denoising over rate, 64 x 64", f"{OT}: Figure 8(d, e), Table 4",
         experiments.denoising("imagenet").make, ("imagenet-sample",)),
    Item("cifar10-noise", "CIFAR-10 denoising over the level of noise", f"{OT}: Figure 9",
         experiments.denoising_over_noise("cifar10").make, ("cifar10",)),
    Item("imagenet-noise", "ImageNet denoising over the level of noise, 64 x 64", f"{OT}: Figure 9",
         experiments.denoising_over_noise("imagenet").make, ("imagenet-sample",)),
    Item("kodak-denoise", "Kodak denoising, sigma 25, over rate", f"{OT}: Figure 10, Tables 5 and 15",
         photos.kodak_denoising, ("kodak",)),
)  # fmt: skip


def find(key: str) -> Item:
    """The item of a key. Raises UsageError, which lists the keys."""
    for item in ITEMS:
        if item.key == key:
            return item
    raise UsageError(f"{key!r} is no figure; there are {', '.join(item.key for item in ITEMS)}, or all")

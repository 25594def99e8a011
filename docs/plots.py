"""Draw the pictures of theory.md and corrections.md into docs/images: python docs/plots.py."""

from pathlib import Path

from crosscodec.cli.tradeoff import app

IMAGES = Path(__file__).parent / "images"
PICTURES = {
    "bernoulli-curve.svg": "bernoulli --source 0.4 --target 0.3 --rate 0:1:401 --label-entropy 0.85 --printed",
    "bernoulli-regimes.svg": "bernoulli --source 0.3 --target 0.45 --rate 0:1:161 --label-entropy 0.45:0.95:161",
    "bernoulli-information.svg": "bernoulli --quantity information --source 0.3 --target 0.4 --rate 0:1:401 --printed",
    "gaussian-curve.svg": "gaussian --target-mean 0.5 --target-std 1.5 --rate 0:3:301",
    "gaussian-perception.svg": "gaussian --target-mean 0.5 --target-std 1.5 --rate 0:3:121 --perception 0:1:121",
    "finite-curve.svg": "finite {problem} --rate 0:1.2:61",
}


def main() -> None:
    """Run one command of the tool for each picture."""
    for name, command in PICTURES.items():
        words = command.format(problem=IMAGES / "ternary.json").split()
        app([*words, "--plot", str(IMAGES / name), "--overwrite"], standalone_mode=False)
        print(IMAGES.name + "/" + name)


if __name__ == "__main__":
    main()

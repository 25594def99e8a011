"""`python -m crosscodec`: the command line of this Python, wherever its script is."""

from crosscodec.cli.main import run

if __name__ == "__main__":
    run()

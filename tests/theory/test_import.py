"""Importing the theory wing is cheap: numpy and little else."""

import json
import subprocess
import sys

# Prints how many times as long as numpy's the import takes, and what of scipy it loaded.
CODE = """
import json, sys, time
start = time.process_time()
import numpy
of_numpy = time.process_time() - start
import crosscodec.theory
times = (time.process_time() - start) / of_numpy
print(json.dumps([times, [name for name in sys.modules if name.startswith("scipy.")]]))
"""


def measured():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_import_takes_little_longer_than_that_of_numpy():
    # 1.3 to 1.5 times as long; with a solver of scipy 8 times.
    assert min(measured()[0] for _ in range(3)) < 3


def test_solvers_are_loaded_when_they_are_used():
    heavy = {"scipy.optimize", "scipy.sparse", "scipy.special", "scipy.linalg", "scipy.stats"}
    assert not heavy & set(measured()[1])

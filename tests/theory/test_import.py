"""Importing the theory wing is cheap: numpy and little else."""

import json
import subprocess
import sys

# Prints the processor seconds of the import and what of scipy it loaded.
CODE = """
import json, sys, time
start = time.process_time()
import crosscodec.theory
print(json.dumps([time.process_time() - start, [name for name in sys.modules if name.startswith("scipy.")]]))
"""


def measured():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_import_takes_less_than_three_tenths_of_a_second():
    # About 0.11 s of one processor, most of it numpy.
    assert min(measured()[0] for _ in range(3)) < 0.3


def test_solvers_are_loaded_when_they_are_used():
    heavy = {"scipy.optimize", "scipy.sparse", "scipy.special", "scipy.linalg", "scipy.stats"}
    assert not heavy & set(measured()[1])

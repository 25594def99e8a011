import subprocess
import sys

import pytest

from crosscodec.errors import UsageError
from crosscodec.repro.catalogue import ITEMS, find


def test_keys_name_one_item_each():
    keys = [item.key for item in ITEMS]
    assert len(set(keys)) == len(keys)
    assert all(find(key).key == key for key in keys)


def test_an_unknown_key_is_told_the_known_ones():
    with pytest.raises(UsageError, match=r"bernoulli-drc, .* or all"):
        find("figure 3")


def test_the_catalogue_is_there_without_torch():
    code = "import sys; import crosscodec.repro.catalogue; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

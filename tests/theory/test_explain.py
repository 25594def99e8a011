"""Every formula has LaTeX that balances, a reference, assumptions and units."""

import pytest

from crosscodec.theory.explain import NAMES, explain


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_is_complete_and_balanced(name):
    found = explain(name)
    assert found.latex.count("{") == found.latex.count("}")
    assert found.latex.count("(") == found.latex.count(")")
    assert found.reference.startswith("theory page, section ")
    assert found.assumptions
    assert found.units


def test_unknown_names_are_refused_with_the_list():
    with pytest.raises(ValueError, match="'bernoulli-distortion', 'bernoulli-rate'"):
        explain("laplace")

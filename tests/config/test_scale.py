"""config/reading: how many times the load, in perfgate.toml."""

import pytest

from perfgate.config.reading import load_config
from perfgate.errors import ProblemsError


def read(tmp_path, text):
    path = tmp_path / "perfgate.toml"
    path.write_text(f"[measure]\n{text}\n")
    return load_config(path)


@pytest.mark.parametrize(
    ("written", "scale"), [("scale = 4", 4.0), ("scale = 2.5", 2.5), ('scale = "auto"', "auto"), ("", 1.0)]
)
def test_the_scale_is_a_number_or_auto_and_off_by_default(tmp_path, written, scale):
    assert read(tmp_path, written).scale == scale


@pytest.mark.parametrize("written", ["0", "-1", "true", '"much"', "1001", "nan", "9" * 400])
def test_a_scale_that_makes_no_load_is_refused(tmp_path, written):
    with pytest.raises(ProblemsError, match="must be 'auto' or a number up to 1,000"):
        read(tmp_path, f"scale = {written}")

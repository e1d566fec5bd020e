"""config: `paths`, the files that a pull request must touch to be measured."""

import pytest

from perfgate.config.reading import load_config
from perfgate.errors import ProblemsError


def read(folder, text):
    (folder / "perfgate.toml").write_text(f"paths = {text}\n")
    return load_config(None, folder).paths


def test_paths_are_patterns_with_those_that_take_out(tmp_path):
    assert read(tmp_path, '["services/pets/**", "libs", "!**/*.md"]') == ("services/pets/**", "libs", "!**/*.md")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"pets/**"', "must be a list"),
        ("[]", "must be a list with a pattern or more"),
        ("[1]", "must be a pattern"),
        ('["!"]', "must be a pattern"),
        ('["a\\nb"]', "must be a pattern"),
        ('["/pets/**"]', "must begin at the top of the repository"),
        ('["../pets"]', "must begin at the top of the repository"),
        ('["!./pets"]', "must begin at the top of the repository"),
        ('["**.py"]', "has ** beside other characters"),
        ('["pets**"]', "has ** beside other characters"),
        (f'["{"a" * 4001}"]', "longer than 4,000 characters"),
    ],
)
def test_a_mistake_names_its_place(tmp_path, text, said):
    with pytest.raises(ProblemsError) as caught:
        read(tmp_path, text)
    (problem,) = caught.value.problems
    assert problem.place.endswith("perfgate.toml: paths")
    assert said in problem.message

"""config: which perfgate.toml is read."""

import pytest

from perfgate.config.reading import load_config
from perfgate.config.values import Config
from perfgate.errors import UsageError


@pytest.fixture
def below(tmp_path):
    """A folder of a repository that has a perfgate.toml at its top."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "perfgate.toml").write_text("margin = 0.1\n")
    folder = tmp_path / "services" / "api"
    folder.mkdir(parents=True)
    return folder


def test_a_command_below_the_folder_of_the_configuration_is_told_where_it_is(tmp_path, below):
    with pytest.raises(UsageError, match="here, and one in") as caught:
        load_config(None, below)
    assert str(caught.value).endswith(str(tmp_path))
    assert caught.value.hint.startswith(f"call perfgate in {tmp_path};")


def test_the_configuration_above_may_be_named(below):
    assert load_config(below / "../../perfgate.toml", below).rules.margin == 0.1


def test_a_folder_with_a_configuration_of_its_own_has_that_one(below):
    (below / "perfgate.toml").write_text("")
    assert load_config(None, below) == Config()


def test_the_configuration_of_another_repository_is_none_of_ours(below):
    (below / ".git").write_text("gitdir: elsewhere\n")
    assert load_config(None, below) == Config()

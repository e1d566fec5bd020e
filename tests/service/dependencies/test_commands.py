"""Commands of a stack, as messages show them."""

import pytest

from perfgate.service.dependencies.commands import shown_words

VALUES = {"side": "head", "db.host": "127.0.0.1", "db.url": "postgresql://shop:s3cr@t/@127.0.0.1:5432/shop"}


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("createdb", "--host", "{db.host}", "shop_{side}"), "createdb --host 127.0.0.1 shop_head"),
        (("psql", "{db.url}", "-f", "a b.sql"), "psql 'postgresql://shop:***@127.0.0.1:5432/shop' -f 'a b.sql'"),
        (
            ("sh", "-c", "psql {db.url} && echo $PGPASSWORD"),
            "psql 'postgresql://shop:***@127.0.0.1:5432/shop' && echo $PGPASSWORD",
        ),
        (("echo", "{unknown}"), "echo {unknown}"),
    ],
)
def test_placeholders_are_filled_in_but_for_passwords(words, shown):
    assert shown_words(words, VALUES) == shown

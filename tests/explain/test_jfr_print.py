"""What `jfr print` prints of samples."""

import pytest

from perfgate.explain.profilers.jfr_print import Method, parse_print


def printed(*methods):
    return ["jdk.ExecutionSample {", "  stackTrace = [", *(f"    {one}" for one in methods), "  ]", "}"]


def test_samples_are_read_with_their_methods():
    lines = printed("shop.Prices$Rule.discount(int, String)   line: 12", "shop.Main.main(String[])  line:")
    assert parse_print(lines * 2) == {(Method("shop.Prices$Rule", "discount", 12), Method("shop.Main", "main", 0)): 2}


@pytest.mark.parametrize(
    ("written", "class_name", "name"),
    [
        ("shop.Prices.lambda$quote$3", "shop.Prices", "lambda$quote"),
        ("shop.Prices.quote$lambda$3$lambda$2", "shop.Prices", "quote$lambda$lambda"),
        ("shop.Prices$.$anonfun$quote$1", "shop.Prices$", "$anonfun$quote"),
        ("shop.Prices$2.run", "shop.Prices$", "run"),
        ("shop.Prices$quote$1$4.invoke", "shop.Prices$quote$$", "invoke"),
        ("shop.Prices$$Lambda$34/0x00007f2a.apply", "shop.Prices$$Lambda", "apply"),
        ("shop.Prices.of$2x", "shop.Prices", "of$2x"),
    ],
)
def test_what_compilers_number_has_one_name_on_both_sides(written, class_name, name):
    assert parse_print(printed(f"{written}()  line: 7")) == {(Method(class_name, name, 7),): 1}

"""The lines of functions, in Python and in languages with braces."""

import pytest

from perfgate.explain.extents import extent
from tests.explain.test_changes import SOURCE as PYTHON

JAVASCRIPT = """\
const rules = require('rules')

// What it costs {less.
function discount (price,
  { share = 0.1 } = {}) {
  const told = "}" + '}' + `)`  // }
  return [price].map((one) => {
    return one * share
  })[0]
}

class Shop {
  price () { return 3 }
}
const double = (one) => one * 2
const half = (one) =>
  one / 2
exports.all = prices => prices.map(
  discount
)
"""
GO = """\
package prices

func Discount(price float64, options map[string]interface{}) (result float64) {
	defer func() {
		result = 0
	}()
	if price > 1 {
		return price
	} else {
		return 1
	}
}
func Tax() float64 { return 2 }
"""
C = """\
int discount(int price)
{
    /* { */ if (price > 1) { return 1; }
    return 2;
}
"""
MISREAD = """\
function told() {
    const bracket = /[}]/
    return 1
}
"""


@pytest.mark.parametrize(
    ("path", "source", "line", "lines"),
    [
        ("shop/prices.py", PYTHON, 6, range(6, 10)),
        ("shop/prices.py", PYTHON, 7, range(6, 10)),
        ("shop/prices.py", PYTHON, 12, range(12, 14)),
        ("shop/prices.py", PYTHON, 8, None),
        ("shop/prices.py", "def f(:", 1, None),
        ("prices.js", JAVASCRIPT, 4, range(4, 11)),
        ("prices.ts", JAVASCRIPT, 13, range(13, 14)),
        ("prices.mjs", JAVASCRIPT, 15, range(15, 16)),
        ("prices.js", JAVASCRIPT, 16, range(16, 18)),
        ("prices.js", JAVASCRIPT, 18, range(18, 21)),
        ("prices.go", GO, 3, range(3, 13)),
        ("prices.go", GO, 13, range(13, 14)),
        ("prices.c", C, 1, range(1, 6)),
        ("prices.js", MISREAD, 1, None),
        ("prices.js", "function open() {\n", 1, None),
        ("prices.min.js", f"function all() {{ {'/*' * 500_000} }}", 1, None),
        ("prices.js", "const a = '\u2028'\nfunction all() {\n}\n", 2, range(2, 4)),
        ("prices.js", JAVASCRIPT, 400, None),
        ("prices.rb", "def discount\nend\n", 1, None),
        ("Makefile", "all:\n", 1, None),
    ],
)
def test_the_lines_of_a_function(path, source, line, lines):
    assert extent(path, source, line) == lines

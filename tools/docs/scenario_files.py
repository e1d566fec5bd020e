"""What a scenario file may say, from the types that editors complete: `ScenarioOptions`, `User` and `Response`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

from perfgate.scenario import options, user
from tools.docs.markdown import code, documented_fields, sentence, table

# What belongs to the language, not to the reader.
_LEFT_OUT = ("__bool__", "__iter__", "__getattr__")


def scenario_options() -> str:
    """A row for each option of @scenario."""
    rows = [(code(name), sentence(text)) for name, text in _attributes(options.ScenarioOptions)]
    return table(("option", "is"), rows)


def user_members() -> str:
    """What `user` has."""
    return table(("`user` has", "which is"), _members(user.User))


def response_members() -> str:
    """What a response has."""
    return table(("a response has", "which is"), _members(user.Response))


def request_options() -> str:
    """perfgate's own keyword arguments of a request, and the names of those of requests."""
    own = documented_fields(user.RequestOptions.__doc__) | documented_fields(user.BodyOptions.__doc__)
    rows = [(code(f"{name}="), sentence(text)) for name, text in own.items()]
    others = [*user.RequestOptions.__annotations__, *user.BodyOptions.__annotations__]
    rest = ", ".join(dict.fromkeys(code(name) for name in others if name not in own))
    return f"{table(('argument', 'is'), rows)}\n{rest} are those of `requests.Session.request`."


def _members(kind: type) -> list[tuple[str, str]]:
    attributes = [(code(name), sentence(text)) for name, text in _attributes(kind)]
    return [*attributes, *((code(name), sentence(text)) for name, text in _functions(kind))]


def _attributes(kind: type) -> list[tuple[str, str]]:
    """The attributes of a class, each with the docstring below it. ValueError where one has none."""
    body = _body(kind)
    found = []
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            text = _text(following)
            if not text:
                raise ValueError(f"{kind.__name__}.{node.target.id} has no docstring")
            found.append((node.target.id, text))
    return found


def _functions(kind: type) -> Iterator[tuple[str, str]]:
    """The properties and methods of a class, methods with their signature."""
    for node in _body(kind):
        if not isinstance(node, ast.FunctionDef) or node.name in _LEFT_OUT:
            continue
        decorators = [ast.unparse(one) for one in node.decorator_list]
        if any(one.endswith(".setter") for one in decorators):
            continue
        text = ast.get_docstring(node)
        if not text:
            raise ValueError(f"{kind.__name__}.{node.name} has no docstring")
        yield (node.name if "property" in decorators else _signature(node)), _without_fields(text)


def _without_fields(text: str) -> str:
    """A docstring without what it says of single arguments."""
    kept = [part for part in text.split("\n\n") if not part.startswith("name: ")]
    return " ".join(" ".join(kept).split())


def _signature(node: ast.FunctionDef) -> str:
    arguments = node.args
    plain = [one.arg for one in arguments.args[1:]]
    defaults = ["" for _ in plain[: len(plain) - len(arguments.defaults)]] + [
        f"={ast.unparse(one)}" for one in arguments.defaults
    ]
    words = [name + default for name, default in zip(plain, defaults, strict=True)]
    if arguments.kwonlyargs:
        words.append("*")
        for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            words.append(f"{one.arg}={ast.unparse(default)}" if default else one.arg)
    if arguments.kwarg:
        words.append(f"**{arguments.kwarg.arg}")
    return f"{node.name}({', '.join(words)})"


def _body(kind: type) -> list[ast.stmt]:
    (node,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(node, ast.ClassDef)
    return node.body


def _text(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return " ".join(node.value.value.split())
    return ""

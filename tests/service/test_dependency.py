"""What dependencies used, by name."""

from dataclasses import dataclass

from perfgate.service.dependency import usage_by_name
from perfgate.service.usage import Usage


@dataclass
class Known:
    """A Dependency. used: None where it cannot be read."""

    name: str
    used: Usage | None
    pid: int | None = None
    container: str = ""
    cpus: tuple[int, ...] = ()

    def processes(self) -> tuple[int, ...]:
        return ()

    def usage(self) -> Usage | None:
        return self.used

    def reset_peak(self) -> None:
        """Nothing to do."""


def test_those_of_one_name_count_together() -> None:
    both = [Known("redis", Usage(1.0, 10)), Known("db", Usage(2.0, 20)), Known("redis", Usage(0.5, 5))]
    assert usage_by_name(both) == {"redis": Usage(1.5, 15), "db": Usage(2.0, 20)}


def test_a_name_is_left_out_where_one_of_it_cannot_be_read() -> None:
    assert usage_by_name([Known("redis", Usage(1.0, 10)), Known("redis", None), Known("db", None)]) == {}


def test_without_any_there_is_nothing_to_read() -> None:
    assert usage_by_name([]) == {}

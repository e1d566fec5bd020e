"""Reading what people write, and writing what people read."""

import math

import pytest

from perfgate.units import (
    format_bytes,
    format_count,
    format_milliseconds,
    format_percent,
    format_rate,
    format_seconds,
    format_short,
    format_value,
    parse_bytes,
    parse_duration,
    parse_fraction,
    parse_margin,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20s", 20.0),
        ("1m30s", 90.0),
        ("500ms", 0.5),
        ("1h", 3600.0),
        ("1d2h", 93_600.0),
        ("1.5s", 1.5),
        ("250us", 250e-6),
        ("250µs", 250e-6),
        ("3ns", 3e-9),
        (" 20s ", 20.0),
        ("0s", 0.0),
        ("20", 20.0),
        ("1e1", 10.0),
        (20, 20.0),
        (0.5, 0.5),
    ],
)
def test_durations_are_read_as_seconds(text, seconds):
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        *("", "s", "20 s", "20sec", "1m 30s", "5s!", "1..5s", b"20s"),
        *("-5s", -5, "-5", "nan", "inf", "1e999", math.nan, math.inf, 10**400, 1e300, "9999999h"),
        *(True, None, []),
    ],
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "fraction"), [("5%", 0.05), ("0.5 %", 0.005), (" 5% ", 0.05), ("0.05", 0.05), (0.05, 0.05), (1, 1.0)]
)
def test_percentages_are_read_as_fractions(text, fraction):
    assert parse_fraction(text) == pytest.approx(fraction)


@pytest.mark.parametrize("text", ["", "%", "five", "5%%", "nan", "inf%", math.nan, 10**400, True, None, []])
def test_what_is_no_percentage_is_refused(text):
    with pytest.raises(ValueError, match="is not a percentage"):
        parse_fraction(text)


@pytest.mark.parametrize(
    ("text", "fraction"), [("5%", 0.05), (0.05, 0.05), ("0.99", 0.99), ("100 %", 1.0), ("900%", 9.0)]
)
def test_margins_are_read_as_fractions(text, fraction):
    assert parse_margin(text) == pytest.approx(fraction)


@pytest.mark.parametrize("text", [5, 1, 1.0, "5", " 5 ", "2.5"])
def test_a_margin_without_its_sign_is_refused(text):
    number = float(text)
    with pytest.raises(ValueError, match=f"would be {number * 100:g} %; write '{number:g}%' or '{number * 100:g}%'"):
        parse_margin(text)


@pytest.mark.parametrize("text", ["0%", 0, -0.1, "1000%", 10])
def test_a_margin_of_nothing_or_of_all_is_refused(text):
    with pytest.raises(ValueError, match="must lie between 0 and 1000 %"):
        parse_margin(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512MiB", 512 * 2**20),
        ("1GB", 10**9),
        ("1.5 kB", 1500),
        ("2KB", 2000),
        ("1KiB", 1024),
        ("7B", 7),
        ("7", 7),
        (7, 7),
    ],
)
def test_sizes_are_read_as_bytes(text, size):
    assert parse_bytes(text) == size


@pytest.mark.parametrize(
    "text",
    ["", "MB", "-5MB", -5, "1TB", "1kiB", "1k", "5 5", True, None, 1.5, 2**63, "9" * 400, "8EB", "9999999999GiB"],
)
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="is not a size"):
        parse_bytes(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 ms"), (0.4321, "0.432 ms"), (12.345, "12.3 ms"), (250.4, "250 ms"), (1534, "1.53 s"), (-3.5, "-3.50 ms")],
)
def test_milliseconds_have_three_digits(value, text):
    assert format_milliseconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.8, "800ms"),
        (12, "12s"),
        (12.5, "12.5s"),
        (60, "1m"),
        (90, "1m30s"),
        (3600, "1h"),
        (3661, "1h1m1s"),
        (0, "0ms"),
    ],
)
def test_lengths_of_time_are_short(value, text):
    assert format_seconds(value) == text


@pytest.mark.parametrize("seconds", [0.8, 12, 12.5, 60, 90, 3661])
def test_a_length_of_time_that_was_written_can_be_read_again(seconds):
    assert parse_duration(format_seconds(seconds)) == seconds


@pytest.mark.parametrize(
    ("fraction", "signed", "text"),
    [
        (0.0436, False, "4.36 %"),
        (0, False, "0 %"),
        (1, False, "100 %"),
        (0.0436, True, "+4.4 %"),
        (-0.1, True, "-10.0 %"),
    ],
)
def test_percentages_keep_a_space(fraction, signed, text):
    assert format_percent(fraction, signed=signed) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12.345, "ms", "12.3 ms"),
        (0.0436, "fraction", "4.36 %"),
        (1234.4, "per_second", "1,234/s"),
        (0.52, "per_second", "0.520/s"),
        (812, "bytes", "812 B"),
        (1_530_000, "bytes", "1.53 MB"),
        (12_345, "count", "12,345"),
    ],
)
def test_a_value_is_written_in_its_unit(value, unit, text):
    assert format_value(value, unit) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (1.84, 2, "1.8"),
        (5.0, 2, "5"),
        (99.7, 2, "100"),
        (112.0, 2, "110"),
        (1e-5, 2, "0.00001"),
        (0.0, 2, "0"),
        (1234.0, 3, "1,230"),
        (0.25, 3, "0.25"),
    ],
)
def test_a_short_number_has_no_exponent(value, digits, text):
    assert format_short(value, digits) == text


def test_big_numbers_are_grouped():
    assert format_bytes(2_500_000_000) == "2.50 GB"
    assert format_bytes(1500) == "1.50 kB"
    assert format_rate(28_800) == "28,800/s"
    assert format_count(1_000_000) == "1,000,000"

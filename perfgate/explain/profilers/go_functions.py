"""The functions of a Go program with file and line, inlined ones too, as Go's own tracebacks find them.

Every Go program has this table, also one that was linked without symbols. Its format since Go 1.20:
https://github.com/golang/go/blob/master/src/debug/gosym/pclntab.go, src/runtime/runtime2.go (`_func`) and
src/runtime/symtabinl.go (`inlinedCall`); of the build information: src/debug/buildinfo/buildinfo.go.
"""

from __future__ import annotations

import re
import struct
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from perfgate.explain.profilers.varints import read_varint

_MAGIC = 0xFFFFFFF1
_HEADER = struct.Struct("<IHBB8Q")
_TABLES = (".gopclntab", ".data.rel.ro.gopclntab")
# entry, name, pcfile, npcdata, compilation unit, first line, nfuncdata; what is left out is not needed here.
_FUNCTION = struct.Struct("<Ii12xI4xIIi3xB")
_INLINED_CALL = struct.Struct("<4xiii")
_SYMBOL = struct.Struct("<IBBHQQ")
_INLINE_INDEX, _INLINE_TREE = 2, 3  # internal/abi/symtab.go: PCDATA_InlTreeIndex and FUNCDATA_InlTree
# src/runtime/symtab.go: `moduledata` and its fields `text` and `gofunc`.
_RECORD_TEXT, _RECORD_INLINED = 176, 320
_WRITABLE = 1
_NONE = 0xFFFFFFFF
_MOST_INLINED = 100
_MODULE = re.compile(rb"^mod\t([^\t\n]+)", re.MULTILINE)


@dataclass(frozen=True)
class GoCall:
    """A function at work: its full name, its file as the compiler knew it, and the line where it begins."""

    name: str
    file: str
    line: int


class GoFunctions:
    """The table of one program.

    module: the path of the module that it was built from; "" where it was built from none.
    """

    def __init__(self, elf: Any) -> None:
        """elf: an ELFFile of pyelftools. ValueError where it has no table of a known format."""
        section: Any = next(filter(None, map(elf.get_section_by_name, _TABLES)), None)
        data = section.data() if section else b""
        if len(data) < _HEADER.size or not elf.little_endian or elf.elfclass != 64:
            raise ValueError("no table of Go functions")
        magic, _, self._quantum, _, count, _, start, names, units, files, values, functions = _HEADER.unpack_from(data)
        if magic != _MAGIC:
            raise ValueError("a table of another format")
        self._data = data
        self._names, self._units, self._files, self._values, self._functions = names, units, files, values, functions
        table = array("I", data[functions : functions + 8 * count])
        self._entries, self._places = table[::2], table[1::2]
        text, trees = _places(elf, section["sh_addr"])
        self._text = text or start or elf.get_section_by_name(".text")["sh_addr"]
        self._trees = _bytes_from(elf, trees)
        self._known: dict[int, tuple[GoCall, ...]] = {}
        self.module = _module(elf)

    def calls(self, address: int) -> tuple[GoCall, ...]:
        """The functions at this address of the program, the innermost first: more than one where calls are inlined."""
        if address not in self._known:
            self._known[address] = self._calls(address)
        return self._known[address]

    def _calls(self, address: int) -> tuple[GoCall, ...]:
        offset = address - self._text
        place = bisect_right(self._entries, offset) - 1
        if offset < 0 or place < 0:
            return ()
        function = self._functions + self._places[place]
        entry, name, file, tables, unit, line, trees = _FUNCTION.unpack_from(self._data, function)
        behind = function + _FUNCTION.size
        inlined = _word(self._data, behind + 4 * _INLINE_INDEX) if tables > _INLINE_INDEX else 0
        tree = _word(self._data, behind + 4 * (tables + _INLINE_TREE)) if trees > _INLINE_TREE else _NONE
        if tree == _NONE or not self._trees:
            return (GoCall(self._name(name), self._file(unit, self._value(file, 0)), line),)
        found: list[GoCall] = []
        while len(found) < _MOST_INLINED:
            index = self._value(inlined, offset - entry)
            at = self._file(unit, self._value(file, offset - entry))
            if index < 0:
                return (*found, GoCall(self._name(name), at, line))
            callee, parent, begins = _INLINED_CALL.unpack_from(self._trees, tree + _INLINED_CALL.size * index)
            found.append(GoCall(self._name(callee), at, begins))
            offset = entry + parent
        return tuple(found)

    def _name(self, place: int) -> str:
        return _text(self._data, self._names + place)

    def _file(self, unit: int, number: int) -> str:
        if number < 0:
            return ""
        place = _word(self._data, self._units + 4 * (unit + number))
        return "" if place == _NONE else _text(self._data, self._files + place)

    def _value(self, table: int, offset: int) -> int:
        """What a table says of an offset in its function: pairs of differences, of the value and of the offset."""
        if not table:
            return -1
        place = self._values + table
        value, at, first = -1, 0, True
        while True:
            step, place = read_varint(self._data, place)
            if not step and not first:
                return -1
            value += -(step >> 1) - 1 if step & 1 else step >> 1
            length, place = read_varint(self._data, place)
            at, first = at + length * self._quantum, False
            if offset < at:
                return value


def is_go(elf: Any) -> bool:
    """Whether it is a Go program."""
    return elf.get_section_by_name(".go.buildinfo") is not None


def _module(elf: Any) -> str:
    section = elf.get_section_by_name(".go.buildinfo")
    found = _MODULE.search(section.data()) if section else None
    return found[1].decode(errors="replace") if found else ""


def _places(elf: Any, table: int) -> tuple[int, int]:
    """The addresses of the code, and of what is known of inlined calls; 0 where they are unknown.

    table: the address of the table of functions, with which the linker's own record of the program begins.
    """
    for section in elf.iter_sections():
        if section["sh_type"] == "SHT_PROGBITS" and section["sh_flags"] & _WRITABLE:
            data = section.data()
            place = data.find(table.to_bytes(8, "little"))
            if place >= 0 and place + _RECORD_INLINED + 8 <= len(data):
                return _address(data, place + _RECORD_TEXT), _address(data, place + _RECORD_INLINED)
    return _symbol(elf, b"runtime.text"), _symbol(elf, b"go:func.*")


def _symbol(elf: Any, name: bytes) -> int:
    """The address of a symbol; 0 where it is unknown, as in a program without symbols."""
    symbols, strings = elf.get_section_by_name(".symtab"), elf.get_section_by_name(".strtab")
    if symbols is None or strings is None:
        return 0
    place = strings.data().find(b"\0" + name + b"\0") + 1
    return next((one[4] for one in _SYMBOL.iter_unpack(symbols.data()) if place and one[0] == place), 0)


def _bytes_from(elf: Any, address: int) -> bytes:
    """The contents of the section that holds this address, from there on."""
    for section in elf.iter_sections():
        start = section["sh_addr"]
        if address and section["sh_type"] == "SHT_PROGBITS" and start <= address < start + section["sh_size"]:
            return bytes(section.data()[address - start :])
    return b""


def _text(data: bytes, place: int) -> str:
    return data[place : data.index(b"\0", place)].decode(errors="replace")


def _address(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 8], "little")


def _word(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 4], "little")

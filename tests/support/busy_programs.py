"""Programs in which one function takes most of the CPU, in the languages that profilers are for."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

GO = """package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync/atomic"
)

var total atomic.Int64

func inner(number int) int {
	for i := 0; i < 20; i++ {
		number ^= number*i + 3
	}
	return number
}

func busy() {
	sum := 0
	for n := 0; n < 10000; n++ {
		sum += inner(n)
	}
	total.Add(int64(sum))
}

func main() {
	listener, _ := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	go http.Serve(listener, nil)
	fmt.Println("ready")
	for {
		busy()
	}
}
"""
NODE = """
function busy() {
  let total = 0
  for (let number = 0; number < 100000; number++) {
    total += number * number % 7
  }
  return total
}
function turn() {
  busy()
  setImmediate(turn)
}
turn()
console.log('ready')
"""
CLUSTER = """
const cluster = require('cluster')
if (cluster.isPrimary) {
  cluster.fork()
  cluster.fork()
  let online = 0
  cluster.on('online', () => ++online === 2 && console.log('ready'))
} else {
  console.log = () => {}
  require('./busy.js')
}
"""
JAVA = """
public class Busy {
    static int total;

    static void busy() {
        for (int number = 0; number < 100000; number++) {
            total += number * number % 7;
        }
    }

    public static void main(String[] words) {
        System.out.println("ready");
        while (true) {
            busy();
        }
    }
}
"""


def build_go(folder: Path, *options: str) -> Path:
    """The program of GO, built there."""
    (folder / "main.go").write_text(GO)
    (folder / "go.mod").write_text("module example.com/busy\n\ngo 1.21\n")
    subprocess.run([_program("go"), "build", *options, "-o", "program", "."], cwd=folder, check=True, timeout=600)
    return folder / "program"


@contextmanager
def running(command: Sequence[object], folder: Path, **variables: str) -> Iterator[subprocess.Popen]:
    """A process that has said that it is ready."""
    from tests.support.command import environment

    with subprocess.Popen(
        [str(word) for word in command], cwd=folder, env={**environment(), **variables}, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout.readline()
            yield process
        finally:
            process.kill()


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=f"/usr/local/{name}/bin")
    assert found, f"{name} is not installed"
    return found

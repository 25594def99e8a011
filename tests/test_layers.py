"""The house's walls: who may import whom, no cycles, no hidden imports, no torch where it is not needed.

The tables below are architecture's, written once more on purpose: to let a room import another is a decision, made
here.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import crosscodec

SOURCE = Path(crosscodec.__file__).parent
PACKAGE = "crosscodec"

# Rooms of our own that a room may import, besides `errors` and itself. "crosscodec" is the package's own __init__ (its
# version).
BASE = {"randomness", "files", "images"}
ROOMS = {
    "crosscodec": {"extras"},
    "__main__": {"cli"},
    "api": BASE | {"codec"},
    "errors": set(),
    "extras": set(),
    "randomness": {"extras"},
    "files": set(),
    "images": {"files", "extras"},
    "theory": set(),
    "bitstream": set(),
    "domains": BASE,
    "measure": {"randomness"},
    "codec": BASE | {"bitstream", "extras"},
    "learn": BASE | {"bitstream", "codec", "domains", "measure", "extras", "crosscodec"},
    "evaluate": BASE | {"codec", "domains", "measure", "extras", "crosscodec"},
    "sweep": {"files", "domains", "evaluate", "learn", "extras"},
    "simulate": {"randomness", "files", "bitstream", "theory"},
    "report": {"files"},
    "toy": {"randomness", "files", "bitstream", "codec", "learn", "evaluate", "simulate", "theory"},
    "repro": BASE
    | {
        "crosscodec",
        "codec",
        "domains",
        "measure",
        "evaluate",
        "learn",
        "report",
        "simulate",
        "theory",
        "toy",
        "extras",
    },
    "cli": BASE
    | {
        "bitstream",
        "codec",
        "domains",
        "measure",
        "evaluate",
        "sweep",
        "report",
        "repro",
        "theory",
        "simulate",
        "extras",
        "crosscodec",
    },
}

# Libraries that a room may import, besides numpy and the standard library.
LIBRARIES = {
    "randomness": {"scipy"},
    "images": {"PIL"},
    "theory": {"scipy"},
    "bitstream": {"constriction"},
    "domains": {"PIL", "skimage", "scipy"},
    "measure": {"skimage", "scipy"},
    "codec": {"onnxruntime"},
    "learn": {"torch", "accelerate", "safetensors", "onnx", "onnxruntime", "onnxscript", "sklearn", "PIL", "rich"}
    | {"scipy"},
    "evaluate": {"PIL"},
    "sweep": set(),
    "simulate": {"scipy", "constriction"},
    "toy": {"torch", "scipy"},
    "repro": set(),
    "report": {"PIL", "jinja2", "matplotlib", "plotly"},
    "cli": {"typer", "rich", "PIL"},
}


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(SOURCE.rglob("*.py"))


def module_name(path: Path) -> str:
    """The dotted name of a module's file."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The room that a module stands in: the second part of its name, or the package itself."""
    return module.split(".")[1] if "." in module else module


@cache
def tree(path: Path) -> ast.Module:
    """The parsed source of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def known_modules() -> frozenset[str]:
    """The dotted names of all modules of the package."""
    return frozenset(map(module_name, modules()))


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules that a module imports; `from a import b` is a.b where b is a module of ours."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full, not relative"
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & known_modules()
            yield from inner
            if len(inner) < len(node.names):
                yield node.module


def ours(path: Path) -> set[str]:
    """Modules of our own that a module imports."""
    return set(imported(path)) & known_modules()


def test_the_walls_have_a_module_behind_them():
    rooms = {room_of(module_name(path)) for path in modules()}
    assert {"errors", "randomness", "codec", "cli"} <= rooms
    assert rooms <= set(ROOMS), "a new room needs its row in ROOMS"


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_imports_stay_within_the_walls(path):
    room = room_of(module_name(path))
    used = {room_of(name) for name in ours(path)}
    forbidden = used - ROOMS[room] - {room, "errors"}
    assert not forbidden, f"{room} may not import {sorted(forbidden)}"


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_libraries_stay_where_they_belong(path):
    allowed = LIBRARIES.get(room_of(module_name(path)), set()) | {"numpy", PACKAGE} | sys.stdlib_module_names
    foreign = {name.partition(".")[0] for name in imported(path)} - allowed
    assert not foreign, f"{module_name(path)} imports {sorted(foreign)}"


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_imports_stand_at_the_top(path):
    at_top = {id(node) for node in tree(path).body}
    hidden = [
        n.lineno for n in ast.walk(tree(path)) if isinstance(n, ast.Import | ast.ImportFrom) and id(n) not in at_top
    ]
    assert not hidden, f"imports inside functions or conditions in lines {hidden}"


def test_late_imports_have_one_door():
    users = {module_name(p) for p in modules() if any(name.startswith("importlib.import_module") for name in calls(p))}
    assert users == {"crosscodec.extras"}


def calls(path: Path) -> Iterator[str]:
    """Dotted names of what a module calls."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_no_cycles():
    graph = {module_name(path): ours(path) - {module_name(path), PACKAGE} for path in modules()}
    done: set[str] = set()
    for start in graph:
        assert not (cycle := cycle_from(start, graph, done)), " -> ".join(cycle)


def cycle_from(start: str, graph: dict[str, set[str]], done: set[str]) -> list[str]:
    """A cycle that can be reached from a module, or an empty list; `done` gathers what leads to none."""
    path, pending = [start], [iter(sorted(graph[start]))]
    while path:
        step = next(pending[-1], None)
        if step is None:
            done.add(path.pop())
            pending.pop()
        elif step in path:
            return [*path[path.index(step) :], step]
        elif step not in done:
            path.append(step)
            pending.append(iter(sorted(graph[step])))
    return []


def test_the_cycle_finder_finds_cycles():
    assert cycle_from("a", {"a": {"b"}, "b": {"c"}, "c": {"a"}}, set()) == ["a", "b", "c", "a"]
    assert cycle_from("a", {"a": {"b", "c"}, "b": {"c"}, "c": set()}, set()) == []


@pytest.mark.parametrize(
    "path", [p for p in modules() if p.name not in ("__init__.py", "__main__.py")], ids=module_name
)
def test_every_module_has_its_twin(path):
    inside = path.relative_to(SOURCE)
    twin = Path(__file__).parent / inside.parent / f"test_{inside.name}"
    assert twin.is_file(), f"no {twin.relative_to(Path(__file__).parent.parent)}"


@pytest.mark.parametrize(
    "room",
    [
        "theory",
        "codec.encoding",
        "codec.decoding",
        "bitstream",
        "domains",
        "measure",
        "evaluate.photos",
        "report.photos",
        "cli.main",
        "api",
    ],
)
def test_a_room_loads_no_torch(room):
    loaded = modules_after_import(f"crosscodec.{room}")
    assert not loaded & {"torch", "onnx", "accelerate", "safetensors"}


def test_report_loads_no_codec():
    assert not modules_after_import("crosscodec.report.photos") & {"onnxruntime", "constriction"}


def test_the_overview_loads_no_command():
    loaded = modules_after_import("crosscodec.cli.main")
    assert not loaded & {"onnxruntime", "constriction", "skimage", "scipy", "numpy", "PIL"}


@pytest.mark.parametrize("module", ["crosscodec", "crosscodec.codec", "crosscodec.cli.inspecting"])
def test_info_loads_nothing_heavy(module):
    loaded = modules_after_import(module)
    assert not loaded & {"onnxruntime", "constriction", "skimage", "scipy", "numpy", "PIL", "rich", "distributed"}


def test_coding_loads_no_library_that_it_can_do_without():
    loaded = modules_after_import("crosscodec.cli.coding")
    assert not loaded & {"scipy", "skimage", "rich", "dask", "distributed", "matplotlib"}


def modules_after_import(module: str) -> set[str]:
    """Top-level modules that are loaded after importing one in a fresh interpreter."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())

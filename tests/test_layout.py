import ast
import configparser
import doctest
import importlib
import importlib.metadata
import inspect
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import keras
import pytest

import keras_fer

REPOSITORY = Path(__file__).parent.parent
PACKAGE = Path(keras_fer.__file__).parent

# A room imports only from rooms that stand below it.
ROOMS = (
    "cli",
    "recipes",
    "export",
    "inference",
    "visualization",
    "analysis",
    "evaluation",
    "trainers",
    "models",
    "metrics",
    "losses",
    "layers",
    "augmentation",
    "datasets",
    "faces",
)

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages([str(PACKAGE)], "keras_fer.")
    if "saved_models" not in module.name
)


def sources():
    return sorted(
        path.relative_to(PACKAGE)
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "saved_models"
    )


def room_of(module):
    return module.split(".")[1] if "." in module else ""


def imported_rooms(path):
    for node in ast.walk(ast.parse((PACKAGE / path).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "keras_fer":
                yield from (alias.name for alias in node.names)
            elif node.module.startswith("keras_fer."):
                yield room_of(node.module)
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            yield from (room_of(n) for n in names if n.startswith("keras_fer."))


def test_the_installed_package_is_tested():
    """What users install, not the checkout that pytest was called from."""
    for installed in importlib.metadata.distributions(name="keras_fer"):
        origin = json.loads(installed.read_text("direct_url.json") or "{}")
        if origin.get("dir_info", {}).get("editable"):
            pytest.skip("an editable installation is tested")
    assert "site-packages" in PACKAGE.parts


@pytest.mark.parametrize("path", sources(), ids=str)
def test_rooms_import_only_from_rooms_below(path):
    room = path.parts[0].removesuffix(".py")
    if room == "__init__":
        assert not list(imported_rooms(path))
        return
    for other in imported_rooms(path):
        if other in ROOMS:
            assert ROOMS.index(other) >= ROOMS.index(room), (
                f"{room} imports {other}"
            )
        else:
            assert other.startswith("__"), f"unknown room {other}"


@pytest.mark.parametrize("path", sources(), ids=str)
def test_every_source_file_has_its_test(path):
    if path.name == "__init__.py":
        return
    tests = REPOSITORY / "tests" / path.parent
    if path.parts[0] == "recipes" and path.stem.startswith(
        ("zero_bias", "daf_cnn", "resnet18", "ddamfn")
    ):
        text = (tests / "test_run.py").read_text()
        assert f'smoke("{path.stem}"' in text
    elif path.parts[0] == "recipes" and path.stem.startswith(
        ("emma_ferplus", "emma_procedural", "emma_raf_db")
    ):
        assert f'"{path.stem}"' in (tests / "test_emma_recipes.py").read_text()
    elif path.parts[0] == "recipes" and path.stem.startswith(
        ("vae_", "fader_", "expression_", "action_units_")
    ):
        text = (tests / "test_generative_recipes.py").read_text()
        assert f'"{path.stem}"' in text
    elif path.parts[0] == "recipes" and path.stem.startswith(
        ("siamese_ck", "siamese_fer")
    ):
        assert f'"{path.stem}"' in (tests / "test_siamese.py").read_text()
    elif path.parts[0] == "recipes" and path.stem.startswith("cake"):
        assert f'"{path.stem}"' in (tests / "test_compact.py").read_text()
    else:
        assert (tests / f"test_{path.name}").is_file()


@pytest.mark.parametrize("name", MODULES)
def test_every_public_class_is_documented_and_serializable(name):
    module = importlib.import_module(name)
    assert module.__doc__
    for public, value in vars(module).items():
        if (
            public.startswith("_")
            or getattr(value, "__module__", None) != name
            or not (inspect.isclass(value) or inspect.isfunction(value))
        ):
            continue
        assert inspect.getdoc(value), f"{public} has no docstring"
        if inspect.isclass(value) and issubclass(
            value,
            (
                keras.layers.Layer,
                keras.losses.Loss,
                keras.metrics.Metric,
                keras.optimizers.Optimizer,
            ),
        ):
            registered = keras.saving.get_registered_name(value)
            assert registered == f"keras_fer>{public}"


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


@pytest.mark.parametrize("room", [r for r in ROOMS if r != "cli"])
def test_rooms_offer_what_they_list(room):
    module = importlib.import_module(f"keras_fer.{room}")
    for name in module.__all__:
        assert hasattr(module, name)
    assert sorted(module.__all__) == list(module.__all__)


def test_every_folder_is_in_the_package_list():
    config = configparser.ConfigParser()
    config.read(REPOSITORY / "setup.cfg")
    listed = config["options"]["packages"].split()
    folders = {
        ".".join(("keras_fer", *path.parent.parts)) for path in sources()
    }
    assert set(listed) == folders | {"keras_fer.saved_models"}


def test_importing_takes_neither_tensorflow_nor_opencv():
    code = (
        "import sys, keras_fer, keras_fer.datasets, keras_fer.faces, "
        "keras_fer.inference, "
        "keras_fer.evaluation, keras_fer.visualization, keras_fer.cli; "
        "heavy = {'tensorflow', 'keras', 'cv2', 'matplotlib'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

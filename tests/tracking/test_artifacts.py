from __future__ import annotations

import io

import numpy as np
import yaml
from PIL import Image

from depsim.execution.course import Outcome
from depsim.model.masks import pack
from depsim.tracking.artifacts import config_yaml, individuals_table, layer_table, masks_image, panel_position

FIRST = np.array([[True, True], [False, True]])
SECOND = np.array([[True, False, False, False]])
MASKS = pack({"depressed": (FIRST, SECOND), "treated": (np.ones_like(FIRST), SECOND)})


def test_the_layer_table_counts() -> None:
    outcome = Outcome(seed=1, metrics={}, curves={}, masks=MASKS, notes=())
    assert layer_table(outcome).decode().splitlines() == [
        "stage,layer,weights,kept,sparsity",
        "depressed,1,4,3,25.0",
        "depressed,2,4,1,75.0",
        "treated,1,4,4,0.0",
        "treated,2,4,1,75.0",
    ]


def test_the_table_of_individuals_leaves_blank_what_was_not_measured() -> None:
    table = individuals_table([(3, "k3", "r3", {"a": 1.5}), (4, "k4", "r4", {"a": 2.0, "b": 0.1})])
    assert table.decode().splitlines() == ["seed,run_key,run_id,a,b", "3,k3,r3,1.5,", "4,k4,r4,2.0,0.1"]


def test_the_configuration_can_be_read_safely() -> None:
    config = {"study": "größe", "cohort": {"seeds": [1, 2], "hold": None}, "rate": 5e-4, "yes": "no"}
    assert yaml.safe_load(config_yaml(config)) == config
    assert config_yaml(config) == yaml.safe_dump(config, sort_keys=False, allow_unicode=True).encode()


def test_the_picture_is_a_png_of_moderate_size() -> None:
    wide = np.random.RandomState(0).rand(512, 512) < 0.05
    png = masks_image(pack(dict.fromkeys(("depressed", "treated", "relapsed"), (FIRST, wide))), "title")
    assert png.startswith(b"\x89PNG\r\n")
    assert len(png) < 500_000


def test_the_picture_shows_each_stage_and_layer_dark_where_there_are_synapses() -> None:
    wide = np.zeros((512, 512), dtype=bool)
    wide[:256] = True
    wide[256:, ::2] = True
    png = masks_image(pack({"depressed": (FIRST, wide), "treated": (~FIRST, ~wide)}), "title")
    pixels = np.asarray(Image.open(io.BytesIO(png)))
    panels = {
        place: pixels[y : y + 256, x : x + 256] for place in np.ndindex(2, 2) for x, y in [panel_position(*place)]
    }
    first = panels[0, 0]
    assert [int(first[y, x]) for y in (64, 192) for x in (64, 192)] == [0, 0, 255, 0]
    assert [int(panels[1, 0][y, x]) for y in (64, 192) for x in (64, 192)] == [255, 255, 0, 255]
    assert set(np.unique(panels[0, 1][:128])) == {0}
    assert set(np.unique(panels[0, 1][128:])) <= {127, 128}  # every other synapse, on half as many pixels
    assert set(np.unique(panels[1, 1][:128])) == {255}
    assert (pixels[:20] < 128).any()


def test_the_papers_masks_take_little_room() -> None:
    """Half of what was lost regrows at random: nothing can pack that better than a bit a candidate."""
    random = np.random.RandomState(0)
    stages: dict[str, list[np.ndarray]] = {"healthy": [], "depressed": [], "treated": [], "relapsed": []}
    for shape in ((512, 2), (512, 512), (256, 512), (4, 256)):
        depressed = random.rand(*shape) < 0.05
        treated = depressed | (random.rand(*shape) < 0.5)
        chosen = (np.ones(shape, dtype=bool), depressed, treated, treated & (random.rand(*shape) < 0.6))
        for masks, mask in zip(stages.values(), chosen, strict=True):
            masks.append(mask)
    assert len(pack(stages)) < 100_000

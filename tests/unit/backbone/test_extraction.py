"""What an extraction refuses before anything is computed."""

import pytest

from fewshot.backbone.extraction import check_layer
from fewshot.errors import InputError

BACKBONE = {
    "network": "Net",
    "prefix_tokens": 0,
    "layers": {**{f"conv_{n}": [8, 8, 4] for n in range(9)}, "flat": [256], "fc": [10]},
}


@pytest.mark.parametrize(
    ("layer", "spatial", "message"),
    [
        ("conv_x", False, r"one of Net's\. Received: conv_x\. Hint: did you mean conv_8\?$"),
        ("other", False, r"Received: other\. Hint: try conv_6, conv_7, conv_8, flat, fc\.$"),
        (
            "fc",
            True,
            r"Net's with height, width and channels\. Received: fc\. Hint: try .*, conv_8\.$",
        ),
    ],
)
def test_a_layer_that_a_network_lacks_is_told(layer, spatial, message):
    with pytest.raises(InputError, match=message):
        check_layer(layer, BACKBONE, spatial=spatial)
    check_layer("conv_1", BACKBONE, spatial=spatial)

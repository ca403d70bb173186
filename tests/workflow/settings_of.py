"""What `weights` is told of a network, as a study that says no more would have it."""


def settings_of(network, source="none", **changes):
    """Settings of a network whose weights are `source`; what is not given is the network's own."""
    own = ("include_top", "sha256", "image_size", "resize", "interpolation", "crop_fraction")
    settings = {"network": network, "weights": str(source), **dict.fromkeys(own)}
    return settings | {"include_top": True} | changes

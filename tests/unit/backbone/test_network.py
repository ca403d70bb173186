"""What sources of networks have in common."""


def test_layers_of_no_fixed_shape_or_of_several_outputs_cannot_be_read():
    import keras

    from fewshot.backbone.sources.network import named_outputs

    class Both(keras.layers.Layer):
        def call(self, x):
            return [x, -x]

    images = keras.Input((None, None, 3), name="images")
    maps = keras.layers.Conv2D(4, 3, name="maps")(images)
    means = keras.layers.GlobalAveragePooling2D(name="means")(maps)
    one, _ = Both(name="both")(means)
    model = keras.Model(images, keras.layers.Dense(2, name="dense")(one))
    shapes = {name: tensor.shape[1:] for name, tensor in named_outputs(model).items()}
    assert shapes == {"means": (4,), "dense": (2,)}


def test_names_begin_anew_and_the_precision_stays():
    import keras

    from fewshot.backbone.sources.network import begin_names

    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        begin_names()
        first = keras.layers.Dense(1).name
        begin_names()
        assert keras.layers.Dense(1).name == first
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy(before)

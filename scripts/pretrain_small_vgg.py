"""Pretrain SmallVGG on characters of scripts that the demo's tasks do not use."""

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from fewshot.data.characters import PRETRAINING, draw_alphabets


def _draw(seed, per_class):
    return draw_alphabets(PRETRAINING, per_class, np.random.default_rng(seed))


def pretrain_small_vgg(
    *, weights_path, history_path, rounds, images_per_class, batch_size, learning_rate, seed
):
    """Train SmallVGG on newly drawn images in every round and save its weights.

    Parameters
    ----------
    weights_path, history_path : str
        Files written: Keras weights (".weights.h5"), and loss and accuracy of each round (JSON).
    rounds : int
        Each shows the network `images_per_class` new images of every character once.
    images_per_class : int
    batch_size : int
    learning_rate : float
        Peak of a cosine schedule with a warm-up of one round, for AdamW.
    seed : int
    """
    import keras

    from fewshot.backbone.sources.small_vgg import SmallVGG, fold_normalization, preprocess_input

    keras.utils.set_random_seed(seed)
    model = SmallVGG(normalized=True)
    steps = -(-model.output_shape[-1] * images_per_class // batch_size)
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate / 20,
        decay_steps=(rounds - 1) * steps,
        warmup_target=learning_rate,
        warmup_steps=steps,
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=1e-4, clipnorm=1.0),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # XLA takes three times as long on a CPU
    )
    history = []
    # Another process draws the next round while the network trains on this one.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        drawn = pool.submit(_draw, (seed, 0), images_per_class)
        for round_number in range(1, rounds + 1):
            images, labels = drawn.result()
            drawn = pool.submit(_draw, (seed, round_number), images_per_class)
            x = preprocess_input(images.astype(np.float32))
            fit = model.fit(x, labels, batch_size=batch_size, verbose=0).history
            history.append({name: values[0] for name, values in fit.items()})
            print(f"round {round_number}/{rounds}: {history[-1]}", flush=True)
        images, labels = drawn.result()  # images that no round has shown
    plain = fold_normalization(model)
    plain.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    loss, accuracy = plain.evaluate(preprocess_input(images.astype(np.float32)), labels, verbose=0)
    print(f"unseen images: loss {loss:.3f}, accuracy {accuracy:.3f}", flush=True)
    plain.save_weights(weights_path)
    summary = {"rounds": history, "unseen": {"loss": loss, "accuracy": accuracy}}
    Path(history_path).write_text(json.dumps(summary, indent=1))


def main(snakemake):
    """Do what the rule says."""
    pretrain_small_vgg(
        **snakemake.params.arguments,
        weights_path=snakemake.output.weights,
        history_path=snakemake.output.history,
    )

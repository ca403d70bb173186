"""A grid point: where its files lie, and how tables and readers name it."""

from typing import NamedTuple


def write_temperature(temperature):
    """Write T in its one form, as paths and tables have it.

    Parameters
    ----------
    temperature : float or str

    Returns
    -------
    str

    Examples
    --------
    >>> write_temperature(1.0), write_temperature("1"), write_temperature(0.5)
    ('1', '1', '0.5')
    """
    return f"{float(temperature):g}"


def name_factor(factor, value):
    """Write one factor of a grid point as a reader calls it.

    Parameters
    ----------
    factor : str
        A field of `Point`.
    value : object

    Returns
    -------
    str

    Examples
    --------
    >>> name_factor("temperature", 2.0), name_factor("shots", 8), name_factor("layer", "fc2")
    ('T 2', '8-shot', 'fc2')
    """
    if factor == "temperature":
        return f"T {write_temperature(value)}"
    return f"{value}-shot" if factor == "shots" else str(value)


SOFTENED = "predictions"  # the layer that knows T: the backbone's own class probabilities


class Point(NamedTuple):
    """A head of a study, on a layer at a temperature, with a number of shots.

    Attributes
    ----------
    dataset, backbone, layer : str
    temperature : str
        T of the class probabilities, as `write_temperature` writes it; "1" on all other layers.
    shots : int
        Training images of each class.
    head : str
    """

    dataset: str
    backbone: str
    layer: str
    temperature: str
    shots: int
    head: str

    @property
    def line(self):
        """What it shares with points that differ in shots alone: itself, with "" for these."""
        return self._replace(shots="")

    @property
    def activations(self):
        """Folder of what the backbone says of the dataset."""
        return f"results/{self.dataset}/{self.backbone}"

    @property
    def folder(self):
        """Folder of the coordinates that the head reads, and of all heads that read them."""
        return f"{self.activations}/{self.layer}/T{self.temperature}"

    def file(self, ending):
        """Path of a file of the head.

        Parameters
        ----------
        ending : str
            Such as ".csv".

        Returns
        -------
        str

        Examples
        --------
        >>> Point("birds", "vgg16", "fc2", "1", 8, "sgd").file(".csv")
        'results/birds/vgg16/fc2/T1/8-shot/sgd.csv'
        """
        return f"{self.folder}/{self.shots}-shot/{self.head}{ending}"

    @property
    def key(self):
        """Its place in a table: all fields as text."""
        return tuple(map(str, self))

    def label(self, *factors):
        """Name it by some of its factors.

        Parameters
        ----------
        *factors : str
            Fields; T is left out on layers that know none.

        Returns
        -------
        str

        Examples
        --------
        >>> Point("birds", "vgg16", "fc2", "1", 8, "sgd").label("layer", "temperature", "shots")
        'fc2 · 8-shot'
        """
        return " · ".join(
            name_factor(factor, getattr(self, factor))
            for factor in factors
            if factor != "temperature" or self.layer == SOFTENED
        )

    @property
    def name(self):
        """Name of its files where all of a dataset lie in one folder.

        Examples
        --------
        >>> Point("birds", "vgg16", "fc2", "1", 8, "sgd").name
        'vgg16__fc2__T1__8-shot__sgd'
        """
        return f"{self.backbone}__{self.layer}__T{self.temperature}__{self.shots}-shot__{self.head}"


KEYS = Point._fields
FACTORS = KEYS[1:]  # in which the grid points of a dataset can differ

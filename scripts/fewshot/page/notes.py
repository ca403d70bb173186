"""What the logs of a dataset's first stages want a person to know of its images."""

from pathlib import Path

from fewshot.job import NOTE

_STAGES = "fetch", "scan"  # whose logs lie beside the manifest


def read_notes(manifest_path):
    """Read the notes of the logs beside a manifest.

    Parameters
    ----------
    manifest_path : str or Path

    Returns
    -------
    list of str
        Without what they begin with. None where a log is gone: it is nobody's input.
    """
    logs = (Path(manifest_path).with_name(f"{stage}.log") for stage in _STAGES)
    lines = (
        line
        for log in logs
        if log.exists()
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
    )
    return [line.removeprefix(NOTE) for line in lines if line.startswith(NOTE)]

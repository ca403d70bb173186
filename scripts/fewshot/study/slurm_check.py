"""Asks Slurm, before anything is submitted, whether it would take the jobs of a study.

A job that it never can start is refused three times or waits in the queue for ever; here it is one
line at once, with the name of what to change.
"""

import subprocess

from fewshot.study.config_errors import line

_WHERE = {False: "FEWSHOT_PARTITION", True: "FEWSHOT_GPU_PARTITION"}


def refusals(jobs):
    """Kinds of jobs that Slurm would refuse.

    Parameters
    ----------
    jobs : iterable of snakemake.jobs.Job or snakemake.jobs.GroupJob
        Those that run locally are left out.

    Returns
    -------
    list of str
        One line each, with Slurm's own words and a hint.
    """
    kinds = {}
    for job in jobs:
        if not job.is_local:
            names = ("slurm_partition", "slurm_account", "gpu", "mem_mb", "runtime")
            wanted = {name: job.resources.get(name) for name in names}
            kinds.setdefault((*wanted.items(), ("cores", job.threads)), job.name)
    answer = _ask("sinfo", "--noheader")
    if kinds and answer.returncode:
        hint = "start Snakemake where Slurm's commands work, such as a login node"
        return [line(["sinfo"], "Slurm must answer", " ".join(answer.stderr.split()), hint)]
    found = [_refusal(rule, dict(kind)) for kind, rule in kinds.items()]
    return list(dict.fromkeys(filter(None, found)))


def _refusal(rule, wanted):
    partition, account = wanted["slurm_partition"], wanted["slurm_account"]
    place = [_WHERE[bool(wanted["gpu"])]]
    known = sorted(set(_ask("sinfo", "--noheader", "--format=%R").stdout.split()))
    if unknown := [each for each in partition.split(",") if each not in known]:
        hint = f"Slurm has {', '.join(known)}"
        return line(place, "no such partition", ", ".join(unknown), hint)
    asked = "sinfo", "--noheader", "--format=%l", f"--partition={partition}"
    limit = max(_ask(*asked).stdout.split(), key=_minutes, default="infinite")
    if (wanted["runtime"] or 0) > _minutes(limit):
        hint = f"the partition allows {limit}; see set-resources, group-components in the profile"
        return line([rule, "runtime"], "too long for its partition", wanted["runtime"], hint)
    answer = _ask("sbatch", "--test-only", *_options(wanted), "--wrap=true")
    words = " ".join(answer.stderr.split())
    if answer.returncode == 0:
        return None
    if "account" in words.lower():
        hint = f"set it to one of yours; Slurm says: {words}"
        return line(
            ["FEWSHOT_ACCOUNT"], "Slurm wants an account that it knows", account or "nothing", hint
        )
    if _ask("sinfo", "-Nh", "--dead", f"--partition={partition}", "--format=%N").stdout.split():
        # Nodes that are down now may be what it lacks: the job waits for them in the queue.
        return None
    received = " ".join(_options(wanted))
    hint = f"set-resources and set-threads in the profile; Slurm says: {words}"
    return line([rule], "no node of Slurm can run this", received, hint)


def _options(wanted):
    written = {
        "--partition": wanted["slurm_partition"],
        "--account": wanted["slurm_account"],
        "--gpus": wanted["gpu"],
        "--mem": wanted["mem_mb"],
        "--time": wanted["runtime"],
        "--cpus-per-task": wanted["cores"],
    }
    return [f"{option}={value}" for option, value in written.items() if value]


def _minutes(limit):
    """Minutes of Slurm's [days-]hours:minutes:seconds, which shortens from the left."""
    if limit in ("infinite", "n/a"):
        return float("inf")
    days, _, clock = limit.rpartition("-")
    hours, minutes, _ = [0, 0, *map(int, clock.split(":"))][-3:]
    return (int(days or 0) * 24 + hours) * 60 + minutes


def _ask(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))

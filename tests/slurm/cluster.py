"""A Slurm of one node with four stand-in GPUs, started for the tests and removed after them."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

# Slurm's own job steps forget SLURM_CONF: the configuration must lie where it was built to look.
FOLDER = Path("/etc/slurm")
BINARIES = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo")
OURS = "# Written by the tests of the few-shot workflow; removed when they end."
GPUS = 4
# What centres do where accounts are charged; lua skips a first line that starts with "#".
SUBMIT = """{ours}
function slurm_job_submit(job, partitions, user)
  if {wants_accounts} and job.account == nil then
    slurm.log_user("this cluster charges accounts, say which")
    return slurm.ERROR
  end
  return slurm.SUCCESS
end
function slurm_job_modify(job, record, partitions, user)
  return slurm.SUCCESS
end
return slurm.SUCCESS
"""
NODE = socket.gethostname().split(".")[0]


def files(run):
    """Texts of the files in /etc/slurm, for a cluster that keeps the rest in a folder `run`."""
    # The cores are said to be more than there are, so that jobs wait for GPUs and not for cores.
    slurm = f"""{OURS}
ClusterName=fewshot
SlurmctldHost={NODE}(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket={run}/munge.socket
StateSaveLocation={run}/state
SlurmdSpoolDir={run}/spool
SlurmctldPidFile={run}/slurmctld.pid
SlurmdPidFile={run}/slurmd.pid
SlurmctldLogFile={run}/slurmctld.log
SlurmdLogFile={run}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_min_interval=200000,batch_sched_delay=0
JobSubmitPlugins=lua
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
KillWait=2
GresTypes=gpu
NodeName={NODE} NodeAddr=127.0.0.1 CPUs=32 RealMemory=512000 Gres=gpu:{GPUS} State=UNKNOWN
PartitionName=shared Nodes={NODE} Default=YES MaxTime=2-0 State=UP
PartitionName=compute Nodes={NODE} MaxTime=2-0 State=UP
PartitionName=gpu-shared Nodes={NODE} MaxTime=2-0 State=UP
"""
    is_unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    return {
        "slurm.conf": slurm,
        "gres.conf": f"{OURS}\nNodeName={NODE} Name=gpu File=/dev/tty[0-{GPUS - 1}]\n",
        "cgroup.conf": f"{OURS}\nCgroupPlugin=cgroup/v{2 if is_unified else 1}\n",
        "job_submit.lua": SUBMIT.format(ours=OURS, wants_accounts="false"),
    }


def why_not():
    """Say why no cluster can be started here, or return an empty text."""
    missing = [name for name in BINARIES if not shutil.which(name, path=search_path())]
    if missing:
        return f"no Slurm here ({', '.join(missing)}): install slurmctld slurmd slurm-client munge"
    if os.geteuid() != 0:
        return "only root can start the Slurm daemons of the tests"
    if any(not Path(f"/dev/tty{number}").exists() for number in range(GPUS)):
        return "no /dev/tty0 to /dev/tty3, which stand in for GPUs"
    for name in files("/"):
        if (FOLDER / name).exists() and not is_ours(FOLDER / name):
            return f"this machine has a Slurm of its own ({FOLDER / name})"
    if is_ours(FOLDER / "slurm.conf") and answers():
        return "another run of these tests has its Slurm up"
    return ""


def search_path():
    """Daemons lie in sbin, which not every PATH has."""
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def is_ours(path):
    return path.is_file() and path.read_text().startswith(OURS)


def answers():
    return subprocess.run(["scontrol", "ping"], capture_output=True, check=False).returncode == 0


class Cluster:
    """The daemons. `start` waits until the node takes jobs, `stop` leaves nothing behind."""

    def start(self):
        self.run = Path(tempfile.mkdtemp(prefix="fewshot-slurm-"))
        self.run.chmod(0o755)
        (self.run / "state").mkdir()
        (self.run / "spool").mkdir()
        self.daemons = {}
        for name, text in files(self.run).items():
            FOLDER.mkdir(exist_ok=True)
            (FOLDER / name).write_text(text)
        key = self.run / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self._start(
            "munged",
            *("--foreground", "--force", "--key-file", key),
            *("--socket", self.run / "munge.socket", "--pid-file", self.run / "munged.pid"),
            *("--seed-file", self.run / "munged.seed", "--log-file", self.run / "munged.log"),
        )
        wait(lambda: (self.run / "munge.socket").exists(), 10, "munged")
        self._start("slurmctld", "-D", "-i", "-c")
        wait(answers, 20, "slurmctld")
        self.start_node()

    def start_node(self):
        """Start slurmd and wait until its node takes jobs."""
        self._start("slurmd", "-D", "-c", "-N", NODE)
        wait(lambda: self.node_state() in ("idle", "mixed"), 30, "slurmd")

    def restart_node(self):
        """Bring a node that is down back: its slurmd has to report itself anew."""
        self.daemons["slurmd"].terminate()
        self.daemons["slurmd"].wait(timeout=10)
        self.start_node()

    def want_accounts(self, wants):
        """Refuse jobs without an account, or take them again; Slurm reads the file anew."""
        text = SUBMIT.format(ours=OURS, wants_accounts="true" if wants else "false")
        (FOLDER / "job_submit.lua").write_text(text)

    def node_state(self):
        return slurm("sinfo", "--noheader", "--format=%T", "--partition=shared").strip()

    def _start(self, name, *arguments):
        with open(self.run / f"{name}.out", "wb") as out:
            self.daemons[name] = subprocess.Popen(
                [shutil.which(name, path=search_path()), *map(str, arguments)],
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def cancel_all(self):
        """Cancel every job and wait until none is left."""
        slurm("scancel", "--user=root", "--quiet")
        wait(lambda: not slurm("squeue", "--noheader").strip(), 30, "the queue to be empty")

    def stop(self):
        """End the daemons, the last first, and remove what was written."""
        if "slurmd" in self.daemons and answers():
            self.cancel_all()
        for daemon in reversed(self.daemons.values()):
            daemon.terminate()
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        for name in files("/"):
            if is_ours(FOLDER / name):
                (FOLDER / name).unlink()
        shutil.rmtree(self.run, ignore_errors=True)


def slurm(*command):
    """Run a command of Slurm and return what it prints."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def wait(condition, seconds, what):
    """Return the first true value of `condition`, which must come within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    raise TimeoutError(f"waited {seconds} s for {what}")

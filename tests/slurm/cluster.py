"""A Slurm of one node with four stand-in GPUs, started for the tests and removed after them."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

# Slurm's own job steps forget SLURM_CONF: the configuration must lie where it was built to look.
FOLDER = Path("/etc/slurm")
BINARIES = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo")
FILES = ("slurm.conf", "gres.conf", "cgroup.conf", "job_submit.lua")
OURS = "# Written by the tests of the few-shot workflow; removed when they end."
GPUS = 4
# How the command lines of the daemons begin; slurmctld has a second process. They outlive the jobs.
DAEMONS = ("/usr/sbin/munged", "/usr/sbin/slurmctld", "slurmctld:", "/usr/sbin/slurmd ")
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


def files(run, cores):
    """Texts of the files in /etc/slurm, for a cluster that keeps the rest in a folder `run`.

    A job of the partition urgent takes the place of others, and they go back to the queue; unlike
    Slurm's own default only those that ask for it.
    """
    slurm = f"""{OURS}
ClusterName={run.name}
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
ProctrackType=proctrack/pgid
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
MinJobAge=3600
JobRequeue=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
GresTypes=gpu
NodeName={NODE} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=512000 Gres=gpu:{GPUS} State=UNKNOWN
PartitionName=shared Nodes={NODE} Default=YES MaxTime=2-0 State=UP
PartitionName=compute Nodes={NODE} MaxTime=2-0 State=UP
PartitionName=gpu-shared Nodes={NODE} MaxTime=2-0 State=UP
PartitionName=urgent Nodes={NODE} MaxTime=2-0 State=UP PriorityTier=2 PreemptMode=OFF
"""
    is_unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    cgroup = "v2\nIgnoreSystemdOnFailure=yes" if is_unified else "v1"
    return {
        "slurm.conf": slurm,
        "gres.conf": f"{OURS}\nNodeName={NODE} Name=gpu File=/dev/tty[0-{GPUS - 1}]\n",
        "cgroup.conf": f"{OURS}\nCgroupPlugin=cgroup/{cgroup}\n",
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
    for name in FILES:
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
    """The daemons. `start` waits until the node takes jobs, `stop` leaves nothing behind.

    Parameters
    ----------
    cores : int, default 128
        Said to be more than there are, so that the jobs of a test wait for GPUs and not for cores.
    """

    def __init__(self, cores=128):
        self.cores = cores
        self.daemons = {}

    def start(self):
        self.run = Path(tempfile.mkdtemp(prefix="fewshot-slurm-"))
        self.run.chmod(0o755)
        (self.run / "state").mkdir()
        (self.run / "spool").mkdir()
        for name, text in files(self.run, self.cores).items():
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
        self._wait_for("munged", lambda: (self.run / "munge.socket").exists())
        self._start("slurmctld", "-D", "-i", "-c")
        self._wait_for("slurmctld", answers)
        self.start_node()

    def start_node(self):
        """Start slurmd and wait until its node takes jobs."""
        self._start("slurmd", "-D", "-c", "-N", NODE)
        self._wait_for("slurmd", lambda: self.node_state() in ("idle", "mixed"))

    def lose_node(self):
        """Let the node go down as without power: no job on it has a chance to end in order."""
        # All at once: stopped first, none can report the end of another.
        for sent in (signal.SIGSTOP, signal.SIGKILL):
            for process, command in self.processes().items():
                if not command.startswith(DAEMONS):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, sent)
        slurm("scontrol", "update", f"NodeName={NODE}", "State=down", "Reason=test")

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

    def processes(self):
        """Numbers and commands of the daemons and all that they or jobs started, orphans too."""
        mark = f"SLURM_CLUSTER_NAME={self.run.name}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                files = [os.readlink(link) for link in (folder / "fd").iterdir()]
                is_marked = mark in (folder / "environ").read_bytes().split(b"\0")
                # slurmstepd has no environment, but logs beside slurmd.
                if is_marked or any(file.startswith(f"{self.run}/") for file in files):
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(folder.name)] = command.decode(errors="replace")
            except OSError:
                continue
        return found

    def _start(self, name, *arguments):
        with open(self.run / f"{name}.out", "wb") as out:
            self.daemons[name] = subprocess.Popen(
                [shutil.which(name, path=search_path()), *map(str, arguments)],
                # Slurm gives it to jobs; here it marks the daemons too.
                env=os.environ | {"SLURM_CLUSTER_NAME": self.run.name},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_for(self, name, is_up):
        try:
            wait(is_up, 120, name)
        except TimeoutError as error:
            error.add_note((self.run / f"{name}.out").read_text()[-2000:])
            raise

    def cancel_all(self):
        """Cancel every job and wait until none is left."""
        slurm("scancel", "--user=root", "--quiet")
        wait(lambda: not slurm("squeue", "--noheader").strip(), 90, "the queue to be empty")

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
        left = self.processes()
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for name in FILES:
            if is_ours(FOLDER / name):
                (FOLDER / name).unlink()
        shutil.rmtree(self.run)
        assert not left, f"still there after the cluster was stopped: {left}"


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

"""What a job may still take, by the machine and by limits that are really set."""

import os
import re
import subprocess
import sys

import pytest

from fewshot.errors import InputError
from fewshot.memory import _of_group, available_memory, check_memory

LIMITED = """
import resource, sys
from fewshot.memory import available_memory, check_memory
resource.setrlimit(resource.RLIMIT_AS, (4 * 10**9, 4 * 10**9))
print(available_memory())
check_memory(int(float(sys.argv[1])), "Numbers", "take fewer")
bytearray(int(float(sys.argv[1])))  # so much there really is
"""


def limited(needed):
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(needed)],
        env=os.environ | {"PYTHONPATH": "scripts"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_more_is_available_than_the_machine_has():
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 0 < available_memory() <= pages


def test_what_fits_is_let_pass_and_what_does_not_is_refused():
    check_memory(1, "Numbers", "take fewer")
    told = r"^Numbers must fit into memory\. Received: 1,000\.0 GB needed, [\d.,]+ GB available\. "
    with pytest.raises(InputError, match=told + r"Hint: take fewer\.$"):
        check_memory(10**12, "Numbers", "take fewer")


def test_a_limit_of_the_process_counts():
    done = limited(2e8)
    assert done.returncode == 0, done.stderr
    assert 0 < int(done.stdout) < 4 * 10**9
    refused = limited(4.1e9)
    assert re.search(r"Received: 4\.1 GB needed, [34]\.\d GB available", refused.stderr)


@pytest.mark.parametrize(
    ("limit", "used", "told"),
    [
        # By the kernel's documentation of memory controllers, versions 2 and 1.
        ("memory.max", "memory.current", "anon 300\ninactive_file 60\nactive_file 40\n"),
        (
            *("memory.limit_in_bytes", "memory.usage_in_bytes"),
            "inactive_file 1\nactive_file 2\ntotal_inactive_file 60\ntotal_active_file 40\n",
        ),
    ],
)
def test_a_control_group_leaves_what_it_has_not_used_but_for_files(tmp_path, limit, used, told):
    (tmp_path / limit).write_text("1000\n")
    (tmp_path / used).write_text("400\n")
    (tmp_path / "memory.stat").write_text(told)
    assert _of_group((tmp_path, limit, used)) == 1000 - 400 + 100


def test_a_control_group_without_a_limit_says_nothing(tmp_path):
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("400\n")
    assert _of_group((tmp_path, "memory.max", "memory.current")) is None
    assert _of_group((tmp_path / "none", "memory.max", "memory.current")) is None

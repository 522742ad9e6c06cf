"""What a role frees goes back to the system."""

import ctypes
import unittest

from tests_ap.environment import run_python

SCRIPT = """
import ctypes, time
from pathlib import Path
from conversation_genome import process_memory

def resident():
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024

process_memory.share_heaps()
{start}
blocks = [bytes(1500) for _ in range(80_000)]
full = resident()
last = blocks[-1]
del blocks
deadline = time.monotonic() + {seconds}
while time.monotonic() < deadline and resident() > full - 60:
    time.sleep(0.05)
print(round(full - resident()))
"""

CIRCLE = """
import gc, time, weakref
from conversation_genome import process_memory

class Thing:
    pass

gc.set_threshold(1_000_000)
thing = Thing()
thing.itself = thing
known = weakref.ref(thing)
del thing
assert known() is not None
process_memory.return_freed_memory(0.1)
deadline = time.monotonic() + 30
while known() is not None and time.monotonic() < deadline:
    time.sleep(0.05)
print("gone" if known() is None else "there")
"""


@unittest.skipUnless(hasattr(ctypes.CDLL(None), "malloc_trim"), "the C library is not glibc")
class FreedMemory(unittest.TestCase):
    def megabytes_back(self, start: str, seconds: float) -> int:
        done = run_python("-c", SCRIPT.format(start=start, seconds=seconds))
        self.assertEqual(done.returncode, 0, done.stderr)
        return int(done.stdout)

    def test_is_kept_below_one_block_that_lives_on(self) -> None:
        self.assertLess(self.megabytes_back("", 0.3), 30)

    def test_goes_back_where_a_role_returns_it(self) -> None:
        self.assertGreater(self.megabytes_back("process_memory.return_freed_memory(0.1)", 20), 60)

    def test_what_ends_in_a_circle_is_collected_though_python_would_wait(self) -> None:
        done = run_python("-c", CIRCLE)
        self.assertEqual((done.returncode, done.stdout), (0, "gone\n"))


if __name__ == "__main__":
    unittest.main()

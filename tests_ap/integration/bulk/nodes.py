"""Two Ray nodes on this machine, on the loopback address alone, and what a run over them says; stops what it started.

Run as a program: `python -m tests_ap.integration.bulk.nodes ARGUMENTS...` gives `cgp bulk ARGUMENTS --address ...`.
"""

import os
import subprocess
import sys

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
from ray.cluster_utils import Cluster  # the two settings are read when Ray is imported

NODE = {"num_cpus": 1, "object_store_memory": 100 * 2**20, "include_dashboard": False}


def main() -> int:
    """Run over two nodes with one processor each."""
    cluster = Cluster(initialize_head=True, head_node_args=NODE)
    try:
        cluster.add_node(**{name: value for name, value in NODE.items() if name != "include_dashboard"})
        cluster.wait_for_nodes()
        line = [sys.executable, "-m", "conversation_genome", "bulk", *sys.argv[1:], "--address", cluster.address]
        return subprocess.run(line, check=False).returncode
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    sys.exit(main())

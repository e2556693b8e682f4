"""Times the first cell of notebooks, each in a fresh kernel: what `jupyter_client` needs from request to idle.

    python first_cell.py KERNEL FOLDER
Reads lines {"name": ..., "source": ...} on standard input, answers each with {"name", "seconds", "status"}.
"""
import json
import sys
import time

from jupyter_client.manager import KernelManager

kernel, folder = sys.argv[1:3]
for line in sys.stdin:
    cell = json.loads(line)
    manager = KernelManager(kernel_name=kernel)
    manager.start_kernel(cwd=folder)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        begin = time.perf_counter()
        reply = client.execute_interactive(cell["source"], timeout=120, output_hook=lambda message: None)
        seconds = time.perf_counter() - begin
        print(json.dumps({"name": cell["name"], "seconds": seconds, "status": reply["content"]["status"]}), flush=True)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

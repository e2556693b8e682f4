"""Executes notebooks with nbconvert, one after the other, and tells what happens, a JSON line an event, on standard output.

Called by lib/cli/notebooks/execute.ts with one argument, a JSON object: notebooks (paths), output (folder), timeout
(seconds a cell may take) and plotly (path of plotly.min.js). Stops at the first notebook that fails; what ran is written
all the same. While one notebook runs, the kernel of the next is started already.
"""

import json
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor

KERNEL = "tslab"
# The kernel prints these and goes on, so that the cell, and with it nbconvert, would succeed.
UNNOTICED = re.compile(r"UnhandledPromiseRejection|UncaughtException")
PLOTLY_MIME = "application/vnd.plotly.v1+json"
# Addresses that nbconvert's template asks for; without them the page works offline and asks for nothing.
OFFLINE = {"require_js_url": "", "mathjax_url": "", "mermaid_js_url": "", "embed_images": True}
LEFT_OVER = re.compile(
    r'<script src="">\s*</script>|<!-- MathJax configuration -->.*?<!-- End of mathjax configuration -->'
    r'|<script type="module">(?:(?!</script>).)*?mermaid.*?</script>',
    re.DOTALL,
)


def tell(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


def start_kernel(path):
    manager = AsyncKernelManager(kernel_name=KERNEL)
    run_sync(manager.start_kernel)(cwd=os.path.dirname(path))
    return manager


def stderr_of(cell):
    outputs = cell.get("outputs", [])
    return "".join("".join(o.get("text", "")) for o in outputs if o.get("name") == "stderr")


class Progress(ExecutePreprocessor):
    """nbconvert's executor, telling when a cell starts and ends, and hearing what is printed after a cell has ended."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.on_notebook_start = self.listen
        self.on_cell_start = self.started
        self.on_cell_executed = self.executed
        self.index = 0
        self.unnoticed = []

    def started(self, cell, cell_index):
        self.index = cell_index
        if cell.cell_type == "code":
            tell("cell", index=cell_index, id=cell.get("id", ""))

    def executed(self, cell, cell_index, execute_reply):
        tell("executed", index=cell_index, id=cell.get("id", ""))

    def listen(self, notebook):
        """nbclient drops messages of a cell that it has left; from here on every message is looked at first."""
        channel = self.kc.iopub_channel
        receive = channel.get_msg

        async def receive_and_hear(*words, **settings):
            message = await receive(*words, **settings)
            self.hear(message)
            return message

        channel.get_msg = receive_and_hear

    def hear(self, message):
        content = message["content"]
        if message["msg_type"] == "stream" and content.get("name") == "stderr" and UNNOTICED.search(content["text"]):
            self.unnoticed.append((self.index, content["text"]))

    async def settle(self):
        """Runs a short wait in the kernel and hears what the last cell left behind."""
        wait = "await new Promise((done) => setTimeout(done, 100));"
        request = self.kc.execute(wait, store_history=False)
        while True:
            message = await self.kc.iopub_channel.get_msg(timeout=10)
            ours = message["parent_header"].get("msg_id") == request
            if ours and message["content"].get("execution_state") == "idle":
                return


def execute(path, manager, timeout):
    """Returns the notebook as executed, and the failure or None."""
    notebook = nbformat.read(path, as_version=4)
    executor = Progress(timeout=timeout, kernel_name=KERNEL)
    failure = None
    try:
        executor.preprocess(notebook, {"metadata": {"path": os.path.dirname(path)}}, km=manager)
        run_sync(executor.settle)()
    except CellExecutionError as error:
        failure = failed_cell(notebook, str(error))
    except CellTimeoutError:
        failure = failed_cell(notebook, f"The cell took longer than {timeout} s.")
    except DeadKernelError:
        failure = failed_cell(notebook, "The kernel ended (process.exit, or it ran out of memory).")
    finally:
        if executor.kc is not None:
            executor.kc.stop_channels()
        run_sync(manager.shutdown_kernel)(now=True)
    if failure is None and executor.unnoticed:
        index, text = executor.unnoticed[0]
        cell = executor.nb.cells[index]
        text += "(Printed while this cell ran; a cell before it may have left it behind.)"
        failure = {"index": index, "id": cell.get("id", ""), "source": cell.source, "text": text}
    return notebook, failure


def failed_cell(notebook, text):
    """The cell that ran last: the kernel gives no error output, the text is on its standard error."""
    ran = [(i, c) for i, c in enumerate(notebook.cells) if c.cell_type == "code" and "execution" in c.metadata]
    index, cell = ran[-1] if ran else (0, notebook.cells[0])
    own = stderr_of(cell)
    return {"index": index, "id": cell.get("id", ""), "source": cell.source, "text": own if own.strip() else text}


def plots_as_html(notebook, library):
    """Plotly's JSON outputs as divs; the library once, before the first."""
    plots = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            figure = output.get("data", {}).get(PLOTLY_MIME)
            if figure is None:
                continue
            data, layout = json.dumps(figure["data"]), json.dumps(figure.get("layout", {}))
            script = f'Plotly.newPlot("plot-{plots}", {data}, {layout}, {{"responsive": true}})'.replace("</", "<\\/")
            first = f"<script>{library}</script>" if plots == 0 else ""
            output["data"] = {"text/html": f'{first}<div id="plot-{plots}"></div><script>{script}</script>'}
            plots += 1


def export(notebook, name, output, plotly):
    nbformat.write(notebook, os.path.join(output, f"{name}.ipynb"))
    library = ""
    if any(PLOTLY_MIME in o.get("data", {}) for c in notebook.cells for o in c.get("outputs", [])):
        with open(plotly, encoding="utf-8") as file:
            library = file.read()
    plots_as_html(notebook, library)
    body, _ = HTMLExporter(**OFFLINE).from_notebook_node(notebook, {"metadata": {"name": name}})
    with open(os.path.join(output, f"{name}.html"), "w", encoding="utf-8") as file:
        file.write(LEFT_OVER.sub("", body))


def main(order):
    notebooks = order["notebooks"]
    following = start_kernel(notebooks[0])
    exports = []
    with ThreadPoolExecutor(1) as pool:
        try:
            for position, path in enumerate(notebooks):
                manager = following
                name = os.path.splitext(os.path.basename(path))[0]
                cells = nbformat.read(path, as_version=4).cells
                codes = sum(cell.cell_type == "code" for cell in cells)
                tell("notebook", name=name, cells=codes)
                began = time.monotonic()
                following = start_kernel(notebooks[position + 1]) if position + 1 < len(notebooks) else None
                notebook, failure = execute(path, manager, order["timeout"])
                exports.append(pool.submit(export, notebook, name, order["output"], order["plotly"]))
                tell("done", name=name, seconds=time.monotonic() - began, failure=failure)
                if failure is not None:
                    break
        finally:
            if following is not None and following.has_kernel:
                run_sync(following.shutdown_kernel)(now=True)
    for done in exports:
        done.result()
    tell("end")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

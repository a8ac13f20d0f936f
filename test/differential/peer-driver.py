# Runs the original mkosi's configuration parser over many projects: one process, one fork for each project.
# Standard input: a JSON list of {directory, argv, environment, verb, configure}: with `configure` images go through their
# configure scripts. Standard output: a JSON list of {summary} or {error}.

import io
import json
import logging
import os
import sys
import traceback
from pathlib import Path

import mkosi
from mkosi import run_configure_scripts
from mkosi.config import dump_json, parse_config, resolve_deps

resources = Path(mkosi.__file__).parent / "resources"
real_stdout = os.dup(1)
os.dup2(2, 1)


def run_one(case, pipe):
    messages = io.StringIO()
    logging.basicConfig(stream=messages, force=True, format="%(message)s")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.dup2(null, 1)
    sys.stderr = messages
    try:
        os.environ.clear()
        os.environ.update(case["environment"])
        os.chdir(case["directory"])
        _, tools, images = parse_config([*case["argv"], case.get("verb", "summary")], resources=resources)
        if case.get("configure"):
            *others, main = [run_configure_scripts(image) for image in images]
            images = [*resolve_deps(others, main.dependencies), main]
        text = dump_json({"Tools": tools.to_dict() if tools else None, "Images": [i.to_dict() for i in images]}, indent=None)
        result = {"summary": json.loads(text), "messages": messages.getvalue()}
    except SystemExit:
        result = {"error": messages.getvalue()}
    except BaseException:
        result = {"error": messages.getvalue() + traceback.format_exc(), "crash": True}
    with os.fdopen(pipe, "w") as f:
        json.dump(result, f)
    os._exit(0)


results = []
for case in json.load(sys.stdin):
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        run_one(case, write)
    os.close(write)
    with os.fdopen(read) as f:
        results.append(json.load(f))
    os.waitpid(pid, 0)

with os.fdopen(real_stdout, "w") as f:
    json.dump({"resources": str(resources), "results": results}, f)

"""What outside judges say of the descriptions that pesan prints: openapi-spec-validator (PyPI) of
/openapi.json, @asyncapi/parser (npm) of /asyncapi.json. They come from their packages, into a
folder that is kept; where one cannot be installed, this ends with 77, which CTest calls skipped.

descriptions.py PROGRAM openapi|asyncapi FOLDER
"""
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77
PARSE = """
import {Parser} from '@asyncapi/parser'; import fs from 'fs';
const {document, diagnostics} = await new Parser().parse(fs.readFileSync(process.argv[2], 'utf8'));
const errors = diagnostics.filter(one => one.severity === 0);
for (const one of errors) console.error(one.path.join('.'), one.message);
process.exit(errors.length > 0 || !document ? 1 : 0);
"""


def quietly(*command, **options):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          timeout=240, **options).returncode == 0


def openapi_judge(folder):
    python = folder / "venv/bin/python"
    there = python.exists() and quietly(python, "-c", "import openapi_spec_validator")
    if not there:
        if not (quietly(sys.executable, "-m", "venv", folder / "venv") and
                quietly(python, "-m", "pip", "install", "openapi-spec-validator==0.9.0")):
            return None
    return [python, "-m", "openapi_spec_validator"]


def asyncapi_judge(folder):
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    if not (folder / "node_modules/@asyncapi/parser").is_dir():
        if not quietly("npm", "install", "--no-save", "--prefix", folder, "@asyncapi/parser@3"):
            return None
    script = folder / "parse.mjs"
    script.write_text(PARSE)
    return ["node", script]


def main(program, kind, folder):
    folder = pathlib.Path(folder).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        judge = {"openapi": openapi_judge, "asyncapi": asyncapi_judge}[kind](folder)
    except (OSError, subprocess.TimeoutExpired):
        judge = None
    if judge is None:
        print(f"the judge of {kind} cannot be installed here: skipped")
        return SKIPPED
    described = folder / f"{kind}.json"
    with open(described, "wb") as file:
        subprocess.run([program, "schema", f"--{kind}"], stdout=file, check=True)
    return subprocess.run([*judge, described], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

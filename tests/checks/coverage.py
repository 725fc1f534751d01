"""coverage.py BUILD GOAL: prints how many percent of the lines of each folder of the library have run in a
build with -Db_coverage=true, and the files below the goal; fails if all together are below it.

A file is compiled several times, in float and in double or for several instruction sets: a line counts once,
and as run if it ran in any of them. gcovr 5.2 refuses functions that stand on other lines in some of them."""
import collections
import glob
import json
import os
import subprocess
import sys

FOLDERS = ["core", "nn", "optim", "data"]


def count(build):
    """Of each file a dictionary: line number -> how often it ran."""
    files = collections.defaultdict(lambda: collections.defaultdict(int))
    notes = sorted(glob.glob(build + "/libtarn*.p/*.gcno"))
    output = subprocess.run(["gcov", "--json-format", "--stdout"] + notes, check=True, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    for document in map(json.loads, output.splitlines()):
        for file in document["files"]:
            path = os.path.join(document["current_working_directory"], file["file"])
            for line in file["lines"]:
                files[os.path.relpath(path)][line["line_number"]] += line["count"]
    return {path: lines for path, lines in files.items() if path.split("/")[0] in FOLDERS}


def report(name, files):
    lines = sum(len(file) for file in files)
    ran = sum(times > 0 for file in files for times in file.values())
    share = 100 * ran / lines if lines else 0
    return share, f"{name:<32} {share:5.1f}%  {ran:5} of {lines:5} lines"


def main(build, goal):
    files = count(build)
    for path in sorted(files):
        share, text = report(path, [files[path]])
        if files[path] and share < goal:
            print(text)
    for folder in FOLDERS:
        print(report(folder, [file for path, file in files.items() if path.startswith(folder + "/")])[1])
    share, text = report("together", files.values())
    print(text)
    return share < goal


sys.exit(main(sys.argv[1], float(sys.argv[2])))

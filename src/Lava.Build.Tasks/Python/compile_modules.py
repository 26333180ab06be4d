"""Compiles Python modules to unchecked-hash .pyc files (PEP 552).

Each line of standard input is the path of a module and the name it has in tracebacks until it is imported,
separated by a tab. A module that this interpreter cannot compile, such as one for another version of Python, is left out.
"""

import py_compile
import sys

MODE = py_compile.PycInvalidationMode.UNCHECKED_HASH

for line in sys.stdin.buffer:
    path, name = line.rstrip(b"\n").decode("utf-8").split("\t")
    try:
        py_compile.compile(path, dfile=name, doraise=True, invalidation_mode=MODE)
    except (py_compile.PyCompileError, UnicodeDecodeError, ValueError) as error:
        print(f"{name}: {error}", file=sys.stderr)

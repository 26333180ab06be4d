"""Compiles Python modules to unchecked-hash .pyc files (PEP 552).

Standard input holds the path of each module and the name it has in tracebacks until it is imported, each with a NUL
behind it. A module that this interpreter cannot compile, such as one for another version of Python, is left out. What the
file system refuses ends the work with exit code 3; the error's number and the path are two lines of standard output.
"""

import gc
import py_compile
import sys

MODE = py_compile.PycInvalidationMode.UNCHECKED_HASH

# Nothing here is garbage that refers to itself.
gc.disable()

words = sys.stdin.buffer.read().decode("utf-8").split("\0")
for path, name in zip(words[::2], words[1::2]):
    try:
        py_compile.compile(path, dfile=name, doraise=True, invalidation_mode=MODE)
    except OSError as error:
        print(error.errno, error.filename or path, sep="\n")
        sys.exit(3)
    except (py_compile.PyCompileError, UnicodeDecodeError, ValueError) as error:
        print(f"{name}: {error}", file=sys.stderr)

"""Compiles Python modules to unchecked-hash .pyc files (PEP 552).

Standard input holds the path of each module and the name it has in tracebacks until it is imported, each with a NUL
behind it. A module that this interpreter cannot compile, such as one for another version of Python, is left out, as is
one that becomes absurdly larger. Standard output says of each, in their order, 1 or 0: compiled or left out. What the file
system refuses ends the work with exit code 3; the error's number and the path are two lines of standard output then.
"""

import errno
import gc
import importlib.util
import marshal
import os
import sys

# The second 32-bit word of a .pyc: hash-based, not checked.
FLAGS = (1).to_bytes(4, "little")
HEADER = importlib.util.MAGIC_NUMBER + FLAGS

# Constants are folded: a few bytes of source may become thousands. Ordinary modules become 3 times as large at most. What
# else is compiled may make no difference, or the same archive would give different trees.
MOST = 1 << 12
MOST_TIMES = 8

# Nothing here is garbage that refers to itself.
gc.disable()


def write(path, content):
    """Writes a new file. What an archive brought in its place may have another name, so it makes way."""
    directory = os.path.dirname(path)
    try:
        os.mkdir(directory)
    except FileExistsError:
        pass
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    with open(path, "xb") as file:
        file.write(content)


def compiled(path, name):
    """Whether a module was compiled."""
    with open(path, "rb") as file:
        source = file.read()
    try:
        content = marshal.dumps(compile(source, name, "exec", dont_inherit=True))
    except Exception as error:
        print(f"{name}: {error}", file=sys.stderr)
        return False
    if len(content) > MOST + MOST_TIMES * len(source):
        print(f"{name}: {len(source)} bytes would become {len(content)}", file=sys.stderr)
        return False
    target = importlib.util.cache_from_source(path)
    try:
        write(target, HEADER + importlib.util.source_hash(source) + content)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        print(f"{name}: its name is too long to be compiled", file=sys.stderr)
        return False
    return True


words = sys.stdin.buffer.read().decode("utf-8").split("\0")
done = []
for path, name in zip(words[::2], words[1::2]):
    try:
        done.append("1" if compiled(path, name) else "0")
    except OSError as error:
        print(error.errno, error.filename or path, sep="\n")
        sys.exit(3)
print("".join(done))

"""Loads the release's shared libraries before the first extension module of the release that may need them.

The dynamic linker takes a library that is already loaded for any later request by its soname, so nothing has to be
said by LD_LIBRARY_PATH, which child processes would inherit. Imported by a .pth line at every start of the
interpreter: until an extension module of the release is loaded, nothing else is imported or opened.
"""
import os
from _frozen_importlib_external import ExtensionFileLoader
from _thread import RLock

_LIBRARIES = @{Libraries}

_create_module = ExtensionFileLoader.create_module
_lock = RLock()
_roots = None
_loaded = False


def _renew_lock():
    # A thread that held the lock does not exist in the child of a fork.
    global _lock
    _lock = RLock()


def _stands_in_release(path):
    global _roots
    if _roots is None:
        release = os.path.realpath(__file__)
        for _ in range(4):
            release = os.path.dirname(release)
        _roots = release + "/", os.path.dirname(release) + "/.store/"
    return os.path.realpath(path).startswith(_roots)


def _load(module):
    global _loaded
    with _lock:
        if _loaded:
            return
        try:
            from _ctypes import dlopen
        except ImportError as error:
            raise ImportError(
                f"the libraries that {module} needs cannot be loaded: {error}", name=module) from error
        for library in _LIBRARIES:
            path = os.path.realpath(_roots[0] + library)
            try:
                dlopen(path, os.RTLD_NOW | os.RTLD_LOCAL)
            except OSError as error:
                raise ImportError(
                    f"the library {library}, which {module} may need, cannot be loaded: {error}",
                    name=module, path=path) from error
        _loaded = True


def _create_after_libraries(loader, spec):
    if not _loaded and _stands_in_release(loader.path):
        _load(spec.name)
    return _create_module(loader, spec)


if _LIBRARIES:
    ExtensionFileLoader.create_module = _create_after_libraries
    os.register_at_fork(after_in_child=_renew_lock)

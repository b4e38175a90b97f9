# What cffi compiles from the declarations of the C library. No part of the interface of this package.
from typing import Any

class _Library:
    def __getattr__(self, name: str) -> Any: ...

lib: _Library
ffi: Any

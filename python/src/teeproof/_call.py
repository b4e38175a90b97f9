"""Calls into the C library: what goes in, what comes out, and what a failure becomes.

Every call releases the interpreter's lock, so what is handed over has to stay as it is: `bytes` do,
and everything else is copied first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NoReturn, TypeVar, Union

from ._native import ffi, lib

#: What an input may be: bytes, or text that is taken as UTF-8.
Data = Union[bytes, bytearray, memoryview, str]

_OK: int = lib.TEEPROOF_RESULT_OK
_ABSENT: int = lib.TEEPROOF_RESULT_ABSENT


class Error(Exception):
    """A call that could not be made. Evidence that is bad is none: that is a report."""

    #: A stable word, such as `unreadable` or `policy`.
    code: str
    #: One sentence.
    message: str

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


def octets(value: object, what: str) -> bytes:
    """Bytes that nobody changes while they are read."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    raise TypeError(f"{what} has to be bytes, and is {type(value).__name__}")


def data(value: object, what: str) -> bytes:
    """The same, of bytes or text."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return octets(value, what)
    raise TypeError(f"{what} has to be bytes or text, and is {type(value).__name__}")


def lend(value: bytes) -> Any:
    """The bytes as C reads them. They live as long as what is returned."""
    return ffi.from_buffer("uint8_t[]", value)


def slices(values: Sequence[bytes]) -> tuple[Any, list[Any]]:
    """The same for several, as an array; and what keeps them alive."""
    lent = [lend(value) for value in values]
    return ffi.new("teeproof_slice[]", [(one, len(one)) for one in lent]), lent


def string(value: Any) -> str:
    """A copy of a `teeproof_str`."""
    text: str = ffi.unpack(value.data, value.len).decode() if value.len else ""
    return text


def copied(value: Any) -> bytes:
    """A copy of a `teeproof_slice`."""
    return bytes(ffi.buffer(value.data, value.len)) if value.len else b""


def demand(result: int, error: Any = None) -> None:
    """Raises what a result other than OK says. `error` is the `teeproof_error **` of the call."""
    if result == _OK:
        return
    word, message = ffi.new("teeproof_str *"), ffi.new("teeproof_str *")
    code = str(result)
    if lib.teeproof_result_word(result, word) == _OK:
        code = string(word)
    sentence = code
    if error is not None:
        if lib.teeproof_error_message(error[0], message) == _OK:
            sentence = string(message)
        lib.teeproof_error_free(error[0])
    raise Error(code, sentence)


def number(call: Callable[..., int], kind: str, *inputs: Any) -> int:
    """A number that a function writes, of the C type `kind *`."""
    out = ffi.new(kind)
    demand(call(*inputs, out))
    value: int = out[0]
    return value


_T = TypeVar("_T")


def lent(call: Callable[..., int], kind: str, read: Callable[[Any], _T], *inputs: Any) -> _T | None:
    """What a function lends, copied; None where it is absent."""
    out = ffi.new(kind)
    result = call(*inputs, out)
    if result == _ABSENT:
        return None
    demand(result)
    return read(out)


def made_text(call: Callable[..., int], *inputs: Any) -> str:
    """The text that a function makes."""
    text = made(call, "teeproof_text", *inputs)
    out = ffi.new("teeproof_str *")
    demand(lib.teeproof_text_get(text, out))
    return string(out)


def made(call: Callable[..., int], kind: str, *inputs: Any) -> Any:
    """The handle that a function makes. It is freed when nobody holds it any more."""
    out, error = ffi.new(f"{kind} **"), ffi.new("teeproof_error **")
    demand(call(*inputs, out, error), error)
    return ffi.gc(out[0], getattr(lib, f"{kind}_free"))


class Handle:
    """Something that the C library holds. It does not change, and threads may share it."""

    __slots__ = ("__weakref__", "_pointer")

    #: The type in C.
    _KIND: ClassVar[str]
    _pointer: Any

    def _hold(self, call: Callable[..., int], *inputs: Any) -> None:
        self._pointer = made(call, self._KIND, *inputs)

    def _borrow(self) -> Any:
        # Whoever has the pointer keeps it alive, so closing while another thread is inside of a call
        # frees it after that call.
        pointer = self._pointer
        if pointer is None:
            raise ValueError(f"this {type(self).__name__} was closed")
        return pointer

    def close(self) -> None:
        """Lets go of it now and not when it is collected. A second time is nothing to do."""
        self._pointer = None

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._pointer is None

    def __enter__(self: _H) -> _H:
        self._borrow()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} stays in its process: hand over what it was made from"
        )


_H = TypeVar("_H", bound=Handle)


def borrowed(value: object, kind: type[Handle], what: str) -> Any:
    """The pointer of a handle that has to be of a kind."""
    if not isinstance(value, kind):
        raise TypeError(f"{what} has to be a {kind.__name__}, and is {type(value).__name__}")
    return value._borrow()

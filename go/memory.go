package teeproof

/*
#include <stdlib.h>
#include "teeproof.h"
*/
import "C"

import (
	"runtime"
	"sync"
	"unsafe"
)

// handle is something that the library holds. It is freed once, after the last call that uses it.
type handle struct {
	lock    sync.Mutex
	pointer unsafe.Pointer
	free    func(unsafe.Pointer)
	users   int
	closed  bool
}

// acquire lends the pointer until release. As long as somebody has it, Close does not free it; nor does
// a finalizer run, since release needs the handle.
func (h *handle) acquire() (unsafe.Pointer, error) {
	if h == nil {
		return nil, &Error{Code: CodeClosed, Message: "the handle is nil"}
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.closed || h.pointer == nil {
		return nil, &Error{Code: CodeClosed, Message: "the handle was closed, or never made"}
	}
	h.users++
	return h.pointer, nil
}

func (h *handle) release() {
	h.lock.Lock()
	defer h.lock.Unlock()
	h.users--
	h.settle()
	runtime.KeepAlive(h)
}

// Close lets go of the handle. It may be called any number of times, and always gives nil.
func (h *handle) Close() error {
	if h == nil {
		return nil
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	h.closed = true
	h.settle()
	return nil
}

// settle frees what nobody needs any more. The lock is held.
func (h *handle) settle() {
	if h.closed && h.users == 0 && h.pointer != nil {
		h.free(h.pointer)
		h.pointer = nil
	}
}

// loan is C memory for one call. What C reads may not lie in Go's memory where that points on.
type loan []unsafe.Pointer

// bytes gives a copy of bytes; none are NULL with a length of zero.
func (l *loan) bytes(content []byte) C.teeproof_slice {
	if len(content) == 0 {
		return C.teeproof_slice{}
	}
	copied := C.CBytes(content)
	*l = append(*l, copied)
	return C.teeproof_slice{data: (*C.uint8_t)(copied), len: C.size_t(len(content))}
}

// array gives copies of several.
func (l *loan) array(all [][]byte) *C.teeproof_slice {
	if len(all) == 0 {
		return nil
	}
	place := C.calloc(C.size_t(len(all)), C.sizeof_teeproof_slice)
	*l = append(*l, place)
	slices := unsafe.Slice((*C.teeproof_slice)(place), len(all))
	for index, one := range all {
		slices[index] = l.bytes(one)
	}
	return &slices[0]
}

// back frees all of it.
func (l *loan) back() {
	for _, place := range *l {
		C.free(place)
	}
}

// text copies what the library lends.
func text(lent C.teeproof_str) string {
	if lent.len == 0 {
		return ""
	}
	return string(unsafe.Slice((*byte)(unsafe.Pointer(lent.data)), int(lent.len)))
}

// octets copies what the library lends.
func octets(lent C.teeproof_slice) []byte {
	if lent.len == 0 {
		return []byte{}
	}
	return append([]byte(nil), unsafe.Slice((*byte)(unsafe.Pointer(lent.data)), int(lent.len))...)
}

// own copies a text that was made, and frees it.
func own(made *C.teeproof_text, result C.teeproof_result, why *C.teeproof_error) ([]byte, error) {
	if err := demand(result, why); err != nil {
		return nil, err
	}
	defer C.teeproof_text_free(made)
	var value C.teeproof_str
	if err := demand(C.teeproof_text_get(made, &value), nil); err != nil {
		return nil, err
	}
	return []byte(text(value)), nil
}

// says asks for a text about what the handle holds.
func (h *handle) says(
	ask func(unsafe.Pointer, **C.teeproof_text, **C.teeproof_error) C.teeproof_result,
) ([]byte, error) {
	pointer, err := h.acquire()
	if err != nil {
		return nil, err
	}
	defer h.release()
	var made *C.teeproof_text
	var why *C.teeproof_error
	result := ask(pointer, &made, &why)
	return own(made, result, why)
}

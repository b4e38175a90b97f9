// Package teeproof verifies Intel TDX and SGX evidence, offline: evidence and an instant in, a report
// out, with a reason for each check. A verdict has the same digest as in every other language.
//
// It calls libteeproof, which pkg-config finds. Nothing here opens a file or a connection, and the only
// clock that is read is that of [Now].
//
// A quote that is rejected is no error: it is a [Report] whose verdict says no. An error is an [Error],
// with a code that is stable.
//
// Handles ([Quote], [Collateral], [Policy], [Memory], [Report], [Comparison]) give the same answers
// whenever they are asked, and any number of goroutines may use one. Close lets go of one; what other
// goroutines are doing with it ends first. What is not closed is let go of when it is collected.
package teeproof

/*
#cgo pkg-config: teeproof
#include "teeproof.h"
*/
import "C"

import "fmt"

// Version is the version of the library.
func Version() string {
	var version C.teeproof_str
	C.teeproof_version(&version)
	return text(version)
}

// fits says whether the library is one that this package was compiled for.
func fits() error {
	if found := C.teeproof_abi_version(); found != C.TEEPROOF_ABI_VERSION {
		return &Error{
			Code: CodeInterface,
			Message: fmt.Sprintf("the library has version %d of its interface and not %d: build this "+
				"program again, or install the library it was built with", found, C.TEEPROOF_ABI_VERSION),
		}
	}
	return nil
}

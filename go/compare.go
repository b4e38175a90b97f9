package teeproof

/*
#include "teeproof.h"
*/
import "C"

import (
	"runtime"
	"unsafe"
)

// Comparison is what several instances are to each other.
type Comparison struct {
	handle
	sameness Sameness
	exitCode int
	headline string
	digest   []byte
}

// newComparison takes over a comparison, as newReport does a report.
func newComparison(made *C.teeproof_comparison) (*Comparison, error) {
	comparison := &Comparison{handle: handle{pointer: unsafe.Pointer(made), free: func(pointer unsafe.Pointer) {
		C.teeproof_comparison_free((*C.teeproof_comparison)(pointer))
	}}}
	runtime.SetFinalizer(comparison, func(comparison *Comparison) { comparison.Close() })
	var sameness C.teeproof_sameness
	var code C.uint32_t
	var headline C.teeproof_str
	var digest C.teeproof_slice
	for _, result := range []C.teeproof_result{
		C.teeproof_comparison_sameness(made, &sameness),
		C.teeproof_comparison_exit_code(made, &code),
		C.teeproof_comparison_headline(made, &headline),
	} {
		if err := demand(result, nil); err != nil {
			comparison.Close()
			return nil, err
		}
	}
	if C.teeproof_comparison_digest(made, &digest) == C.TEEPROOF_RESULT_OK {
		comparison.digest = octets(digest)
	}
	comparison.sameness, comparison.exitCode = Sameness(sameness), int(code)
	comparison.headline = text(headline)
	runtime.KeepAlive(comparison)
	return comparison, nil
}

// Sameness is the result. Under a trust anchor that is not Intel's it proves nothing about hardware.
func (c *Comparison) Sameness() Sameness { return c.sameness }

// ExitCode is what the command line ends with: 0 is the same code on trusted instances.
func (c *Comparison) ExitCode() int { return c.exitCode }

// Headline is the result as one sentence.
func (c *Comparison) Headline() string { return c.headline }

// Digest is SHA-256 of the canonical comparison, the same for any order of the inputs. nil if the two
// engines disagree about an instance.
func (c *Comparison) Digest() []byte { return append([]byte(nil), c.digest...) }

// JSON gives the whole comparison: teeproof.comparison/1, with the answer about every instance.
func (c *Comparison) JSON() ([]byte, error) {
	return c.says(func(
		pointer unsafe.Pointer, made **C.teeproof_text, why **C.teeproof_error,
	) C.teeproof_result {
		return C.teeproof_comparison_to_json((*C.teeproof_comparison)(pointer), made, why)
	})
}

package teeproof

/*
#include "teeproof.h"
*/
import "C"

// Code says what kind of failure an [Error] is. Codes are stable.
type Code string

// The codes that a caller may want to tell apart. The header of the library has all of them, and those
// of [Call] stand with the schema of requests.
const (
	// An input is of no form that is known.
	CodeUnreadable Code = "unreadable"
	// The inputs together are not the evidence of one machine.
	CodeNotOneInstance Code = "not-one-instance"
	// The evidence holds no quote.
	CodeNoQuote Code = "no-quote"
	// A file is not a collateral file.
	CodeCollateralFormat Code = "collateral-format"
	// A policy cannot be read, or a pin contradicts it.
	CodePolicy Code = "policy"
	// The trust anchor is not a root certificate of Intel's profile in DER.
	CodeRoot Code = "root"
	// The challenge is too long, or its rule is unknown.
	CodeChallenge Code = "challenge"
	// No instant was named, it is out of range, or the evidence does not say when it was captured.
	CodeInstant Code = "instant"
	// What is given as an app-compose is not one.
	CodeCompose Code = "compose"
	// The evidence cannot be a bundle.
	CodeBundle Code = "bundle"
	// Collateral is not signed by the trust anchor.
	CodeCollateralRefused Code = "collateral-refused"
	// A length is not the one that is possible.
	CodeBadLength Code = "bad-length"
	// The report has no such value.
	CodeAbsent Code = "absent"
	// A handle was closed, or is nil.
	CodeClosed Code = "closed"
	// The library is not one that this package was compiled for.
	CodeInterface Code = "interface"
	// A defect of the library. The process goes on.
	CodePanic Code = "panic"
)

// Error says why a call could not be made. Get it with [errors.As].
type Error struct {
	// Code is stable.
	Code Code
	// Message is one sentence.
	Message string
}

// Error gives message and code.
func (e *Error) Error() string {
	return "teeproof: " + e.Message + " [" + string(e.Code) + "]"
}

// demand gives nil for OK, and otherwise what the library says. It frees the error.
func demand(result C.teeproof_result, why *C.teeproof_error) error {
	if result == C.TEEPROOF_RESULT_OK {
		return nil
	}
	failure := &Error{Code: "unknown"}
	var said C.teeproof_str
	if C.teeproof_result_word(C.uint32_t(result), &said) == C.TEEPROOF_RESULT_OK {
		failure.Code = Code(text(said))
	}
	failure.Message = string(failure.Code)
	if why != nil && C.teeproof_error_message(why, &said) == C.TEEPROOF_RESULT_OK {
		failure.Message = text(said)
	}
	C.teeproof_error_free(why)
	return failure
}

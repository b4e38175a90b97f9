package teeproof

/*
#include "teeproof.h"
*/
import "C"

import (
	"encoding/json"
	"errors"
	"runtime"
	"unsafe"
)

// Report is a verdict and all it rests on.
type Report struct {
	handle
	verdict   Verdict
	simulates Verdict
	exitCode  int
	headline  string
	digest    []byte
	engines   string
	tcbStatus string
}

// newReport takes over a report. What is asked of every report is copied at once, and stays after Close.
func newReport(made *C.teeproof_report) (*Report, error) {
	report := &Report{handle: handle{pointer: unsafe.Pointer(made), free: func(pointer unsafe.Pointer) {
		C.teeproof_report_free((*C.teeproof_report)(pointer))
	}}}
	runtime.SetFinalizer(report, func(report *Report) { report.Close() })
	var verdict, simulates C.teeproof_verdict
	var code C.uint32_t
	var headline, engines, status C.teeproof_str
	var digest C.teeproof_slice
	for _, result := range []C.teeproof_result{
		C.teeproof_report_verdict(made, &verdict),
		C.teeproof_report_exit_code(made, &code),
		C.teeproof_report_headline(made, &headline),
		C.teeproof_report_engines(made, &engines),
	} {
		if err := demand(result, nil); err != nil {
			report.Close()
			return nil, err
		}
	}
	// These may be absent.
	C.teeproof_report_simulates(made, &simulates)
	C.teeproof_report_tcb_status(made, &status)
	if C.teeproof_report_digest(made, &digest) == C.TEEPROOF_RESULT_OK {
		report.digest = octets(digest)
	}
	report.verdict, report.simulates = Verdict(verdict), Verdict(simulates)
	report.exitCode = int(code)
	report.headline, report.engines, report.tcbStatus = text(headline), text(engines), text(status)
	// All that was lent is copied.
	runtime.KeepAlive(report)
	return report, nil
}

// Verdict is the verdict.
func (r *Report) Verdict() Verdict { return r.verdict }

// Simulates is, for Simulated, what the verdict would be if the trust anchor were Intel's. For every
// other verdict it is zero.
func (r *Report) Simulates() Verdict { return r.simulates }

// ExitCode is what the command line ends with for this evidence: 0 is trusted, or genuine under
// Options.GenuineOnly.
func (r *Report) ExitCode() int { return r.exitCode }

// Headline is the verdict as one sentence.
func (r *Report) Headline() string { return r.headline }

// Digest is SHA-256 of the canonical verdict, the same in every language and on every machine. nil if
// the two engines disagree.
func (r *Report) Digest() []byte { return append([]byte(nil), r.digest...) }

// Engines says how many engines looked: both or single.
func (r *Report) Engines() string { return r.engines }

// TCBStatus is Intel's word for platform, module and quoting enclave together, such as UpToDate. Empty
// if there is none.
func (r *Report) TCBStatus() string { return r.tcbStatus }

// Measurement gives a register of the quote. It proves something only under a verdict that accepts it.
// A register that the quote does not have is an [Error] with CodeAbsent.
func (r *Report) Measurement(which Measurement) ([]byte, error) {
	pointer, err := r.acquire()
	if err != nil {
		return nil, err
	}
	defer r.release()
	var value C.teeproof_slice
	result := C.teeproof_report_measurement((*C.teeproof_report)(pointer), C.uint32_t(which), &value)
	if err := demand(result, nil); err != nil {
		return nil, err
	}
	return octets(value), nil
}

// Check is a check of a report. Texts that it does not have are empty, values nil.
type Check struct {
	// Number is frozen, and the same in every version.
	Number uint32
	// ID is stable, such as quote.signature.
	ID string
	// Title is short.
	Title string
	// Outcome is what became of it.
	Outcome Outcome
	// Reason says why it did not pass, as a stable code.
	Reason string
	// Because is the same as a sentence.
	Because string
	// Next is what to do.
	Next string
	// Anchor is what the fact rests on, as a word.
	Anchor string
	// DependsOn is the id of the check that has to pass first.
	DependsOn string
	// Found is what was found, in JSON.
	Found json.RawMessage
	// Expected is what was expected, in JSON.
	Expected json.RawMessage
}

// Checks gives all checks, in their order.
func (r *Report) Checks() ([]Check, error) {
	pointer, err := r.acquire()
	if err != nil {
		return nil, err
	}
	defer r.release()
	report := (*C.teeproof_report)(pointer)
	var count C.size_t
	if err := demand(C.teeproof_report_check_count(report, &count), nil); err != nil {
		return nil, err
	}
	checks := make([]Check, int(count))
	for index := range checks {
		var number C.uint32_t
		result := C.teeproof_report_check_number(report, C.size_t(index), &number)
		if err := demand(result, nil); err != nil {
			return nil, err
		}
		if checks[index], err = checkOf(report, number); err != nil {
			return nil, err
		}
	}
	return checks, nil
}

// Check gives the check of an id. An id that there is none of is an [Error] with CodeAbsent.
func (r *Report) Check(id string) (Check, error) {
	checks, err := r.Checks()
	if err != nil {
		return Check{}, err
	}
	for _, check := range checks {
		if check.ID == id {
			return check, nil
		}
	}
	return Check{}, &Error{Code: CodeAbsent, Message: "there is no check `" + id + "`"}
}

// JSON gives the whole report: teeproof.answer/1, the same that the command line prints.
func (r *Report) JSON() ([]byte, error) {
	return r.says(func(
		pointer unsafe.Pointer, made **C.teeproof_text, why **C.teeproof_error,
	) C.teeproof_result {
		return C.teeproof_report_to_json((*C.teeproof_report)(pointer), made, why)
	})
}

func checkOf(report *C.teeproof_report, number C.uint32_t) (Check, error) {
	check := Check{Number: uint32(number)}
	var outcome C.teeproof_outcome
	if err := demand(C.teeproof_report_check_outcome(report, number, &outcome), nil); err != nil {
		return check, err
	}
	check.Outcome = Outcome(outcome)
	for _, part := range []struct {
		which C.uint32_t
		into  *string
	}{
		{C.TEEPROOF_CHECK_TEXT_ID, &check.ID},
		{C.TEEPROOF_CHECK_TEXT_TITLE, &check.Title},
		{C.TEEPROOF_CHECK_TEXT_REASON, &check.Reason},
		{C.TEEPROOF_CHECK_TEXT_BECAUSE, &check.Because},
		{C.TEEPROOF_CHECK_TEXT_NEXT, &check.Next},
		{C.TEEPROOF_CHECK_TEXT_ANCHOR, &check.Anchor},
		{C.TEEPROOF_CHECK_TEXT_DEPENDS_ON, &check.DependsOn},
	} {
		var said C.teeproof_str
		result := C.teeproof_report_check_text(report, number, part.which, &said)
		if result == C.TEEPROOF_RESULT_ABSENT {
			continue
		}
		if err := demand(result, nil); err != nil {
			return check, err
		}
		*part.into = text(said)
	}
	for _, part := range []struct {
		which C.uint32_t
		into  *json.RawMessage
	}{
		{C.TEEPROOF_CHECK_VALUE_FOUND, &check.Found},
		{C.TEEPROOF_CHECK_VALUE_EXPECTED, &check.Expected},
	} {
		var made *C.teeproof_text
		var why *C.teeproof_error
		result := C.teeproof_report_check_value(report, number, part.which, &made, &why)
		value, err := own(made, result, why)
		var failure *Error
		if errors.As(err, &failure) && failure.Code == CodeAbsent {
			continue
		}
		if err != nil {
			return check, err
		}
		*part.into = value
	}
	return check, nil
}

package teeproof

/*
#include "teeproof.h"
*/
import "C"

import (
	"time"
	"unsafe"
)

// Instant is the instant of a verdict, and whose word it is. There is no default.
type Instant struct {
	kind C.uint32_t
	at   C.uint64_t
}

// AsOf is an instant of the caller's choice; the report says that it is not the present.
func AsOf(at time.Time) Instant {
	return Instant{C.TEEPROOF_INSTANT_GIVEN, C.uint64_t(at.Unix())}
}

// Now is the present, by the clock of this machine.
func Now() Instant {
	return Instant{C.TEEPROOF_INSTANT_CLOCK, C.uint64_t(time.Now().Unix())}
}

// Captured is the instant at which the evidence says it was captured: its own word.
func Captured() Instant {
	return Instant{C.TEEPROOF_INSTANT_CAPTURED, 0}
}

// Challenge is the caller's own challenge, and how REPORTDATA derives from it.
type Challenge struct {
	// Value has at most 1024 bytes.
	Value []byte
	// Rule is raw64, zero-padded, sha256-padded, sha512, teeproof-evidence or app-data-sha512.
	Rule string
}

// Options decide a verdict beside the evidence. At has to be named.
type Options struct {
	// At is the instant.
	At Instant
	// Policy is what is accepted. nil: the strict default.
	Policy *Policy
	// Collateral is what was authenticated before. nil: there is only what the evidence brings.
	Collateral *Collateral
	// Memory is what is kept from one verdict to the next. nil: nothing. [Compare] keeps nothing in it.
	Memory *Memory
	// Name is what the report calls the input.
	Name string
	// Root is a trust anchor in DER for tests and simulations: a verdict under it is Simulated at best.
	// Empty: Intel's.
	Root []byte
	// Challenge is the caller's own challenge, if one was made.
	Challenge *Challenge
	// Live says that the evidence came over a connection that the caller opened.
	Live bool
	// TLSKey is, with Live, SHA-256 of the key at the other end of a TLS connection.
	TLSKey []byte
	// GenuineOnly says that to be genuine is all that was asked for. It decides the exit code and nothing
	// else.
	GenuineOnly bool
	// DifferentMachines claims, for [Compare] alone, that each instance has a machine of its own.
	DifferentMachines bool
}

// judging is what a call needs of options. end gives all of it back.
type judging struct {
	options    C.teeproof_options
	policy     *C.teeproof_policy
	collateral *C.teeproof_collateral
	memory     *C.teeproof_memory
	lent       loan
	used       []*handle
}

func (j *judging) end() {
	j.lent.back()
	for _, one := range j.used {
		one.release()
	}
}

func (j *judging) use(one *handle) (unsafe.Pointer, error) {
	pointer, err := one.acquire()
	if err == nil {
		j.used = append(j.used, one)
	}
	return pointer, err
}

func (j *judging) begin(options *Options) error {
	if err := fits(); err != nil {
		return err
	}
	if options.At == (Instant{}) {
		return &Error{Code: CodeInstant, Message: "no instant: Options.At has to be named"}
	}
	j.options.size = C.sizeof_teeproof_options
	j.options.instant = options.At.kind
	j.options.at = options.At.at
	for flag, set := range map[C.uint32_t]bool{
		C.TEEPROOF_LIVE:               options.Live,
		C.TEEPROOF_GENUINE_ONLY:       options.GenuineOnly,
		C.TEEPROOF_DIFFERENT_MACHINES: options.DifferentMachines,
	} {
		if set {
			j.options.flags |= flag
		}
	}
	j.options.name = j.lent.bytes([]byte(options.Name))
	j.options.root = j.lent.bytes(options.Root)
	j.options.tls_key = j.lent.bytes(options.TLSKey)
	if options.Challenge != nil {
		j.options.challenge = j.lent.bytes(options.Challenge.Value)
		j.options.challenge_rule = j.lent.bytes([]byte(options.Challenge.Rule))
	}
	if options.Policy != nil {
		pointer, err := j.use(&options.Policy.handle)
		if err != nil {
			return err
		}
		j.policy = (*C.teeproof_policy)(pointer)
	}
	if options.Collateral != nil {
		pointer, err := j.use(&options.Collateral.handle)
		if err != nil {
			return err
		}
		j.collateral = (*C.teeproof_collateral)(pointer)
	}
	if options.Memory != nil {
		pointer, err := j.use(&options.Memory.handle)
		if err != nil {
			return err
		}
		j.memory = (*C.teeproof_memory)(pointer)
	}
	return nil
}

// Verify judges the evidence of one machine. A quote that is rejected is a report that says so.
func Verify(quote *Quote, options Options) (*Report, error) {
	var judge judging
	defer judge.end()
	if err := judge.begin(&options); err != nil {
		return nil, err
	}
	if quote == nil {
		return nil, &Error{Code: CodeClosed, Message: "the quote is nil"}
	}
	pointer, err := judge.use(&quote.handle)
	if err != nil {
		return nil, err
	}
	var made *C.teeproof_report
	var why *C.teeproof_error
	var result C.teeproof_result
	if judge.memory == nil {
		result = C.teeproof_verify((*C.teeproof_quote)(pointer), judge.collateral, judge.policy,
			&judge.options, &made, &why)
	} else {
		result = C.teeproof_verify_remembering((*C.teeproof_quote)(pointer), judge.collateral, judge.policy,
			&judge.options, judge.memory, &made, &why)
	}
	if err := demand(result, why); err != nil {
		return nil, err
	}
	return newReport(made)
}

// Compare judges each instance by itself as [Verify] does, and compares what was proven. The order does
// not matter. Options.Name is not read.
func Compare(quotes []*Quote, options Options) (*Comparison, error) {
	var judge judging
	defer judge.end()
	if err := judge.begin(&options); err != nil {
		return nil, err
	}
	judge.options.name = C.teeproof_slice{}
	handles := make([]*C.teeproof_quote, len(quotes)+1)
	for place, quote := range quotes {
		if quote == nil {
			return nil, &Error{Code: CodeClosed, Message: "a quote is nil"}
		}
		pointer, err := judge.use(&quote.handle)
		if err != nil {
			return nil, err
		}
		handles[place] = (*C.teeproof_quote)(pointer)
	}
	var made *C.teeproof_comparison
	var why *C.teeproof_error
	result := C.teeproof_compare(&handles[0], C.size_t(len(quotes)), judge.collateral, judge.policy,
		&judge.options, &made, &why)
	if err := demand(result, why); err != nil {
		return nil, err
	}
	return newComparison(made)
}

package teeproof

/*
#include "teeproof.h"
*/
import "C"

import (
	"encoding/json"
	"fmt"
	"runtime"
	"unsafe"
)

// Quote is a quote, with whatever else one machine gave: its event log, app-compose, vm_config,
// collateral. Claims, all of it, until it is verified.
type Quote struct{ handle }

// NewQuote reads the evidence of one machine and copies it.
//
// One part is a quote (bytes, hex, base64), a bundle, or an answer of the guest agent or the cloud. Of
// several parts one has the quote, and others may be an event log, an app-compose, a vm_config, a
// document behind MRCONFIGID, a PCK chain or collateral, in any order. A quote that is cut off or altered
// is read as long as it begins like one: the report says what is wrong with it.
func NewQuote(parts ...[]byte) (*Quote, error) {
	if err := fits(); err != nil {
		return nil, err
	}
	var lent loan
	defer lent.back()
	var made *C.teeproof_quote
	var why *C.teeproof_error
	result := C.teeproof_quote_new(lent.array(parts), C.size_t(len(parts)), &made, &why)
	if err := demand(result, why); err != nil {
		return nil, err
	}
	quote := &Quote{handle{pointer: unsafe.Pointer(made), free: func(pointer unsafe.Pointer) {
		C.teeproof_quote_free((*C.teeproof_quote)(pointer))
	}}}
	runtime.SetFinalizer(quote, func(quote *Quote) { quote.Close() })
	return quote, nil
}

// Inspect says what the evidence says of itself: a teeproof.inspection/1. Nothing in it was verified.
func (q *Quote) Inspect() (json.RawMessage, error) {
	return q.says(func(
		pointer unsafe.Pointer, made **C.teeproof_text, why **C.teeproof_error,
	) C.teeproof_result {
		return C.teeproof_quote_inspect((*C.teeproof_quote)(pointer), made, why)
	})
}

// Bundle gives the evidence as one JSON file, which [NewQuote] reads.
func (q *Quote) Bundle() ([]byte, error) {
	return q.says(func(
		pointer unsafe.Pointer, made **C.teeproof_text, why **C.teeproof_error,
	) C.teeproof_result {
		return C.teeproof_quote_to_bundle((*C.teeproof_quote)(pointer), made, why)
	})
}

// Collateral is collateral of one platform or of many, authenticated once for any number of quotes,
// instants and goroutines.
type Collateral struct{ handle }

// NewCollateral authenticates files under Intel's root, or under root, a certificate in DER, for tests
// and simulations.
func NewCollateral(root []byte, files ...[]byte) (*Collateral, error) {
	if err := fits(); err != nil {
		return nil, err
	}
	var lent loan
	defer lent.back()
	anchor := lent.bytes(root)
	var made *C.teeproof_collateral
	var why *C.teeproof_error
	result := C.teeproof_collateral_new(lent.array(files), C.size_t(len(files)), anchor.data, anchor.len,
		&made, &why)
	if err := demand(result, why); err != nil {
		return nil, err
	}
	collateral := &Collateral{handle{pointer: unsafe.Pointer(made), free: func(pointer unsafe.Pointer) {
		C.teeproof_collateral_free((*C.teeproof_collateral)(pointer))
	}}}
	runtime.SetFinalizer(collateral, func(collateral *Collateral) { collateral.Close() })
	return collateral, nil
}

// Inspect says what each file says: platform, evaluation numbers, windows.
func (c *Collateral) Inspect() (json.RawMessage, error) {
	return c.says(func(
		pointer unsafe.Pointer, made **C.teeproof_text, why **C.teeproof_error,
	) C.teeproof_result {
		return C.teeproof_collateral_inspect((*C.teeproof_collateral)(pointer), made, why)
	})
}

// Memory keeps what verdicts with it have established about exact bytes and no instant changes. Windows,
// revocation, TCB and policy are judged every time, and so is the signature of every quote: a report is
// the one without a memory, and costs less for a platform that was seen. Any number of goroutines may use
// one; Close forgets everything.
type Memory struct{ handle }

// NewMemory makes a memory that holds so many bytes at most, about; one of none keeps nothing. A platform
// takes some 10,000, and its collateral some 60,000 for all platforms of a model. What was used least
// recently is forgotten first.
func NewMemory(bytes int) (*Memory, error) {
	if err := fits(); err != nil {
		return nil, err
	}
	if bytes < 0 {
		return nil, &Error{
			Code:    CodeBadLength,
			Message: fmt.Sprintf("a memory of %d bytes: give how many it may hold, 0 or more", bytes),
		}
	}
	var made *C.teeproof_memory
	var why *C.teeproof_error
	result := C.teeproof_memory_new(C.size_t(bytes), &made, &why)
	if err := demand(result, why); err != nil {
		return nil, err
	}
	memory := &Memory{handle{pointer: unsafe.Pointer(made), free: func(pointer unsafe.Pointer) {
		C.teeproof_memory_free((*C.teeproof_memory)(pointer))
	}}}
	runtime.SetFinalizer(memory, func(memory *Memory) { memory.Close() })
	return memory, nil
}

// Policy is what a verdict accepts. Wherever a policy is taken, nil is the strict default.
type Policy struct{ handle }

func newPolicy(made *C.teeproof_policy) *Policy {
	policy := &Policy{handle{pointer: unsafe.Pointer(made), free: func(pointer unsafe.Pointer) {
		C.teeproof_policy_free((*C.teeproof_policy)(pointer))
	}}}
	runtime.SetFinalizer(policy, func(policy *Policy) { policy.Close() })
	return policy
}

// ParsePolicy reads a policy in TOML or JSON.
func ParsePolicy(policy []byte) (*Policy, error) {
	if err := fits(); err != nil {
		return nil, err
	}
	var lent loan
	defer lent.back()
	content := lent.bytes(policy)
	var made *C.teeproof_policy
	var why *C.teeproof_error
	result := C.teeproof_policy_parse(content.data, content.len, &made, &why)
	if err := demand(result, why); err != nil {
		return nil, err
	}
	return newPolicy(made), nil
}

// A Pin is what a caller expects of one piece of evidence.
type Pin struct {
	which C.uint32_t
	value []byte
}

// PinComposeHash expects a compose hash.
func PinComposeHash(hash [32]byte) Pin { return Pin{C.TEEPROOF_PIN_COMPOSE_HASH, hash[:]} }

// PinAppID expects an app id.
func PinAppID(id [20]byte) Pin { return Pin{C.TEEPROOF_PIN_APP_ID, id[:]} }

// PinReportData expects a REPORTDATA.
func PinReportData(data [64]byte) Pin { return Pin{C.TEEPROOF_PIN_REPORT_DATA, data[:]} }

// PinOS expects the operating system of a set that the policy names.
func PinOS(name string) Pin { return Pin{C.TEEPROOF_PIN_OS, []byte(name)} }

// PinRTMR3 expects an RTMR3.
func PinRTMR3(value [48]byte) Pin { return Pin{C.TEEPROOF_PIN_RTMR3, value[:]} }

// Pin gives this policy (nil is the strict default), narrowed: it can only refuse more. A pin of nothing
// that the policy lists is an error.
func (p *Policy) Pin(pin Pin) (*Policy, error) {
	if err := fits(); err != nil {
		return nil, err
	}
	var policy *C.teeproof_policy
	if p != nil {
		pointer, err := p.acquire()
		if err != nil {
			return nil, err
		}
		defer p.release()
		policy = (*C.teeproof_policy)(pointer)
	}
	var lent loan
	defer lent.back()
	value := lent.bytes(pin.value)
	var made *C.teeproof_policy
	var why *C.teeproof_error
	result := C.teeproof_policy_pin(policy, pin.which, value.data, value.len, &made, &why)
	if err := demand(result, why); err != nil {
		return nil, err
	}
	return newPolicy(made), nil
}

// Digest gives SHA-256 of the canonical form.
func (p *Policy) Digest() ([]byte, error) {
	pointer, err := p.acquire()
	if err != nil {
		return nil, err
	}
	defer p.release()
	var digest C.teeproof_slice
	if err := demand(C.teeproof_policy_digest((*C.teeproof_policy)(pointer), &digest), nil); err != nil {
		return nil, err
	}
	return octets(digest), nil
}

// Explain gives the policy as sentences, in JSON. Of nil it explains the strict default.
func (p *Policy) Explain() (json.RawMessage, error) {
	var policy *C.teeproof_policy
	if p != nil {
		pointer, err := p.acquire()
		if err != nil {
			return nil, err
		}
		defer p.release()
		policy = (*C.teeproof_policy)(pointer)
	}
	var made *C.teeproof_text
	var why *C.teeproof_error
	result := C.teeproof_policy_explain(policy, &made, &why)
	return own(made, result, why)
}

// ComposeHash gives SHA-256 of an app-compose exactly as it is, which is what dstack measures.
func ComposeHash(appCompose []byte) ([32]byte, error) {
	var lent loan
	defer lent.back()
	content := lent.bytes(appCompose)
	var hash [32]byte
	var why *C.teeproof_error
	result := C.teeproof_compose_hash(content.data, content.len, (*C.uint8_t)(&hash[0]), 32, &why)
	return hash, demand(result, why)
}

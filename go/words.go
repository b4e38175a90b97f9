package teeproof

/*
#include "teeproof.h"
*/
import "C"

// Verdict is one word for a whole report. The zero value is none of them.
type Verdict uint32

const (
	// Trusted: everything demanded passed, and both the operating system and what it runs were pinned.
	Trusted Verdict = C.TEEPROOF_VERDICT_TRUSTED
	// Genuine: real hardware evidence that the policy accepts; what it runs was not pinned.
	Genuine Verdict = C.TEEPROOF_VERDICT_GENUINE
	// Simulated: would be one of the two, under a trust anchor that is not Intel's.
	Simulated Verdict = C.TEEPROOF_VERDICT_SIMULATED
	// Rejected: a check failed.
	Rejected Verdict = C.TEEPROOF_VERDICT_REJECTED
	// Inconclusive: nothing failed, and something that was demanded could not be checked.
	Inconclusive Verdict = C.TEEPROOF_VERDICT_INCONCLUSIVE
)

// String gives the word, such as "trusted".
func (v Verdict) String() string {
	return word([]string{"none", "trusted", "genuine", "simulated", "rejected", "inconclusive"}, uint32(v))
}

// Outcome is what became of a check. Only one of these is a pass.
type Outcome uint32

const (
	// Passed: it was made, and it holds.
	Passed Outcome = C.TEEPROOF_OUTCOME_PASSED
	// Failed: it was made, and it does not hold.
	Failed Outcome = C.TEEPROOF_OUTCOME_FAILED
	// Skipped: it was demanded and could not be made.
	Skipped Outcome = C.TEEPROOF_OUTCOME_SKIPPED
	// NotRequested: nobody demanded it.
	NotRequested Outcome = C.TEEPROOF_OUTCOME_NOT_REQUESTED
)

// String gives the word, such as "passed".
func (o Outcome) String() string {
	return word([]string{"none", "passed", "failed", "skipped", "not-requested"}, uint32(o))
}

// Sameness is one word for a whole comparison. The zero value is none of them.
type Sameness uint32

const (
	// SameCode: every instance is trusted under one policy, and all run the same code.
	SameCode Sameness = C.TEEPROOF_SAMENESS_SAME_CODE
	// SameMeasurements: the measurements match, and they do not pin all of the code.
	SameMeasurements Sameness = C.TEEPROOF_SAMENESS_SAME_MEASUREMENTS
	// Unproven: something demanded could not be shown.
	Unproven Sameness = C.TEEPROOF_SAMENESS_UNPROVEN
	// Refuted: the instances differ where they have to match, or match where they have to differ.
	Refuted Sameness = C.TEEPROOF_SAMENESS_REFUTED
)

// String gives the word, such as "same-code".
func (s Sameness) String() string {
	return word([]string{"none", "same-code", "same-measurements", "unproven", "refuted"}, uint32(s))
}

func word(words []string, number uint32) string {
	if int64(number) < int64(len(words)) {
		return words[number]
	}
	return "unknown"
}

// Measurement is a register of a quote. Those of the other kind of TEE are absent.
type Measurement uint32

// The registers, with their length in bytes.
const (
	MRTD          Measurement = C.TEEPROOF_MEASUREMENT_MRTD            // TDX, 48
	RTMR0         Measurement = C.TEEPROOF_MEASUREMENT_RTMR0           // TDX, 48
	RTMR1         Measurement = C.TEEPROOF_MEASUREMENT_RTMR1           // TDX, 48
	RTMR2         Measurement = C.TEEPROOF_MEASUREMENT_RTMR2           // TDX, 48
	RTMR3         Measurement = C.TEEPROOF_MEASUREMENT_RTMR3           // TDX, 48
	MRSEAM        Measurement = C.TEEPROOF_MEASUREMENT_MR_SEAM         // TDX, 48
	MRSignerSEAM  Measurement = C.TEEPROOF_MEASUREMENT_MR_SIGNER_SEAM  // TDX, 48
	MRConfigID    Measurement = C.TEEPROOF_MEASUREMENT_MR_CONFIG_ID    // TDX, 48
	MROwner       Measurement = C.TEEPROOF_MEASUREMENT_MR_OWNER        // TDX, 48
	MROwnerConfig Measurement = C.TEEPROOF_MEASUREMENT_MR_OWNER_CONFIG // TDX, 48
	TEETCBSVN     Measurement = C.TEEPROOF_MEASUREMENT_TEE_TCB_SVN     // TDX, 16
	TEETCBSVN2    Measurement = C.TEEPROOF_MEASUREMENT_TEE_TCB_SVN2    // TDX 1.5, 16
	TDAttributes  Measurement = C.TEEPROOF_MEASUREMENT_TD_ATTRIBUTES   // TDX, 8
	XFAM          Measurement = C.TEEPROOF_MEASUREMENT_XFAM            // TDX, 8
	ReportData    Measurement = C.TEEPROOF_MEASUREMENT_REPORT_DATA     // both, 64
	MREnclave     Measurement = C.TEEPROOF_MEASUREMENT_MR_ENCLAVE      // SGX, 32
	MRSigner      Measurement = C.TEEPROOF_MEASUREMENT_MR_SIGNER       // SGX, 32
	Attributes    Measurement = C.TEEPROOF_MEASUREMENT_ATTRIBUTES      // SGX, 16
	ISVProdID     Measurement = C.TEEPROOF_MEASUREMENT_ISV_PROD_ID     // SGX, 2, little-endian
	ISVSVN        Measurement = C.TEEPROOF_MEASUREMENT_ISV_SVN         // SGX, 2, little-endian
)

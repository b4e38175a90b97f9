package teeproof

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

const fixtures = "../fixtures/"

// at is inside of the windows of the samples' collateral.
var at = AsOf(time.Unix(1751000000, 0))

func must[T any](t testing.TB) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	return must[[]byte](t)(os.ReadFile(fixtures + name))
}

// refused demands an error of a code, with a sentence.
func refused(t *testing.T, code Code, err error) {
	t.Helper()
	var failure *Error
	if !errors.As(err, &failure) {
		t.Fatalf("%v is no *Error, and %s was expected", err, code)
	}
	if failure.Code != code || failure.Message == "" || !strings.Contains(err.Error(), string(code)) {
		t.Fatalf("%v: %s was expected", err, code)
	}
}

type sample struct {
	quote, collateral, policy []byte
}

func real(t testing.TB, name string) sample {
	folder := "real/" + name
	return sample{file(t, folder+"/quote.bin"), file(t, folder+"/collateral.json"), file(t, folder+"/policy.toml")}
}

func altered(content []byte, place int) []byte {
	changed := append([]byte(nil), content...)
	changed[place] ^= 1
	return changed
}

// judge gives the report of parts under the policy of the sample.
func (s sample) judge(t testing.TB, options Options, parts ...[]byte) *Report {
	t.Helper()
	options.Policy = must[*Policy](t)(ParsePolicy(s.policy))
	quote := must[*Quote](t)(NewQuote(parts...))
	return must[*Report](t)(Verify(quote, options))
}

func TestARealQuote(t *testing.T) {
	one := real(t, "tdx-v4")
	report := one.judge(t, Options{At: at, Name: "prod9"}, one.quote, one.collateral)
	if report.Verdict() != Genuine || report.ExitCode() != 3 || report.Simulates() != 0 {
		t.Fatalf("%v, %d, %v", report.Verdict(), report.ExitCode(), report.Simulates())
	}
	if !strings.Contains(report.Headline(), "GENUINE, NOT PINNED") || report.TCBStatus() != "UpToDate" {
		t.Fatal(report.Headline(), report.TCBStatus())
	}
	if engines := report.Engines(); engines != "both" && engines != "single" {
		t.Fatal(engines)
	}
	var answer struct {
		Schema, Verdict, VerdictDigest string
		Input                          struct{ Name string }
	}
	if err := json.Unmarshal(must[[]byte](t)(report.JSON()), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Schema != "teeproof.answer/1" || answer.Verdict != report.Verdict().String() ||
		answer.VerdictDigest != hex.EncodeToString(report.Digest()) || answer.Input.Name != "prod9" {
		t.Fatal(answer)
	}
	asked := one.judge(t, Options{At: at, GenuineOnly: true}, one.quote, one.collateral)
	if asked.ExitCode() != 0 || asked.Verdict() != Genuine {
		t.Fatal(asked.ExitCode(), asked.Verdict())
	}
}

func TestEveryBitOfASignedQuoteCounts(t *testing.T) {
	one := real(t, "tdx-v4")
	for _, place := range []int{48, 184, 567, 640, 700} {
		report := one.judge(t, Options{At: at}, altered(one.quote, place), one.collateral)
		if report.Verdict() != Rejected {
			t.Fatalf("byte %d: %v", place, report.Verdict())
		}
		failed := 0
		for _, check := range must[[]Check](t)(report.Checks()) {
			if check.Outcome == Failed {
				failed++
				if check.Reason == "" || check.Because == "" || check.Next == "" {
					t.Fatalf("%+v", check)
				}
			}
		}
		if failed == 0 {
			t.Fatal("nothing failed")
		}
	}
}

func TestWithoutCollateralNothingIsProven(t *testing.T) {
	one := real(t, "tdx-v4")
	report := one.judge(t, Options{At: at}, one.quote)
	if report.Verdict() != Inconclusive || report.ExitCode() != 6 {
		t.Fatal(report.Verdict(), report.ExitCode())
	}
	if check := must[Check](t)(report.Check("collateral.present")); check.Outcome != Skipped {
		t.Fatalf("%+v", check)
	}
	lapsed := one.judge(t, Options{At: Now()}, one.quote, one.collateral)
	if lapsed.Verdict() != Inconclusive || strings.Contains(lapsed.Headline(), "AS OF") {
		t.Fatal(lapsed.Headline())
	}
}

func TestSharedCollateralGivesTheSameVerdict(t *testing.T) {
	one := real(t, "tdx-v4")
	shared := must[*Collateral](t)(NewCollateral(nil, one.collateral))
	defer shared.Close()
	own := one.judge(t, Options{At: at}, one.quote, one.collateral)
	with := one.judge(t, Options{At: at, Collateral: shared}, one.quote)
	if !bytes.Equal(own.Digest(), with.Digest()) || len(own.Digest()) != 32 {
		t.Fatalf("%x and %x", own.Digest(), with.Digest())
	}
	var inspections []json.RawMessage
	if err := json.Unmarshal(must[json.RawMessage](t)(shared.Inspect()), &inspections); err != nil || len(inspections) != 1 {
		t.Fatal(err, len(inspections))
	}
}

func TestABundleIsEvidence(t *testing.T) {
	one := real(t, "tdx-v4")
	quote := must[*Quote](t)(NewQuote(one.quote, one.collateral))
	bundle := must[[]byte](t)(quote.Bundle())
	own := one.judge(t, Options{At: at}, one.quote, one.collateral)
	if again := one.judge(t, Options{At: at}, bundle); !bytes.Equal(own.Digest(), again.Digest()) {
		t.Fatal(again.Headline())
	}
	if inspected := must[json.RawMessage](t)(quote.Inspect()); !bytes.Contains(inspected, []byte("teeproof.inspection/1")) {
		t.Fatal(string(inspected))
	}
}

// Against the quote itself: a version 4 quote has its TD report from byte 48 on, as an SGX quote has its
// enclave report.
func TestRegisters(t *testing.T) {
	type place struct{ offset, size int }
	for name, places := range map[string]map[Measurement]place{
		"tdx-v4": {
			TEETCBSVN: {48, 16}, MRSEAM: {64, 48}, MRSignerSEAM: {112, 48}, TDAttributes: {168, 8},
			XFAM: {176, 8}, MRTD: {184, 48}, MRConfigID: {232, 48}, MROwner: {280, 48},
			MROwnerConfig: {328, 48}, RTMR0: {376, 48}, RTMR1: {424, 48}, RTMR2: {472, 48},
			RTMR3: {520, 48}, ReportData: {568, 64},
		},
		"sgx-v3": {
			Attributes: {96, 16}, MREnclave: {112, 32}, MRSigner: {176, 32}, ISVProdID: {304, 2},
			ISVSVN: {306, 2}, ReportData: {368, 64},
		},
	} {
		one := real(t, name)
		report := one.judge(t, Options{At: at}, one.quote, one.collateral)
		for which := MRTD; which <= ISVSVN; which++ {
			found, err := report.Measurement(which)
			place, there := places[which]
			if !there {
				refused(t, CodeAbsent, err)
			} else if err != nil || !bytes.Equal(found, one.quote[place.offset:place.offset+place.size]) {
				t.Fatalf("%s, %d: %x, %v", name, which, found, err)
			}
		}
		_, err := report.Measurement(ISVSVN + 1)
		refused(t, "unknown-number", err)
	}
}

// sameValue compares what a check has with the answer's, where what is not there is null.
func sameValue(own, answered json.RawMessage) bool {
	return bytes.Equal(own, answered) || own == nil && string(answered) == "null"
}

func TestChecksAreThoseOfTheAnswer(t *testing.T) {
	one := real(t, "tdx-v4")
	for _, quote := range [][]byte{one.quote, altered(one.quote, 200)} {
		report := one.judge(t, Options{At: at}, quote, one.collateral)
		var answer struct {
			Checks []struct {
				Number                                                       uint32
				ID, Title, Outcome, Reason, Because, Next, Anchor, DependsOn string
				Found, Expected                                              json.RawMessage
			}
		}
		if err := json.Unmarshal(must[[]byte](t)(report.JSON()), &answer); err != nil {
			t.Fatal(err)
		}
		checks := must[[]Check](t)(report.Checks())
		if len(checks) != len(answer.Checks) || len(checks) < 40 {
			t.Fatal(len(checks), len(answer.Checks))
		}
		for place, check := range checks {
			other := answer.Checks[place]
			same := check.Number == other.Number && check.ID == other.ID && check.Title == other.Title &&
				check.Outcome.String() == other.Outcome && check.Reason == other.Reason &&
				check.Because == other.Because && check.Next == other.Next && check.Anchor == other.Anchor &&
				check.DependsOn == other.DependsOn && sameValue(check.Found, other.Found) &&
				sameValue(check.Expected, other.Expected)
			if !same {
				t.Fatalf("%+v and %+v", check, other)
			}
		}
		_, err := report.Check("quote.signed")
		refused(t, CodeAbsent, err)
	}
}

func TestForgedEvidence(t *testing.T) {
	const folder = "forged/tdx-v4/"
	var parts [][]byte
	for _, name := range []string{"quote.bin", "collateral.json", "event-log.json", "app-compose.json", "vm-config.json"} {
		parts = append(parts, file(t, folder+name))
	}
	one := sample{policy: file(t, folder+"policy.toml")}
	// As declared in expect.toml.
	day := AsOf(time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC))
	challenge := &Challenge{[]byte("a challenge of the forge"), "sha512"}
	root := file(t, folder+"root.der")
	own := one.judge(t, Options{At: day, Root: root, Challenge: challenge}, parts...)
	if own.Verdict() != Simulated || own.Simulates() != Trusted || own.ExitCode() != 10 {
		t.Fatal(own.Headline(), own.Simulates())
	}
	if intel := one.judge(t, Options{At: day, Challenge: challenge}, parts...); intel.Verdict() != Rejected {
		t.Fatal(intel.Headline())
	}
	challenge.Value = []byte("another")
	other := one.judge(t, Options{At: day, Root: root, Challenge: challenge}, parts...)
	if other.Verdict() != Rejected || must[Check](t)(other.Check("freshness.challenge")).Outcome != Failed {
		t.Fatal(other.Headline())
	}
}

func TestPolicies(t *testing.T) {
	one := real(t, "tdx-v4")
	policy := must[*Policy](t)(ParsePolicy(one.policy))
	zeros := must[*Policy](t)(policy.Pin(PinRTMR3([48]byte{})))
	if bytes.Equal(must[[]byte](t)(policy.Digest()), must[[]byte](t)(zeros.Digest())) {
		t.Fatal("a pin that changes nothing")
	}
	other := must[*Policy](t)(policy.Pin(PinRTMR3([48]byte{1})))
	quote := must[*Quote](t)(NewQuote(one.quote, one.collateral))
	if report := must[*Report](t)(Verify(quote, Options{At: at, Policy: other})); report.Verdict() != Rejected {
		t.Fatal(report.Headline())
	}
	var none *Policy
	for _, pin := range []Pin{PinComposeHash([32]byte{1}), PinAppID([20]byte{2}), PinReportData([64]byte{3})} {
		none = must[*Policy](t)(none.Pin(pin))
	}
	must[*Policy](t)(policy.Pin(PinOS("sample-os")))
	_, err := policy.Pin(PinOS("another"))
	refused(t, CodePolicy, err)
	_, err = policy.Pin(Pin{})
	refused(t, "unknown-number", err)
	explained := must[json.RawMessage](t)(policy.Explain())
	if digest := hex.EncodeToString(must[[]byte](t)(policy.Digest())); !bytes.Contains(explained, []byte(digest)) {
		t.Fatal(string(explained))
	}
	strict := (*Policy)(nil)
	must[json.RawMessage](t)(strict.Explain())
	compose := file(t, "forged/tdx-v4/app-compose.json")
	if hash := must[[32]byte](t)(ComposeHash(compose)); hash != sha256.Sum256(compose) {
		t.Fatalf("%x", hash)
	}
}

func TestRefusals(t *testing.T) {
	one := real(t, "tdx-v4")
	quote := must[*Quote](t)(NewQuote(one.quote, one.collateral))
	inputs := func(parts ...[]byte) error { _, err := NewQuote(parts...); return err }
	refused(t, CodeUnreadable, inputs([]byte("no quote")))
	refused(t, CodeUnreadable, inputs(nil))
	refused(t, CodeNotOneInstance, inputs())
	refused(t, CodeNotOneInstance, inputs(one.quote, real(t, "tdx-v5-td15").quote))

	collateral := func(root []byte, files ...[]byte) error { _, err := NewCollateral(root, files...); return err }
	refused(t, CodeCollateralFormat, collateral(nil, []byte("{}")))
	refused(t, CodeCollateralRefused, collateral(file(t, "forged/tdx-v4/root.der"), one.collateral))
	refused(t, CodeRoot, collateral([]byte("no certificate"), one.collateral))

	_, err := ParsePolicy([]byte("foo = 1"))
	refused(t, CodePolicy, err)
	_, err = ParsePolicy(nil)
	refused(t, CodePolicy, err)
	_, err = ComposeHash(make([]byte, 4<<20+1))
	refused(t, CodeCompose, err)

	for _, wrong := range []struct {
		code    Code
		options Options
	}{
		{CodeInstant, Options{}},
		{CodeInstant, Options{At: Captured()}},
		{CodeInstant, Options{At: AsOf(time.Unix(-1, 0))}},
		{CodeInstant, Options{At: AsOf(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))}},
		{CodeRoot, Options{At: at, Root: []byte("x")}},
		{CodeChallenge, Options{At: at, Challenge: &Challenge{[]byte("1"), "rot13"}}},
		{CodeChallenge, Options{At: at, Challenge: &Challenge{make([]byte, 1025), "sha512"}}},
		{CodeBadLength, Options{At: at, Live: true, TLSKey: []byte("short")}},
		{"not-utf8", Options{At: at, Name: "\xff"}},
	} {
		report, err := Verify(quote, wrong.options)
		if report != nil {
			t.Fatal(report.Headline())
		}
		refused(t, wrong.code, err)
	}

	_, err = Call("trust", struct{}{})
	refused(t, "unknown-operation", err)
	_, err = Call("verify", struct{}{})
	refused(t, "request", err)
	if _, err = Call("verify", func() {}); err == nil {
		t.Fatal("a function is no request")
	}
}

func TestComparisons(t *testing.T) {
	one, other := real(t, "tdx-v4"), real(t, "tdx-v5-td15")
	first := must[*Quote](t)(NewQuote(one.quote, one.collateral))
	second := must[*Quote](t)(NewQuote(other.quote, other.collateral))
	forth := must[*Comparison](t)(Compare([]*Quote{first, second}, Options{At: at}))
	back := must[*Comparison](t)(Compare([]*Quote{second, first}, Options{At: at, Name: "not read"}))
	if len(forth.Digest()) != 32 || !bytes.Equal(forth.Digest(), back.Digest()) {
		t.Fatalf("%x and %x", forth.Digest(), back.Digest())
	}
	if forth.Sameness() == SameCode || forth.Sameness() == 0 || forth.ExitCode() == 0 || forth.Headline() == "" {
		t.Fatal(forth.Sameness(), forth.ExitCode(), forth.Headline())
	}
	if !bytes.Contains(must[[]byte](t)(forth.JSON()), []byte("teeproof.comparison/1")) {
		t.Fatal("no comparison")
	}
	// The same handle twice is two instances, and a claim is one of the comparison.
	must[*Comparison](t)(Compare([]*Quote{first, first}, Options{At: at, DifferentMachines: true}))
	_, err := Compare([]*Quote{first, nil}, Options{At: at})
	refused(t, CodeClosed, err)
	if empty, err := Compare(nil, Options{At: at}); err == nil && empty.ExitCode() == 0 {
		t.Fatal("nothing is not the same code")
	}
}

func TestTheDoorGivesTheVerdictOfTheHandles(t *testing.T) {
	one := real(t, "tdx-v4")
	type part struct {
		Hex string `json:"hex"`
	}
	answer := must[json.RawMessage](t)(Call("verify", map[string]any{
		"schema": "teeproof.request/1",
		"inputs": []any{map[string]any{"name": "", "parts": []part{
			{hex.EncodeToString(one.quote)}, {hex.EncodeToString(one.collateral)},
		}}},
		"policy": string(one.policy),
		"at":     1751000000,
	}))
	var answers []json.RawMessage
	if err := json.Unmarshal(answer, &answers); err != nil || len(answers) != 1 {
		t.Fatal(err, len(answers))
	}
	report := one.judge(t, Options{At: at}, one.quote, one.collateral)
	if !bytes.Equal(answers[0], must[[]byte](t)(report.JSON())) {
		t.Fatal("the door and the handles differ")
	}
}

func TestWordsAreThoseOfTheSchemas(t *testing.T) {
	for word, found := range map[string]string{
		"trusted": Trusted.String(), "genuine": Genuine.String(), "simulated": Simulated.String(),
		"rejected": Rejected.String(), "inconclusive": Inconclusive.String(), "none": Verdict(0).String(),
		"unknown": Verdict(9).String(), "not-requested": NotRequested.String(), "passed": Passed.String(),
		"failed": Failed.String(), "skipped": Skipped.String(), "same-code": SameCode.String(),
		"same-measurements": SameMeasurements.String(), "unproven": Unproven.String(), "refuted": Refuted.String(),
	} {
		if word != found {
			t.Errorf("%s and not %s", found, word)
		}
	}
	manifest := string(must[[]byte](t)(os.ReadFile("../Cargo.toml")))
	if !strings.Contains(manifest, "\nversion = \""+Version()+"\"\n") {
		t.Fatal(Version())
	}
}

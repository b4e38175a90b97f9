package teeproof

import (
	"bytes"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"
)

// late is when the samples' collateral has lapsed.
var late = AsOf(time.Unix(1751000000+40*86400, 0))

// same gives the verdict with a memory, whose report has to be the one without.
func same(t *testing.T, memory *Memory, options Options, parts ...[]byte) Verdict {
	t.Helper()
	quote := must[*Quote](t)(NewQuote(parts...))
	defer quote.Close()
	without := must[*Report](t)(Verify(quote, options))
	defer without.Close()
	options.Memory = memory
	with := must[*Report](t)(Verify(quote, options))
	defer with.Close()
	if len(with.Digest()) != 32 || !bytes.Equal(with.Digest(), without.Digest()) {
		t.Fatalf("%x and %x", with.Digest(), without.Digest())
	}
	if !bytes.Equal(must[[]byte](t)(with.JSON()), must[[]byte](t)(without.JSON())) {
		t.Fatalf("%s and %s", with.Headline(), without.Headline())
	}
	return with.Verdict()
}

func replaced(t *testing.T, content []byte, from, to string) []byte {
	t.Helper()
	if !bytes.Contains(content, []byte(from)) {
		t.Fatal(from)
	}
	return []byte(strings.Replace(string(content), from, to, 1))
}

// Each after the good evidence, so that all that can be remembered is.
func TestAMemoryAcceptsNothingElse(t *testing.T) {
	one := real(t, "tdx-v4")
	policy := must[*Policy](t)(ParsePolicy(one.policy))
	pinned := must[*Policy](t)(policy.Pin(PinReportData([64]byte{})))
	shared := must[*Collateral](t)(NewCollateral(nil, one.collateral))
	// A memory of no bytes is one that keeps nothing.
	for _, limit := range []int{0, 1, 100_000, 4 << 20, math.MaxInt} {
		memory := must[*Memory](t)(NewMemory(limit))
		options := Options{At: at, Policy: policy}
		expect := func(expected Verdict, options Options, parts ...[]byte) {
			t.Helper()
			if found := same(t, memory, options, parts...); found != expected {
				t.Fatalf("of %d bytes: %v and not %v", limit, found, expected)
			}
		}
		for round := 0; round < 2; round++ {
			expect(Genuine, options, one.quote, one.collateral)
			// The TD's report, the signature over it, the quoting enclave's report and the one over that.
			for _, place := range []int{48, 200, 567, 640, 900, 1160} {
				expect(Rejected, options, altered(one.quote, place), one.collateral)
			}
			// TCB info, QE identity and their signatures.
			for from, to := range map[string]string{
				"2025-06-19T10:16:03Z": "2025-06-19T10:16:04Z",
				"2025-06-19T10:32:27Z": "2025-06-19T10:32:28Z",
				"027ef6ca41bac64e":     "127ef6ca41bac64e",
				"d6d709840544c26e":     "c6d709840544c26e",
			} {
				expect(Rejected, options, one.quote, replaced(t, one.collateral, from, to))
			}
			expect(Inconclusive, options, one.quote)
			expect(Inconclusive, Options{At: late, Policy: policy}, one.quote, one.collateral)
			expect(Rejected, Options{At: at, Policy: pinned}, one.quote, one.collateral)

			authentic := Options{At: at, Policy: policy, Collateral: shared}
			expect(Genuine, authentic, one.quote)
			expect(Rejected, authentic, altered(one.quote, 200))
			expect(Rejected, authentic, altered(one.quote, 900))
			authentic.At = late
			expect(Inconclusive, authentic, one.quote)
		}
		memory.Close()
	}
}

// What was authentic under a test root is not so under Intel's.
func TestAMemoryKeepsRootsApart(t *testing.T) {
	const folder = "forged/tdx-v4/"
	var parts [][]byte
	for _, name := range []string{"quote.bin", "collateral.json", "event-log.json", "app-compose.json", "vm-config.json"} {
		parts = append(parts, file(t, folder+name))
	}
	// As declared in expect.toml.
	intel := Options{
		At:        AsOf(time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)),
		Policy:    must[*Policy](t)(ParsePolicy(file(t, folder+"policy.toml"))),
		Challenge: &Challenge{[]byte("a challenge of the forge"), "sha512"},
	}
	test := intel
	test.Root = file(t, folder+"root.der")
	stale := test
	stale.Challenge = &Challenge{[]byte("another"), "sha512"}
	memory := must[*Memory](t)(NewMemory(1 << 20))
	defer memory.Close()
	for _, one := range []struct {
		expected Verdict
		options  Options
	}{{Simulated, test}, {Rejected, intel}, {Rejected, stale}, {Simulated, test}} {
		if found := same(t, memory, one.options, parts...); found != one.expected {
			t.Fatalf("%v and not %v", found, one.expected)
		}
	}
}

// A call that cannot be made is refused as without a memory, and what is no memory is none.
func TestRefusalsWithAMemory(t *testing.T) {
	for _, limit := range []int{-1, math.MinInt} {
		memory, err := NewMemory(limit)
		refused(t, CodeBadLength, err)
		if memory != nil {
			t.Fatal(limit)
		}
	}
	one := real(t, "tdx-v4")
	quote := must[*Quote](t)(NewQuote(one.quote, one.collateral))
	memory := must[*Memory](t)(NewMemory(1 << 20))
	defer memory.Close()
	try := func(code Code, quote *Quote, options Options) {
		t.Helper()
		report, err := Verify(quote, options)
		refused(t, code, err)
		if report != nil {
			t.Fatal(report.Headline())
		}
	}
	try(CodeInstant, quote, Options{Memory: memory})
	try(CodeInstant, quote, Options{At: Captured(), Memory: memory})
	try(CodeRoot, quote, Options{At: at, Root: []byte("x"), Memory: memory})
	try(CodeClosed, nil, Options{At: at, Memory: memory})
	try(CodeClosed, &Quote{}, Options{At: at, Memory: memory})
	// The library sees the memory: a handle of another kind in its place is noticed.
	try("wrong-kind", quote, Options{At: at, Memory: &Memory{handle{pointer: quote.pointer}}})
	if memory.users != 0 || quote.users != 0 {
		t.Fatal("a refused call keeps its handles", memory.users, quote.users)
	}
}

// Good and bad evidence from many goroutines at once, in one memory: the race detector looks on.
func TestAMemoryIsShared(t *testing.T) {
	one := real(t, "tdx-v4")
	policy := must[*Policy](t)(ParsePolicy(one.policy))
	memory := must[*Memory](t)(NewMemory(1 << 20))
	defer memory.Close()
	var quotes [3]*Quote
	var digests [3][]byte
	for place, bytes := range [][]byte{one.quote, altered(one.quote, 200), altered(one.quote, 900)} {
		quotes[place] = must[*Quote](t)(NewQuote(bytes, one.collateral))
		digests[place] = must[*Report](t)(Verify(quotes[place], Options{At: at, Policy: policy})).Digest()
	}
	var group sync.WaitGroup
	for worker := 0; worker < 8; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			for round := 0; round < 9; round++ {
				place := (worker + round) % len(quotes)
				report, err := Verify(quotes[place], Options{At: at, Policy: policy, Memory: memory})
				if err != nil {
					t.Error(err)
					return
				}
				if (report.Verdict() == Genuine) != (place == 0) || !bytes.Equal(report.Digest(), digests[place]) {
					t.Errorf("%d: %s, %x", place, report.Headline(), report.Digest())
				}
				report.Close()
			}
		}(worker)
	}
	group.Wait()
}

// As for other handles: who is inside of a call ends with an answer, and nobody else gets one.
func TestClosingAMemoryWhileOthersUseIt(t *testing.T) {
	one := real(t, "tdx-v4")
	quote := must[*Quote](t)(NewQuote(one.quote, one.collateral))
	for round := 0; round < 20; round++ {
		memory := must[*Memory](t)(NewMemory(1 << 20))
		closedInUse(t, &memory.handle, quote, Options{At: at, Memory: memory})
		_, err := Verify(quote, Options{At: at, Memory: memory})
		refused(t, CodeClosed, err)
	}
}

func TestFinalizersFreeAMemory(t *testing.T) {
	one := real(t, "tdx-v4")
	freed := make(chan struct{})
	func() {
		memory := must[*Memory](t)(NewMemory(1 << 20))
		free := memory.free
		memory.free = func(pointer unsafe.Pointer) { free(pointer); close(freed) }
		same(t, memory, Options{At: at}, one.quote, one.collateral)
	}()
	collect(t, freed)
}

// A comparison is the same with a memory, which it has no use for.
func TestAMemoryChangesNoComparison(t *testing.T) {
	one := real(t, "tdx-v4")
	memory := must[*Memory](t)(NewMemory(1 << 20))
	defer memory.Close()
	good := must[*Quote](t)(NewQuote(one.quote, one.collateral))
	bad := must[*Quote](t)(NewQuote(altered(one.quote, 900), one.collateral))
	for _, quotes := range [][]*Quote{{good, good}, {good, bad}, {bad, good}} {
		with := must[*Comparison](t)(Compare(quotes, Options{At: at, Memory: memory}))
		without := must[*Comparison](t)(Compare(quotes, Options{At: at}))
		if len(with.Digest()) != 32 || !bytes.Equal(with.Digest(), without.Digest()) {
			t.Fatalf("%x and %x", with.Digest(), without.Digest())
		}
	}
}

package teeproof

import (
	"bytes"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"
	"unsafe"
)

func TestAClosedHandleIsRefused(t *testing.T) {
	one := real(t, "tdx-v4")
	quote := must[*Quote](t)(NewQuote(one.quote, one.collateral))
	policy := must[*Policy](t)(ParsePolicy(one.policy))
	collateral := must[*Collateral](t)(NewCollateral(nil, one.collateral))
	memory := must[*Memory](t)(NewMemory(1 << 20))
	report := must[*Report](t)(Verify(quote, Options{At: at, Policy: policy, Collateral: collateral, Memory: memory}))
	comparison := must[*Comparison](t)(Compare([]*Quote{quote}, Options{At: at}))
	for _, one := range []interface{ Close() error }{policy, collateral, memory, report, comparison} {
		for range []int{1, 2} {
			if err := one.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	try := func(err error) { t.Helper(); refused(t, CodeClosed, err) }
	_, err := Verify(quote, Options{At: at, Policy: policy})
	try(err)
	_, err = Verify(quote, Options{At: at, Collateral: collateral})
	try(err)
	_, err = Verify(quote, Options{At: at, Memory: memory})
	try(err)
	_, err = Compare([]*Quote{quote}, Options{At: at, Memory: memory})
	try(err)
	_, err = policy.Digest()
	try(err)
	_, err = policy.Pin(PinOS("sample-os"))
	try(err)
	_, err = policy.Explain()
	try(err)
	_, err = collateral.Inspect()
	try(err)
	_, err = report.Checks()
	try(err)
	_, err = report.Measurement(MRTD)
	try(err)
	_, err = report.JSON()
	try(err)
	_, err = comparison.JSON()
	try(err)
	quote.Close()
	_, err = Verify(quote, Options{At: at})
	try(err)
	_, err = Compare([]*Quote{quote}, Options{At: at})
	try(err)
	_, err = quote.Inspect()
	try(err)
	_, err = quote.Bundle()
	try(err)
	// What every report says is copied.
	if report.Verdict() != Genuine || len(report.Digest()) != 32 || report.Headline() == "" {
		t.Fatal(report.Verdict())
	}
}

func TestAHandleThatWasNeverMadeIsRefused(t *testing.T) {
	var quote *Quote
	_, err := Verify(quote, Options{At: at})
	refused(t, CodeClosed, err)
	_, err = Verify(&Quote{}, Options{At: at})
	refused(t, CodeClosed, err)
	_, err = (&Collateral{}).Inspect()
	refused(t, CodeClosed, err)
	real := must[*Quote](t)(NewQuote(real(t, "tdx-v4").quote))
	_, err = Verify(real, Options{At: at, Policy: &Policy{}})
	refused(t, CodeClosed, err)
	_, err = Verify(real, Options{At: at, Collateral: &Collateral{}})
	refused(t, CodeClosed, err)
	_, err = Verify(real, Options{At: at, Memory: &Memory{}})
	refused(t, CodeClosed, err)
	if verdict := (&Report{}).Verdict(); verdict == Trusted || verdict == Genuine {
		t.Fatal(verdict)
	}
	if err := (&Quote{}).Close(); err != nil {
		t.Fatal(err)
	}
}

// Many goroutines, one collateral, one policy, one quote: the race detector looks on.
func TestHandlesAreShared(t *testing.T) {
	one := real(t, "tdx-v4")
	collateral := must[*Collateral](t)(NewCollateral(nil, one.collateral))
	policy := must[*Policy](t)(ParsePolicy(one.policy))
	shared := must[*Quote](t)(NewQuote(one.quote))
	options := Options{At: at, Policy: policy, Collateral: collateral}
	expected := must[*Report](t)(Verify(shared, options))
	var group sync.WaitGroup
	for worker := 0; worker < 8; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for round := 0; round < 8; round++ {
				report, err := Verify(shared, options)
				if err != nil {
					t.Error(err)
					return
				}
				checks, err := expected.Checks()
				if err != nil || len(checks) < 40 || !bytes.Equal(report.Digest(), expected.Digest()) {
					t.Errorf("%v, %d, %x", err, len(checks), report.Digest())
				}
				report.Close()
			}
		}()
	}
	group.Wait()
}

// Whoever is inside of a call when a handle is closed ends with an answer, and nobody else gets one.
func TestClosingWhileOthersUseIt(t *testing.T) {
	one := real(t, "tdx-v4")
	quote := must[*Quote](t)(NewQuote(one.quote))
	for round := 0; round < 20; round++ {
		collateral := must[*Collateral](t)(NewCollateral(nil, one.collateral))
		closedInUse(t, &collateral.handle, quote, Options{At: at, Collateral: collateral})
	}
}

// closedInUse closes a handle while others verify with these options, which name it.
func closedInUse(t *testing.T, used *handle, quote *Quote, options Options) {
	t.Helper()
	var ready, done sync.WaitGroup
	ready.Add(4)
	for worker := 0; worker < 4; worker++ {
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			report, err := Verify(quote, options)
			if err == nil && report.Verdict() != Genuine {
				t.Error(report.Headline())
			}
			var failure *Error
			if err != nil && !(errors.As(err, &failure) && failure.Code == CodeClosed) {
				t.Error(err)
			}
		}()
	}
	ready.Wait()
	used.Close()
	done.Wait()
	if used.pointer != nil || used.users != 0 {
		t.Fatal("not freed")
	}
}

// What nobody closes is freed when it is collected, and not before a call that uses it has ended.
func TestFinalizers(t *testing.T) {
	one := real(t, "tdx-v4")
	freed := make(chan struct{})
	func() {
		collateral := must[*Collateral](t)(NewCollateral(nil, one.collateral))
		free := collateral.free
		collateral.free = func(pointer unsafe.Pointer) { free(pointer); close(freed) }
		// Here is its last use, while the collector is at work.
		stop := make(chan struct{})
		var collecting sync.WaitGroup
		collecting.Add(1)
		go func() {
			defer collecting.Done()
			for {
				select {
				case <-stop:
					return
				default:
					runtime.GC()
				}
			}
		}()
		for round := 0; round < 5; round++ {
			quote := must[*Quote](t)(NewQuote(one.quote))
			report := must[*Report](t)(Verify(quote, Options{At: at, Collateral: collateral}))
			if report.Verdict() != Genuine {
				t.Error(report.Headline())
			}
			must[[]Check](t)(report.Checks())
		}
		close(stop)
		collecting.Wait()
	}()
	collect(t, freed)
}

// collect has the collector work until what nobody uses any more is freed.
func collect(t *testing.T, freed <-chan struct{}) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		select {
		case <-freed:
			return
		case <-deadline:
			t.Fatal("never freed")
		default:
			runtime.GC()
		}
	}
}

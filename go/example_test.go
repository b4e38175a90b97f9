package teeproof_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"teeproof"
)

func read(name string) []byte {
	content, err := os.ReadFile("../fixtures/real/tdx-v4/" + name)
	if err != nil {
		log.Fatal(err)
	}
	return content
}

// One quote with its collateral, as of the day of the sample.
func ExampleVerify() {
	quote, err := teeproof.NewQuote(read("quote.bin"), read("collateral.json"))
	if err != nil {
		log.Fatal(err)
	}
	defer quote.Close()
	at := time.Date(2025, 6, 27, 4, 53, 20, 0, time.UTC)
	report, err := teeproof.Verify(quote, teeproof.Options{At: teeproof.AsOf(at)})
	if err != nil {
		log.Fatal(err)
	}
	defer report.Close()
	mrtd, err := report.Measurement(teeproof.MRTD)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Verdict(), report.TCBStatus())
	fmt.Printf("%x\n", mrtd[:8])
	// Output:
	// genuine UpToDate
	// 91eb2b44d141d4ec
}

// Collateral is authenticated once, for any number of quotes and goroutines.
func ExampleNewCollateral() {
	collateral, err := teeproof.NewCollateral(nil, read("collateral.json"))
	if err != nil {
		log.Fatal(err)
	}
	defer collateral.Close()
	policy, err := teeproof.ParsePolicy(read("policy.toml"))
	if err != nil {
		log.Fatal(err)
	}
	defer policy.Close()
	quote, err := teeproof.NewQuote(read("quote.bin"))
	if err != nil {
		log.Fatal(err)
	}
	defer quote.Close()
	report, err := teeproof.Verify(quote, teeproof.Options{
		At:         teeproof.AsOf(time.Unix(1751000000, 0)),
		Policy:     policy,
		Collateral: collateral,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Verdict())
	// Output: genuine
}

// Of many verdicts with a memory, all after the first of a platform cost less. They are the same.
func ExampleNewMemory() {
	memory, err := teeproof.NewMemory(4 << 20)
	if err != nil {
		log.Fatal(err)
	}
	defer memory.Close()
	quote, err := teeproof.NewQuote(read("quote.bin"), read("collateral.json"))
	if err != nil {
		log.Fatal(err)
	}
	defer quote.Close()
	at := time.Unix(1751000000, 0)
	for _, day := range []time.Time{at, at, at.AddDate(0, 0, 40)} {
		report, err := teeproof.Verify(quote, teeproof.Options{At: teeproof.AsOf(day), Memory: memory})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(report.Verdict())
		report.Close()
	}
	// Output:
	// genuine
	// genuine
	// inconclusive
}

// A failure has a code.
func ExampleError() {
	_, err := teeproof.NewQuote([]byte("no quote"))
	var failure *teeproof.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Code)
	}
	// Output: unreadable
}

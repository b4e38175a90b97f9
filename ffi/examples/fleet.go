//go:build ignore

// Judges many quotes with collateral that is authenticated once, each in a goroutine of its own:
// fleet COLLATERAL AT POLICY QUOTE..., where AT is in seconds since 1970.
//
// Prints a line for each, and ends with 0 if none was rejected and nothing was left open.
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"teeproof"
)

func main() {
	if len(os.Args) < 5 {
		fmt.Fprintln(os.Stderr, "usage: fleet COLLATERAL AT POLICY QUOTE...")
		os.Exit(2)
	}
	refused, err := judge(os.Args[1], os.Args[2], os.Args[3], os.Args[4:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(7)
	}
	if refused > 0 {
		os.Exit(1)
	}
}

func judge(files, at, rules string, names []string) (refused int, err error) {
	content, err := os.ReadFile(files)
	if err != nil {
		return 0, err
	}
	collateral, err := teeproof.NewCollateral(nil, content)
	if err != nil {
		return 0, err
	}
	defer collateral.Close()
	if content, err = os.ReadFile(rules); err != nil {
		return 0, err
	}
	policy, err := teeproof.ParsePolicy(content)
	if err != nil {
		return 0, err
	}
	defer policy.Close()
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return 0, err
	}
	options := teeproof.Options{
		At:         teeproof.AsOf(time.Unix(seconds, 0)),
		Policy:     policy,
		Collateral: collateral,
	}
	reports := make([]*teeproof.Report, len(names))
	failures := make([]error, len(names))
	var group sync.WaitGroup
	for place := range names {
		group.Add(1)
		go func(place int) {
			defer group.Done()
			reports[place], failures[place] = one(names[place], options)
		}(place)
	}
	group.Wait()
	for place, report := range reports {
		if failures[place] != nil {
			return 0, fmt.Errorf("%s: %w", names[place], failures[place])
		}
		fmt.Printf("%s: %s\n", names[place], report.Headline())
		if verdict := report.Verdict(); verdict != teeproof.Trusted && verdict != teeproof.Genuine {
			refused++
		}
		report.Close()
	}
	return refused, nil
}

func one(name string, options teeproof.Options) (*teeproof.Report, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	quote, err := teeproof.NewQuote(content)
	if err != nil {
		return nil, err
	}
	defer quote.Close()
	return teeproof.Verify(quote, options)
}

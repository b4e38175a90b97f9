//go:build ignore

// Judges one quote: verify QUOTE COLLATERAL [POLICY], each a file.
//
// Ends with the exit code of the verdict: 0 is trusted.
package main

import (
	"fmt"
	"os"

	"teeproof"
)

func main() {
	if len(os.Args) < 3 || len(os.Args) > 4 {
		fmt.Fprintln(os.Stderr, "usage: verify QUOTE COLLATERAL [POLICY]")
		os.Exit(2)
	}
	code, err := judge(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 7
	}
	os.Exit(code)
}

func judge(names []string) (int, error) {
	var files [][]byte
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		files = append(files, content)
	}
	quote, err := teeproof.NewQuote(files[:2]...)
	if err != nil {
		return 0, err
	}
	defer quote.Close()
	options := teeproof.Options{At: teeproof.Now()}
	if len(files) == 3 {
		if options.Policy, err = teeproof.ParsePolicy(files[2]); err != nil {
			return 0, err
		}
		defer options.Policy.Close()
	}
	report, err := teeproof.Verify(quote, options)
	if err != nil {
		return 0, err
	}
	defer report.Close()
	fmt.Println(report.Headline())
	checks, err := report.Checks()
	if err != nil {
		return 0, err
	}
	for _, check := range checks {
		if check.Outcome == teeproof.Failed || check.Outcome == teeproof.Skipped {
			fmt.Printf("  %s: %s\n", check.ID, check.Because)
		}
	}
	return report.ExitCode(), nil
}

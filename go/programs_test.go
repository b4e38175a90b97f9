package teeproof

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program builds an example of ffi/examples.
func program(t *testing.T, name string) func(arguments ...string) (code int, out, err string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	build := exec.Command("go", "build", "-o", path, "../ffi/examples/"+name+".go")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return func(arguments ...string) (int, string, string) {
		t.Helper()
		var out, errs strings.Builder
		command := exec.Command(path, arguments...)
		command.Stdout, command.Stderr = &out, &errs
		var exit *exec.ExitError
		if err := command.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return command.ProcessState.ExitCode(), out.String(), errs.String()
	}
}

const tdx = fixtures + "real/tdx-v4/"

// The example asks the clock, and the sample's collateral has lapsed: that is an answer.
func TestExampleVerify(t *testing.T) {
	run := program(t, "verify")
	code, out, _ := run(tdx+"quote.bin", tdx+"collateral.json", tdx+"policy.toml")
	if code != 6 || !strings.HasPrefix(out, "INCONCLUSIVE: ") || !strings.Contains(out, "\n  collateral.valid: ") {
		t.Fatal(code, out)
	}
	if code, out, err := run(tdx+"collateral.json", tdx+"collateral.json"); code != 7 || err == "" {
		t.Fatal(code, out, err)
	}
	if code, _, _ := run(); code != 2 {
		t.Fatal(code)
	}
}

func TestExampleFleet(t *testing.T) {
	run := program(t, "fleet")
	good, collateral, policy := tdx+"quote.bin", tdx+"collateral.json", tdx+"policy.toml"
	code, out, _ := run(collateral, "1751000000", policy, good, good)
	if code != 0 || strings.Count(out, "GENUINE, NOT PINNED") != 2 {
		t.Fatal(code, out)
	}
	code, out, _ = run(collateral, "1751000000", policy, good, fixtures+"forged/tdx-v4/quote.bin")
	if code != 1 || strings.Count(out, "GENUINE, NOT PINNED") != 1 {
		t.Fatal(code, out)
	}
}

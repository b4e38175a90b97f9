package teeproof

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The evidence on which core, bindings, C and C++ agree, through this package: one verdict, one digest.
// The list is described in ffi/tests/c/vectors.c; TEEPROOF_VECTORS names where it was written.
func hold(t *testing.T, name string, atLeast int) {
	t.Helper()
	root := filepath.Join(os.Getenv("TEEPROOF_VECTORS"), name)
	list := strings.Split(strings.TrimSpace(string(must[[]byte](t)(os.ReadFile(filepath.Join(root, "list.tsv"))))), "\n")
	// One memory sees every case, so that each is judged after all before it.
	memory := must[*Memory](t)(NewMemory(4 << 20))
	defer memory.Close()
	shared := 0
	for _, line := range list {
		fields := strings.Split(line, "\t")
		if len(fields) != 5 {
			t.Fatalf("%q", line)
		}
		if judged(t, filepath.Join(root, fields[0]), fields, memory) {
			shared++
		}
	}
	if len(list) < atLeast || shared == 0 {
		t.Fatalf("%d cases, %d with authentic collateral", len(list), shared)
	}
}

func numbered(folder, stem string) [][]byte {
	var files [][]byte
	for {
		content, err := os.ReadFile(filepath.Join(folder, fmt.Sprintf("%s-%d", stem, len(files))))
		if err != nil {
			return files
		}
		files = append(files, content)
	}
}

func judged(t *testing.T, folder string, fields []string, memory *Memory) bool {
	name, rule, verdict, digest := fields[0], fields[2], fields[3], fields[4]
	seconds := must[int64](t)(strconv.ParseInt(fields[1], 10, 64))
	expect := func(way, foundVerdict, foundDigest string) {
		t.Helper()
		if foundVerdict != verdict || foundDigest != digest {
			t.Errorf("%s, %s: %s %s and not %s %s", name, way, foundVerdict, foundDigest, verdict, digest)
		}
	}

	request := json.RawMessage(must[[]byte](t)(os.ReadFile(filepath.Join(folder, "request.json"))))
	var answers []struct{ Verdict, VerdictDigest string }
	if err := json.Unmarshal(must[json.RawMessage](t)(Call("verify", request)), &answers); err != nil || len(answers) != 1 {
		t.Fatal(name, err, len(answers))
	}
	expect("Call", answers[0].Verdict, answers[0].VerdictDigest)

	parts, files := numbered(folder, "part"), numbered(folder, "collateral")
	policy := must[*Policy](t)(ParsePolicy(must[[]byte](t)(os.ReadFile(filepath.Join(folder, "policy.toml")))))
	defer policy.Close()
	options := Options{At: AsOf(time.Unix(seconds, 0)), Policy: policy}
	options.Root, _ = os.ReadFile(filepath.Join(folder, "root.der"))
	if nonce, err := os.ReadFile(filepath.Join(folder, "challenge")); err == nil {
		options.Challenge = &Challenge{nonce, rule}
	}
	judge := func(way string, parts [][]byte) {
		t.Helper()
		quote := must[*Quote](t)(NewQuote(parts...))
		defer quote.Close()
		for _, options.Memory = range []*Memory{nil, memory} {
			report := must[*Report](t)(Verify(quote, options))
			expect(way, report.Verdict().String(), hex.EncodeToString(report.Digest()))
			report.Close()
		}
	}
	judge("parts", append(append([][]byte(nil), parts...), files...))
	collateral, err := NewCollateral(options.Root, files...)
	if err != nil {
		return false
	}
	defer collateral.Close()
	options.Collateral = collateral
	judge("authentic collateral", parts)
	return true
}

func TestVectorsOfRealSamples(t *testing.T) { hold(t, "vectors-real", 4) }

func TestVectorsOfForgedCases(t *testing.T) { hold(t, "vectors-forged", 250) }

func TestVectorsOfTheCorpus(t *testing.T) {
	if _, err := os.Stat(filepath.Join(os.Getenv("TEEPROOF_VECTORS"), "vectors-corpus")); err != nil {
		t.Skip("no corpus on this machine")
	}
	hold(t, "vectors-corpus", 100)
}

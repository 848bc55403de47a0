package abi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whole lines only, a long one cut, a renamed file once, a truncated one again, and a restart goes on.
func TestTail(t *testing.T) {
	t.Parallel()
	logs := t.TempDir()
	path := filepath.Join(logs, "a.log")
	write := func(flag int, text string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|flag, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	conf := "[SERVICE]\n    Flush 0.2\n[INPUT]\n    Name tail\n    Tag got\n    Path " + logs + "/*.log*\n    Exclude_Path *.gz\n    DB " +
		logs + "/state/db\n    Read_From_Head on\n    Refresh_Interval 1\n    Buffer_Max_Size 8\n    Truncate_Long_Lines on\n" +
		"[OUTPUT]\n    Name file\n    Match *\n    Path DIR\n"
	if err := os.WriteFile(path+".gz", []byte("no\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	await := func(p *process, want string) {
		t.Helper()
		p.await(want, func() bool {
			var lines []string
			for _, r := range records(t, p.read("got")) {
				lines = append(lines, r.Record["log"].(string))
			}
			return strings.Join(lines, ",") == want
		})
	}
	write(os.O_APPEND, "one\n0123456789\nhal")
	p := start(t, testhost(), conf)
	await(p, "one,01234567")
	write(os.O_APPEND, "f\n")
	await(p, "one,01234567,half")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	write(os.O_APPEND, "two\nthree\n")
	await(p, "one,01234567,half,two,three")
	write(os.O_TRUNC, "four\n")
	await(p, "one,01234567,half,two,three,four")
	p.stop()
	write(os.O_APPEND, "five\n")
	await(start(t, testhost(), conf), "five")
}

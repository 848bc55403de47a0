package harness

import "testing"

func TestAllPassed(t *testing.T) {
	names := []string{"TestRealOne", "TestRealTwo"}
	const one, two = "=== RUN   TestRealOne\n--- PASS: TestRealOne (0.00s)\n", "--- PASS: TestRealTwo (0.10s)\n    --- PASS: TestRealTwo/a (0.10s)\n"
	if err := allPassed(one+two+"PASS\n", names); err != nil {
		t.Error(err)
	}
	for what, text := range map[string]string{
		"nothing ran":             "testing: warning: no tests to run\nPASS\n",
		"one is missing":          one + "PASS\n",
		"one is another's prefix": one + "--- PASS: TestRealTwoAndMore (0.10s)\nPASS\n",
		"one is skipped":          one + "--- SKIP: TestRealTwo (0.00s)\nPASS\n",
		"a part is skipped":       one + two + "    --- SKIP: TestRealTwo/b (0.00s)\nPASS\n",
		"one fails":               one + "--- FAIL: TestRealTwo (0.00s)\nFAIL\n",
	} {
		if allPassed(text, names) == nil {
			t.Errorf("%s: taken for good", what)
		}
	}
}

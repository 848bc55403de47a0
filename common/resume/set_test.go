package resume_test

import (
	"testing"

	"github.com/tidegate/tidegate/common/resume"
)

func TestSet(t *testing.T) {
	t.Parallel()
	var s resume.Set
	want := map[int]bool{}
	for _, i := range []int{0, 63, 64, 5000, 63} {
		s.Add(i)
		want[i] = true
	}
	for i := range 6000 {
		if s.Has(i) != want[i] {
			t.Errorf("Has(%d) is %v", i, s.Has(i))
		}
	}
}

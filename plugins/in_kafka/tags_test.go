package inkafka

import "testing"

func TestTags(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"":                          "",
		"kafka.$topic":              "kafka.logs.a",
		"k.$topic.$partition":       "k.logs.a.3",
		"p$partition.$topic.$topic": "p3.logs.a.logs.a",
	} {
		if err := checkTag(template); err != nil {
			t.Errorf("%q: %v", template, err)
		}
		tags := newTags(template)
		for range 2 {
			if got := tags.of(partition{Topic: "logs.a", ID: 3}); got != want {
				t.Errorf("%q is %q, want %q", template, got, want)
			}
		}
	}
	for _, template := range []string{"$offset", "a b", "$", "kafka.$Topic"} {
		if checkTag(template) == nil {
			t.Errorf("%q is a tag", template)
		}
	}
}

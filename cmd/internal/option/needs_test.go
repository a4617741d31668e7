package option

import "testing"

func TestCheckEffect(t *testing.T) {
	type options struct {
		Method string  `json:"method" help:"x"`
		Rate   float64 `json:"rate" needs:"method=adam" help:"x"`
		Steps  int     `json:"steps" help:"x"`
		Least  int     `json:"least" needs:"steps!=1" help:"x"`
		Seed   int     `json:"seed" needs:"method=noise|steps" help:"x"`
		Out    string  `json:"out,omitempty" help:"x"`
		Fine   int     `json:"fine" needs:"out=*.jpg|out=*.jpeg" help:"x"`
	}
	for _, c := range []struct {
		o          options
		name, want string
	}{
		{options{Method: "adam"}, "rate", ""},
		{options{Method: "lbfgs"}, "rate", "--rate has no effect without --method adam"},
		{options{Method: "lbfgs", Rate: 3}, "rate", "--rate has no effect without --method adam"},
		{options{Steps: 1}, "least", "--least has no effect with --steps 1"},
		{options{Steps: 0}, "least", ""},
		{options{Steps: 11}, "least", ""},
		{options{}, "seed", "--seed has no effect without --method noise or --steps"},
		{options{Steps: 2}, "seed", ""},
		{options{Method: "noise"}, "seed", ""},
		{options{Out: "a/b.c.JPG"}, "fine", ""},
		{options{Out: "x.jpeg"}, "fine", ""},
		{options{Out: "x.jpg.png"}, "fine", "--fine has no effect without --out *.jpg or --out *.jpeg"},
		{options{}, "method", ""},
		{options{}, "unknown", ""},
	} {
		got := ""
		if err := CheckEffect(&c.o, c.name); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v, %s: %q, want %q", c.o, c.name, got, c.want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("an option that needs what is not there is accepted")
		}
	}()
	_ = CheckEffect(&struct {
		A int `json:"a" needs:"b" help:"x"`
	}{}, "a")
}

package painting

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
)

// with returns the job of valid with the defaults of a style cost. Those of gram and its
// kin are the formulas of docs/costs.md as they are.
func with(styleCost string) Job {
	j := valid()
	j.StyleCost = styleCost
	if styleCost != "sliced" {
		j.Alpha, j.Beta, j.TV, j.ContentCost, j.SelfSimilarity, j.StyleSizes, j.Iterations, j.CoarseShare = 10, 40, 0, "absolute", 0, 1, 350, 0.1
		j.ContentLayers = Layers{{Name: "conv4_2", Weight: 1}}
		j.StyleLayers = nil
		for i := range 5 {
			j.StyleLayers = append(j.StyleLayers, Layers{{Name: fmt.Sprintf("conv%d_1", i+1), Weight: 1}}...)
		}
	}
	return j
}

// TestDefaultsFollowTheStyleCost: wherever it comes from.
func TestDefaultsFollowTheStyleCost(t *testing.T) {
	for name := range StyleCosts {
		want := with(name)
		check := func(from string, got Job, err error) {
			t.Helper()
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s from %s: %v, got\n%+v, want\n%+v", name, from, err, got, want)
			}
		}
		j := valid()
		check("a preset", j, j.Apply(nil, Preset{"style-cost": name}))
		j = valid()
		check("the last preset", j, j.Apply(nil, Preset{"style-cost": "mean-std"}, Preset{"style-cost": name}))
		j = valid()
		j.StyleCost = name
		check("a flag", j, j.Apply(map[string]bool{"style-cost": true}))
		j = valid()
		j.StyleCost = name
		check("a flag that counts more than a preset", j, j.Apply(map[string]bool{"style-cost": true}, Preset{"style-cost": "mean-std"}))
		j = Job{}
		check("JSON", j, json.Unmarshal(fmt.Appendf(nil, `{"content": "photo.png", "styles": [{"file": "painting.png", "weight": 1}], "style-cost": %q}`, name), &j))

		c := valid().Costs
		if err := c.ApplyDefaults(nil, name); err != nil || !reflect.DeepEqual(c, want.Costs) {
			t.Errorf("%s: the costs alone are %+v, %v, want %+v", name, c, err, want.Costs)
		}
		c = valid().Costs
		c.StyleCost = name
		if err := c.ApplyDefaults(map[string]bool{"style-cost": true}, "mean-std"); err != nil || !reflect.DeepEqual(c, want.Costs) {
			t.Errorf("%s: the costs alone, given one, are %+v, %v, want %+v", name, c, err, want.Costs)
		}
	}
}

// TestGivenOptionsCountMoreThanDefaults: also where what is given is the default of
// another style cost.
func TestGivenOptionsCountMoreThanDefaults(t *testing.T) {
	for name := range classic {
		f, _ := option.Find(reflect.TypeFor[Job](), name)
		plain := reflect.ValueOf(valid()).FieldByIndex(f.Index)
		want := with("gram")
		reflect.ValueOf(&want).Elem().FieldByIndex(f.Index).Set(plain)
		if reflect.DeepEqual(want, with("gram")) {
			t.Errorf("--%s has the same default for gram and sliced", name)
		}

		j := valid()
		if err := j.Apply(map[string]bool{name: true}, Presets["classic"]); err != nil || !reflect.DeepEqual(j, want) {
			t.Errorf("--%s: %v, got\n%+v, want\n%+v", name, err, j, want)
		}
		value, err := json.Marshal(plain.Interface())
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf(`{%q: %s, "style-cost": "gram", "content": "photo.png", "styles": [{"file": "painting.png", "weight": 1}]}`, name, value)
		if err := json.Unmarshal([]byte(text), &j); err != nil || !reflect.DeepEqual(j, want) {
			t.Errorf("%s: %v, got\n%+v, want\n%+v", text, err, j, want)
		}
	}
	want := with("gram")
	want.Beta = 7
	j := valid()
	if err := j.Apply(nil, Preset{"beta": "7"}, Presets["classic"]); err != nil || !reflect.DeepEqual(j, want) {
		t.Errorf("a preset does not count more than the defaults: %v, got\n%+v, want\n%+v", err, j, want)
	}
}

// TestStrength: it multiplies beta, by 10 for every 25, and nothing else.
func TestStrength(t *testing.T) {
	for _, c := range []struct{ strength, factor float64 }{{50, 1}, {75, 10}, {100, 100}, {25, 0.1}, {0, 0.01}, {62.5, math.Sqrt(10)}} {
		for _, beta := range []float64{0, 0.3, 15, 40} {
			costs := valid().Costs
			costs.Beta = beta
			want := costs.Engine()
			if want.Beta != beta {
				t.Errorf("without a strength, beta %v is %v", beta, want.Beta)
			}
			costs.Strength = c.strength
			got := costs.Engine()
			if math.Abs(got.Beta-c.factor*beta) > 1e-12*c.factor*beta || c.factor == 1 && got.Beta != beta {
				t.Errorf("--strength %v makes %v of beta %v, want %v times that", c.strength, got.Beta, beta, c.factor)
			}
			if got.Beta = beta; !reflect.DeepEqual(got, want) {
				t.Errorf("--strength %v: got\n%+v, want\n%+v", c.strength, got, want)
			}
		}
	}
}

// TestStyleSizeOverPreset: a size of the styles counts more than the scale of a preset,
// wherever it comes from.
func TestStyleSizeOverPreset(t *testing.T) {
	for _, presets := range [][]Preset{{Presets["oil"]}, {Presets["oil"], {"style-size": "100"}}} {
		j := New()
		j.StyleSize = 100
		if err := j.Apply(map[string]bool{"style-size": len(presets) == 1}, presets...); err != nil || j.StyleScale != 1 || j.StyleSize != 100 {
			t.Errorf("style-scale %v, style-size %v, error %v; want 1 and 100", j.StyleScale, j.StyleSize, err)
		}
		if err := j.StyleSizing.Check(); err != nil {
			t.Error(err)
		}
	}
}

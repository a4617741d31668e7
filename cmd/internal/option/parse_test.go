package option

import (
	"math/big"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want any // a value of the type to parse into
		err  string
	}{
		{"text, and more", "text, and more", ""},
		{"true", true, ""},
		{"perhaps", false, `"perhaps" is not true or false`},
		{"-12", -12, ""},
		{"0x10", 16, ""},
		{"1.5", 0, `"1.5" is not a whole number`},
		{"", 0, `"" is not a whole number`},
		{"99999999999999999999", 0, "99999999999999999999 is too large a number"},
		{"18446744073709551615", uint64(18446744073709551615), ""},
		{"-1", uint64(0), `"-1" is not a whole number not below 0`},
		{"1e3", 1000.0, ""},
		{"much", 0.0, `"much" is not a number`},
		{"1e999", 0.0, "too large"},
		{"170141183460469231731687303715884105728", *new(big.Int).Lsh(big.NewInt(1), 127), ""}, // by its UnmarshalText
	} {
		target := reflect.New(reflect.TypeOf(c.want)).Elem()
		err := Parse(c.text, target)
		if c.err == "" && (err != nil || !reflect.DeepEqual(target.Interface(), c.want)) {
			t.Errorf("%q: %v, %v; want %v", c.text, target, err, c.want)
		}
		if c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%q: %v, want %q", c.text, err, c.err)
		}
	}
}

package main

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/alecthomas/kong"
)

// TestEveryFlagIsRecorded gives every flag of nst paint a value that is not its
// default and has it come back from the record. A flag of a type that cannot be
// written fails here.
func TestEveryFlagIsRecorded(t *testing.T) {
	c := &cli{}
	flags, pictures := recorded(c)
	if len(flags) < 15 || len(pictures) != 2 {
		t.Fatalf("only %d flags and %d pictures", len(flags), len(pictures))
	}
	all := append(flags, pictures...)
	for i, v := range all {
		text := fmt.Sprint(i + 2)
		switch {
		case v.Enum != "":
			choices := v.EnumSlice()
			text = choices[len(choices)-1]
		case v.Target.Kind() == reflect.Bool:
			text = "true"
		case v.Target.Kind() == reflect.Slice:
			text = "conv1_2,conv2_2"
		case v.Target.Kind() == reflect.String:
			text = fmt.Sprintf("a, b=%d:-x.png", i)
		}
		if err := v.Parse(kong.ScanFromTokens(kong.Token{Type: kong.FlagValueToken, Value: text}), v.Target); err != nil {
			t.Fatalf("%s: %q: %v", v.Name, text, err)
		}
	}
	settings, err := settingsOf(&c.Paint)
	if err != nil {
		t.Fatal(err)
	}
	if len(settings) != len(all) {
		t.Errorf("%d settings for %d flags and pictures: %v", len(settings), len(all), settings)
	}
	args, unknown := commandLine(settings)
	if len(unknown) > 0 {
		t.Errorf("unknown settings %v", unknown)
	}
	back := &cli{}
	traced, err := kong.Trace(silentParser(back), append([]string{"paint"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	if traced.Error != nil {
		t.Fatalf("%v in %q", traced.Error, args)
	}
	if _, err := traced.Apply(); err != nil {
		t.Fatal(err)
	}
	again, err := settingsOf(&back.Paint)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(settings, again) {
		t.Errorf("settings %v came back as %v", settings, again)
	}
	// Another value of any flag is another record.
	for _, v := range all {
		was := reflect.New(v.Target.Type()).Elem()
		was.Set(v.Target)
		v.Target.SetZero()
		changed, err := settingsOf(&c.Paint)
		if err != nil {
			t.Fatal(err)
		}
		if reflect.DeepEqual(settings, changed) {
			t.Errorf("%s has no influence on the record", v.Name)
		}
		v.Target.Set(was)
	}
}

func TestSettingsOfOtherKinds(t *testing.T) {
	one := 3
	for _, c := range []struct {
		value any
		sep   rune
		want  values
	}{
		{"text", -1, values{"text"}},
		{"", -1, nil},
		{-2, -1, values{"-2"}},
		{uint8(2), -1, values{"2"}},
		{0.1, -1, values{"0.1"}},
		{float32(0.1), -1, values{"0.1"}},
		{false, -1, values{"false"}},
		{&one, -1, values{"3"}},
		{(*int)(nil), -1, nil},
		{[]string{"a.jpg=2", "b,c.jpg"}, -1, values{"a.jpg=2", "b,c.jpg"}},
		{[]string{"a", "b,c"}, ',', values{`a,b\,c`}},
		{[]float64{0.5, 2}, ',', values{"0.5,2"}},
		{[]string{}, ',', nil},
	} {
		got, err := format(&kong.Value{Target: reflect.ValueOf(c.value), Tag: &kong.Tag{Sep: c.sep}})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%#v: %q, %v; want %q", c.value, got, err, c.want)
		}
	}
	for _, value := range []any{struct{}{}, []struct{}{{}}, map[string]int{"a": 1}, readsOnly("")} {
		if got, err := format(&kong.Value{Target: reflect.ValueOf(value), Tag: &kong.Tag{}}); err == nil {
			t.Errorf("%#v was recorded as %q", value, got)
		}
	}
}

// readsOnly is a flag's type whose text cannot be written.
type readsOnly string

func (r *readsOnly) UnmarshalText([]byte) error { return nil }

func TestRenamed(t *testing.T) {
	for _, c := range [][4]string{
		{"a.png", "a.png", "d/a.png", "d/a.png"},
		{"a.png=2", "a.png", "d/a.png", "d/a.png=2"},
		{"a.png:b.png", "a.png", "d/a.png", "d/a.png:b.png"},
		{"a.png:b.png", "b.png", "d/b.png", "a.png:d/b.png"},
		{"aa.png", "a.png", "d/a.png", "aa.png"},
		{"content", "a.png", "d/a.png", "content"},
	} {
		if got := renamed(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("%s with %s for %s: %s, want %s", c[0], c[2], c[1], got, c[3])
		}
	}
}

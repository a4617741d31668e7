package painting

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
)

const smallWeights = "../../../testdata/weights"

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func writePNG(t *testing.T, path string, m image.Image) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, b.String())
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// drawPNG writes a picture of coloured stripes.
func drawPNG(t *testing.T, path string, w, h, period int) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(255 * (x / period % 2)), uint8(255 * (y / period % 2)), uint8(x * 255 / w), 255})
		}
	}
	writePNG(t, path, m)
}

// valid returns a job that passes Check.
func valid() Job {
	j := New()
	j.Content, j.Styles = "photo.png", []Style{{File: "painting.png", Weight: 1}}
	return j
}

// unusual returns a job in which no option has its default, nor any other the same
// value. Not all of it makes sense.
func unusual(t *testing.T) Job {
	t.Helper()
	j := valid()
	j.Content = `a, b="c".png`
	j.Styles = []Style{{"x=2.png", 0.1, "m:n.png", "all"}, {"y.png", 3, "", ""}}
	v := reflect.ValueOf(&j).Elem()
	for i, f := range option.Fields(v.Type()) {
		field := v.FieldByIndex(f.Index)
		text := fmt.Sprint(1000 + i)
		switch {
		case f.Tag.Get("enum") != "":
			text = choices(f)[0]
			if text == f.Tag.Get("default") {
				text = choices(f)[1]
			}
		case field.Kind() == reflect.String:
			text = fmt.Sprintf("a, b=%d:-\u00fcx.png", i)
		case field.Kind() == reflect.Bool:
			text = "true"
		case field.Kind() == reflect.Float64:
			text = fmt.Sprintf("%d.1", i)
		case field.Kind() == reflect.Uint64:
			text = "18446744073709551615" // more than a float64 holds
		case f.Type == reflect.TypeFor[Layers]():
			text = fmt.Sprintf("conv1_2=%d.1,conv2_2=0.3", i)
		}
		if err := option.Parse(text, field); err != nil {
			t.Fatalf("--%s: %v", option.Name(f), err)
		}
		if defaults := New(); reflect.DeepEqual(field.Interface(), reflect.ValueOf(defaults).FieldByIndex(f.Index).Interface()) {
			t.Fatalf("--%s: %q is the default", option.Name(f), text)
		}
	}
	return j
}

// choices returns the values of an option that is a choice of words.
func choices(f reflect.StructField) []string {
	enum := f.Tag.Get("enum")
	for name, list := range Vars() {
		enum = strings.ReplaceAll(enum, "${"+name+"}", list)
	}
	return slices.DeleteFunc(strings.Split(enum, ","), func(s string) bool { return s == "" })
}

package npy

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	npyio "codeberg.org/sbinet/npyio/npy"
	"pgregory.net/rapid"

	"github.com/brushgrad/brushgrad/tensor"
)

// The files in testdata were written by NumPy; see make_golden.py there.
func TestReadGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden map[string]struct {
		Shape  []int
		Values []float32
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden) < 30 {
		t.Fatalf("golden.json lists only %d files", len(golden))
	}
	for name, want := range golden {
		got, err := ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Error(err)
			continue
		}
		if !slices.Equal(got.Shape(), want.Shape) || !slices.Equal(got.Data(), want.Values) {
			t.Errorf("%s: got %v, want %v%v", name, got, want.Shape, want.Values)
		}
	}
}

func TestWriteEqualsNumPy(t *testing.T) {
	for name, write := range map[string]func(io.Writer, *tensor.Tensor) error{
		"f4_little": Write, "f2_little": WriteFloat16, "scalar": Write, "empty": Write,
	} {
		want, err := os.ReadFile("testdata/" + name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		a, err := Read(bytes.NewReader(want))
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := write(&got, a); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s: wrote\n%q, NumPy writes\n%q", name, got.Bytes(), want)
		}
	}
}

// header returns a version 1 file header around a dictionary.
func header(dict string) string {
	dict += "\n"
	return magic + "\x01\x00" + string([]byte{byte(len(dict)), byte(len(dict) >> 8)}) + dict
}

func dict(descr, order, shape string) string {
	return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }"
}

func TestReadErrors(t *testing.T) {
	f4 := func(shape string) string { return header(dict("'<f4'", "False", shape)) }
	for _, c := range []struct{ name, data, want string }{
		{"empty", "", "0 bytes are too few for a .npy file"},
		{"short magic", "\x93NUM", "4 bytes are too few"},
		{"a picture", "\x89PNG\r\n\x1a\n----", `does not begin with "\x93NUMPY"`},
		{"version 4", magic + "\x04\x00\x02\x00{}", ".npy version 4.0 is unknown"},
		{"version 1.1", magic + "\x01\x01\x02\x00{}", ".npy version 1.1 is unknown"},
		{"no length", magic + "\x01\x00\x02", "ends within the .npy header"},
		{"no long length", magic + "\x02\x00\x02\x00", "ends within the .npy header"},
		{"half a header", magic + "\x01\x00\x76\x00{'descr'", "claims 118 bytes, but only 8 follow"},
		{"huge header", magic + "\x02\x00\xff\xff\xff\xff{}", "claims 4294967295 bytes; more than 65535"},
		{"truncated", f4("(64, 3, 3, 3)") + strings.Repeat("x", 100),
			"header says shape (64, 3, 3, 3) of <f4, 6912 bytes, but only 100 follow"},
		{"huge", f4("(1000000, 1000000)") + "xxxx", "bytes, but only 4 follow / does not fit in memory / can be counted"},
		{"overflow", f4("(4294967296, 4294967296)"), "more elements than can be counted / is too large"},
		{"overflow in bytes", f4("(9223372036854775807,)"), "does not fit in memory / is too large"},
		{"overflow times zero", f4("(4294967296, 4294967296, 0)"), "more elements than can be counted / is too large"},
		{"dimension beyond int", f4("(99999999999999999999,)"), "dimension 99999999999999999999 is too large"},
		{"negative", f4("(-1,)"), `"-1,), }\n" stands where a dimension of 0 or more should be`},
		{"no tuple", f4("(5)"), "(5) is a number, not a shape"},
		{"list for shape", f4("[5]"), `where "(" should be`},
		{"float in shape", f4("(5.0,)"), `where "," or ")" should be`},
		{"lone comma", f4("(,)"), "where a dimension of 0 or more should be"},
		{"two commas", f4("(1,,2)"), "where a dimension of 0 or more should be"},
		{"rank 65", f4("(" + strings.Repeat("1,", 65) + ")"), "more than 64 dimensions"},
		{"objects", header(dict("'|O'", "False", "()")) + "\x80\x02.", "pickled Python objects, not numbers"},
		{"complex", header(dict("'<c8'", "False", "(1,)")), `dtype "<c8" is not read`},
		{"text", header(dict("'<U4'", "False", "(1,)")), `dtype "<U4" is not read`},
		{"no byte order", header(dict("'f4'", "False", "(1,)")), `dtype "f4" is not read`},
		{"byte order unclear", header(dict("'|f4'", "False", "(1,)")), `dtype "|f4" is not read`},
		{"empty dtype", header(dict("''", "False", "(1,)")), `dtype "" is not read`},
		{"structured", header(dict("[('x', '<f4')]", "False", "(1,)")), "structured types are not read"},
		{"order", header(dict("'<f4'", "0", "(1,)")), "where True or False should be"},
		{"missing key", header("{'descr': '<f4', 'shape': (1,)}"), `key "fortran_order" is missing`},
		{"unknown key", header("{'order': 'C'}"), `unknown key "order"`},
		{"key twice", header("{'shape': (1,), 'shape': (1,)}"), `key "shape" appears twice`},
		{"no comma", header("{'shape': (1,) 'descr': '<f4'}"), `where "," or "}" should be`},
		{"no colon", header("{'shape' (1,)}"), `where ":" should be`},
		{"key is no string", header("{1: 2}"), "where a string should be"},
		{"not a dict", header("42"), `where "{" should be`},
		{"ends early", header("{'shape': (1,"), `it ends where a dimension of 0 or more should be`},
		{"unclosed string", header("{'shape"), "where a plain string should be"},
		{"text behind", header(dict("'<f4'", "False", "(1,)") + "import os"), "where nothing more should be"},
		{"beyond float32", header(dict("'<f8'", "False", "(2,)")) + "\x00\x00\x00\x00\x00\x00\xf0\x3f" +
			"\x00\x00\x00\x00\x00\x00\xf0\x7e", "number 1 in the file, is too large for float32"},
	} {
		got, err := Read(strings.NewReader(c.data))
		if err == nil {
			t.Errorf("%s: read %v, want an error", c.name, got)
			continue
		}
		// Ints of 32 bits stop some claims earlier, with another message.
		alternatives := strings.Split(c.want, " / ")
		if !slices.ContainsFunc(alternatives, func(want string) bool { return strings.Contains(err.Error(), want) }) {
			t.Errorf("%s: error %q, want %q", c.name, err, c.want)
		}
	}
}

// A header that claims half a gigabyte must not cost memory.
func TestReadBelievesNoClaim(t *testing.T) {
	data := header(dict("'|u1'", "False", "(500000000,)")) + "abc"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Read(strings.NewReader(data))
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Error("no error")
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 4<<20 {
		t.Errorf("reading 3 bytes allocated %d", allocated)
	}
}

func TestReadStopsAfterArray(t *testing.T) {
	var b bytes.Buffer
	for i := range 3 {
		if err := Write(&b, tensor.Full(float32(i), 2, i+1)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		a, err := Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		if want := tensor.Full(float32(i), 2, i+1); !slices.Equal(a.Data(), want.Data()) || !tensor.SameShape(a, want) {
			t.Errorf("array %d: got %v, want %v", i, a, want)
		}
	}
}

// drawTensor draws a tensor of any float32 values but NaN.
func drawTensor(t *rapid.T) *tensor.Tensor {
	shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 4).Draw(t, "shape")
	a := tensor.New(shape...)
	for i := range a.Data() {
		a.Data()[i] = rapid.Float32().Draw(t, "value")
	}
	return a
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawTensor(t)
		var b bytes.Buffer
		if err := Write(&b, want); err != nil {
			t.Fatal(err)
		}
		got, err := Read(iotest.OneByteReader(&b))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Shape(), want.Shape()) || !slices.Equal(got.Data(), want.Data()) {
			t.Fatalf("wrote %v, read %v", want, got)
		}
	})
}

// npyio is an implementation of the format by others.
func TestAgreesWithNpyio(t *testing.T) {
	want := []float32{1, -2.5, 3e-38, 4e38 / 2}
	var ours, theirs bytes.Buffer
	if err := Write(&ours, tensor.FromSlice(want, 4)); err != nil {
		t.Fatal(err)
	}
	var got []float32
	if err := npyio.Read(&ours, &got); err != nil || !slices.Equal(got, want) {
		t.Errorf("npyio reads %v, %v; want %v", got, err, want)
	}
	for _, v := range []any{
		want, []float64{1, -2.5, 7, 8}, []int16{-5, 300}, []uint64{1 << 40}, []bool{true, false}, int8(-3),
	} {
		theirs.Reset()
		if err := npyio.Write(&theirs, v); err != nil {
			t.Fatal(err)
		}
		a, err := Read(&theirs)
		if err != nil {
			t.Errorf("%v: %v", v, err)
			continue
		}
		var want []float32
		switch v := v.(type) {
		case []float32:
			want = v
		case []float64:
			want = []float32{float32(v[0]), float32(v[1]), float32(v[2]), float32(v[3])}
		case []int16:
			want = []float32{float32(v[0]), float32(v[1])}
		case []uint64:
			want = []float32{float32(v[0])}
		case []bool:
			want = []float32{1, 0}
		case int8:
			want = []float32{float32(v)}
		}
		if !slices.Equal(a.Data(), want) {
			t.Errorf("npyio wrote %v, read %v", v, a)
		}
	}
}

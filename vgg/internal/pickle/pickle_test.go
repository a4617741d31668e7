package pickle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// testdata has one dictionary in every form that NumPy has written; see
// make_golden.py there.
const testdata = "../../testdata/"

// pickleOf returns the pickle in a .npy file of testdata.
func pickleOf(t testing.TB, name string) []byte {
	data, err := os.ReadFile(testdata + name)
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(data)
	if _, err := npy.ReadHeader(r); err != nil {
		t.Fatal(err)
	}
	return data[len(data)-r.Len():]
}

// dictionary is Dictionary of a pickle in memory.
func dictionary(data []byte) (map[string]Value, error) {
	return Dictionary(bytes.NewReader(data), int64(len(data)))
}

// TestDictionary reads every form, protocol and byte order.
func TestDictionary(t *testing.T) {
	text, err := os.ReadFile(testdata + "golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden map[string]struct {
		Shape        []int // of the weight: out, row, column, in
		Weight, Bias []float32
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(testdata + "pickle_*.npy")
	if err != nil || len(names) == 0 {
		t.Fatal("no pickles", err)
	}
	for _, name := range names {
		d, err := dictionary(pickleOf(t, filepath.Base(name)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, ok := d["fc6"]; !ok || len(d) != len(golden)+1 {
			t.Errorf("%s: %d entries, want those of golden.json and fc6", name, len(d))
		}
		for key, want := range golden {
			arrays := d[key].Arrays()
			if len(arrays) != 2 {
				t.Errorf("%s: %s has %d arrays, want 2", name, key, len(arrays))
				continue
			}
			weight, err := arrays[0].Tensor()
			if err != nil {
				t.Errorf("%s: %s: weight: %v", name, key, err)
				continue
			}
			got := tensor.New(want.Shape...)
			tensor.Transpose(got, weight, 3, 0, 1, 2) // the pickle's axes are (row, column, in, out)
			bias, err := arrays[1].Tensor()
			if err != nil || !slices.Equal(got.Data(), want.Weight) || !slices.Equal(bias.Data(), want.Bias) {
				t.Errorf("%s: %s is %v and %v (%v), want %v and %v", name, key, got, bias, err, want.Weight, want.Bias)
			}
		}
	}
}

// Values that are no list of arrays have none.
func TestArrays(t *testing.T) {
	good := string(pickleOf(t, "pickle_protocol3.npy"))
	for key, value := range map[string]string{"number": "K\x01", "none": "N", "empty list": "]", "list of numbers": "]K\x01a", "text": "X\x01\x00\x00\x00a"} {
		// An entry more, before the dictionary's first.
		first := strings.Index(good, "conv1_1") - len("(X\x07\x00\x00\x00")
		entry := fmt.Sprintf("X%c\x00\x00\x00%s%s", len(key), key, value)
		d, err := dictionary([]byte(good[:first+1] + entry + good[first+1:]))
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		if v, ok := d[key]; !ok || v.Arrays() != nil || len(d["conv1_1"].Arrays()) != 2 {
			t.Errorf("%s: %v, %v", key, ok, v.Arrays())
		}
	}
}

// Every way a pickle has of getting hold of a function must end in an error
// that names it.
func TestImportsAreRefused(t *testing.T) {
	const want = "the pickle wants to import "
	for name, c := range map[string]struct{ pickle, class string }{
		"GLOBAL and REDUCE": {"cos\nsystem\n(S'echo pwned'\ntR.", "os.system"},
		"INST":              {"(S'echo pwned'\nios\nsystem\n.", "os.system"},
		"OBJ":               {"(cos\nsystem\nS'echo pwned'\no.", "os.system"},
		"NEWOBJ":            {"\x80\x02csubprocess\nPopen\n(X\x02\x00\x00\x00lst\x81.", "subprocess.Popen"},
		"STACK_GLOBAL":      {"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02ls\x85R.", "posix.system"},
		"in a frame":        {"\x80\x04\x95\x15\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x8c\x06system\x93\x8c\x02ls\x85R.", "posix.system"},
		"BUILD":             {"\x80\x02c__main__\nEvil\n)\x81}X\x01\x00\x00\x00ssb.", "__main__.Evil"},
		"eval":              {"c__builtin__\neval\n(S'1'\ntR.", "__builtin__.eval"},
		"getattr":           {"cbuiltins\ngetattr\n0N.", "builtins.getattr"},
		"numpy's own load":  {"cnumpy\nload\n(S'x'\ntR.", "numpy.load"},
		"never called":      {"cos\nsystem\n0N.", "os.system"},
		"inside an array": {string(bytes.Replace(pickleOf(t, "pickle_protocol3.npy"),
			[]byte("cnumpy\ndtype\n"), []byte("cnumpy.testing\nrundocs\n"), 1)), "numpy.testing.rundocs"},
	} {
		_, err := dictionary([]byte(c.pickle))
		if err == nil || !strings.Contains(err.Error(), want+`"`+c.class+`"`) {
			t.Errorf("%s: error %v, want %q and %q", name, err, want, c.class)
		}
	}
}

// What is damaged or refused ends in an error that says what.
func TestErrors(t *testing.T) {
	good := string(pickleOf(t, "pickle_protocol3.npy"))
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the pickle does not contain %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for _, c := range []struct{ name, pickle, want string }{
		{"empty", "", "ends before its end mark"},
		{"no end", "\x80\x02}", "ends before its end mark"},
		{"more behind the end", "\x80\x02}.cos\nsystem\n", "11 bytes follow the end of the pickle"},
		{"no array", "\x80\x02}.", "holds no NumPy array"},
		{"protocol 9", "\x80\x09}.", "unsupported pickle protocol: 9"},
		{"nothing to pop", "\x80\x020.", "stack is empty"},
		{"odd items", "(NNNd.", "damaged pickle"},
		{"unhashable", "\x80\x03ccollections\nOrderedDict\n)RC\x01aNs.", "damaged pickle"},
		{"unknown opcode", "\xff.", "at byte 0: opcode 0xff is not one that arrays need"},
		{"extension", "\x80\x02\x82\x01.", "at byte 2: opcode 0x82 is not one"},
		{"persistent id", "P0\n.", "at byte 0: opcode 0x50 is not one"},
		{"persistent id on the stack", "K\x00Q.", "at byte 2: opcode 0x51 is not one"},
		{"string beyond the end", "\x80\x02T\xff\xff\xff\x7fabc.", "at byte 2: it claims a string of 2147483647 bytes, but only 4 follow"},
		{"negative string", "\x80\x02T\xff\xff\xff\xffabc.", "it claims a string of 4294967295 bytes"},
		{"long string", "\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc.", "it claims a string of 18446744073709551615 bytes"},
		{"cut in a count", "\x80\x04\x8e\xff\xff", "ends within an instruction"},
		{"cut in a number", "J\x00", "ends within an instruction"},
		{"cut in a line", "cos\nsystem", "ends within an instruction"},
		{"huge integer", "\x80\x02\x8b\x09\x00\x00\x00123456789.", "an integer of 9 bytes"},
		{"huge program", strings.Repeat("N", maxOutline+1) + ".", "far more complicated"},
		{"escapes", `S'\x00'` + "\n.", "protocol 0, is not read"},
		{"cut", good[:1000], "damaged pickle"},
		{"key twice", swap("conv1_2", "conv1_1"), `"conv1_1" appears twice`},
	} {
		_, err := dictionary([]byte(c.pickle))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// Large arrays are not in the outline, and fully connected layers are not
// decoded at all, so that a file costs little more than what is kept of it.
func TestOutline(t *testing.T) {
	// Protocol 2 of Python 3 spells half of the bytes with two.
	for name, want := range map[string]int{"pickle_python2.npy": 5, "pickle_protocol2.npy": 5, "pickle_protocol5.npy": 5} {
		data := pickleOf(t, name)
		program, bulks, err := outline(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		size := len(program)
		for i, b := range bulks {
			if b.size < bulkSize || b.offset+b.size > int64(len(data)) {
				t.Errorf("%s: bulk %d has %d bytes at %d", name, i, b.size, b.offset)
			}
			if !bytes.Contains(program, fmt.Appendf(nil, "P%d\n", i)) {
				t.Errorf("%s: the outline does not refer to bulk %d", name, i)
			}
			size += int(b.size)
		}
		if len(bulks) != want || size > len(data) {
			t.Errorf("%s: %d bytes become an outline of %d and %d strings", name, len(data), len(program), len(bulks))
		}
	}
}

// FuzzDictionary decodes whatever arrays it finds: damage must end in an error.
func FuzzDictionary(f *testing.F) {
	names, err := filepath.Glob(testdata + "pickle_*.npy")
	if err != nil || len(names) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range names {
		f.Add(pickleOf(f, filepath.Base(name)))
	}
	f.Add([]byte("cos\nsystem\n(S'id'\ntR."))
	f.Add([]byte("\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02ls\x85R."))
	f.Add([]byte("\x80\x02ccollections\nOrderedDict\n)R]Ns\x8a\x00\x8b\x00\x00\x00\x00."))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := dictionary(data)
		if err != nil {
			if message := err.Error(); len(message) > 400 || strings.ContainsFunc(message, unicode.IsControl) {
				t.Errorf("error of %d bytes: %.500q", len(message), message)
			}
			return
		}
		seen := map[*Array]bool{} // a program can name an array thousands of times
		for key, value := range d {
			for _, a := range value.Arrays() {
				if seen[a] {
					continue
				}
				seen[a] = true
				if n := elements(a.Shape()); n < 0 || n > 1<<20 {
					continue // who asks for the tensor has seen the shape
				}
				if x, err := a.Tensor(); err == nil && !slices.Equal(x.Shape(), a.shape) {
					t.Errorf("%s: shape %v, want %v", key, x.Shape(), a.shape)
				}
			}
		}
	})
}

// elements returns the number of elements of a shape, or -1 if it is no shape or huge.
func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 1<<20 || n > 1<<20 {
			return -1
		}
		n *= d
	}
	return n
}

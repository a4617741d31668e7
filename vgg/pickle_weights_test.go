package vgg

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor/npy"
)

// pickleOf returns the pickle in a .npy file of testdata.
func pickleOf(t testing.TB, name string) []byte {
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(data)
	if _, err := npy.ReadHeader(r); err != nil {
		t.Fatal(err)
	}
	return data[len(data)-r.Len():]
}

// Every way a pickle has of getting hold of a function must end in an error
// that names it.
func TestPickleRefusesImports(t *testing.T) {
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
		"inside the weights": {string(bytes.Replace(pickleOf(t, "pickle_protocol3.npy"),
			[]byte("cnumpy\ndtype\n"), []byte("cnumpy.testing\nrundocs\n"), 1)), "numpy.testing.rundocs"},
	} {
		_, err := fromPickle([]byte(c.pickle))
		if err == nil || !strings.Contains(err.Error(), want+c.class+",") {
			t.Errorf("%s: error %v, want %q", name, err, want+c.class)
		}
	}
}

func TestPickleErrors(t *testing.T) {
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
		{"unknown opcode", "\xff.", "at byte 0: opcode 0xff is not one that weights need"},
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
		{"gap", swap("conv1_2", "conv1_3"), `unknown layer "conv1_3"`},
		{"missing layer", swap("conv1_2", "anything"[:7]), "conv2_1 stands where conv1_2 should be"},
		{"layer twice", swap("conv1_2", "conv1_1"), "conv1_1 appears twice"},
		{"text for numbers", swap("X\x02\x00\x00\x00f4", "X\x02\x00\x00\x00U1"), `conv1_1: weight: dtype "<U1" is not read`},
		{"shape too large", swap("(K\x03K\x03K\x03K\x04t", "(K\x03K\x03K\x03K\x05t"),
			"conv1_1: weight: header says shape (3, 3, 3, 5) of <f4, 540 bytes, but only 432 follow"},
		{"shape negative", swap("(K\x03K\x03K\x03K\x04t", "(K\x03K\x03K\x03J\xff\xff\xff\xfft"), "negative dimension"},
		{"another layout", swap("(K\x03K\x03K\x03K\x04t", "(K\x04K\x03K\x03K\x03t"), "conv1_1.weight has shape [4 3 3 3], want [3 3 3 out]"},
		{"not a number", swap(string(biasBytes(t)), "\x00\x00\xc0\x7f"+string(biasBytes(t)[4:])), "conv2_1.bias holds NaN, number 0 of 3"},
	} {
		_, err := fromPickle([]byte(c.pickle))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	path := filepath.Join(t.TempDir(), "evil.npy")
	writeFile(t, path, []byte(objectHeader+"cos\nsystem\n(S'id'\ntR."))
	expectError(t, "through Load", path, path+": ", "wants to import os.system")
}

const objectHeader = "\x93NUMPY\x01\x00\x36\x00{'descr': '|O', 'fortran_order': False, 'shape': (), }"

// biasBytes returns the bytes of the golden conv2_1.bias.
func biasBytes(t *testing.T) []byte {
	w := tiny(t, func(*Weights) {})
	var b bytes.Buffer
	if err := npy.Write(&b, w.Convs[2].Bias); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()[b.Len()-4*w.Convs[2].Bias.Len():]
}

// Large arrays are not in the outline, and fully connected layers are not
// decoded at all, so that a file costs little more than what is kept of it.
func TestOutline(t *testing.T) {
	// Protocol 2 of Python 3 spells half of the bytes with two.
	for name, want := range map[string]int{"pickle_python2.npy": 3, "pickle_protocol2.npy": 4, "pickle_protocol5.npy": 3} {
		data := pickleOf(t, name)
		program, bulks, err := outline(data)
		if err != nil {
			t.Fatal(err)
		}
		size := len(program)
		for i, b := range bulks {
			if len(b.data) < bulkSize || !bytes.Contains(data, b.data) {
				t.Errorf("%s: bulk %d has %d bytes", name, i, len(b.data))
			}
			if !bytes.Contains(program, fmt.Appendf(nil, "P%d\n", i)) {
				t.Errorf("%s: the outline does not refer to bulk %d", name, i)
			}
			size += len(b.data)
		}
		if len(bulks) != want || size > len(data) {
			t.Errorf("%s: %d bytes become an outline of %d and %d strings", name, len(data), len(program), len(bulks))
		}
	}
}

func FuzzPickle(f *testing.F) {
	names, err := filepath.Glob("testdata/pickle_*.npy")
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
		w, err := fromPickle(data)
		if err != nil {
			return
		}
		if err := checkLayers(w.Layers()); err != nil {
			t.Error(err)
		}
		in := 3
		for _, c := range w.Convs {
			if s := c.Weight.Shape(); len(s) != 4 || s[0] != c.Bias.Len() || s[1] != 3 || s[2] != 3 || s[3] != in {
				t.Errorf("%s: %v, %v", c.Name, s, c.Bias.Shape())
			}
			in = c.Bias.Len()
		}
	})
}

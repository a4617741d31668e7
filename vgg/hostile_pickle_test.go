package vgg

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// pickleLies are .npy files of pickles by what is wrong with them.
func pickleLies() map[string]string {
	zeros := func(n int) string { return strings.Repeat("\x00", n) }
	weight := pickleArray("f4", "<", []int{3, 3, 3, 2}, zeros(216))
	bias := pickleArray("f4", "<", []int{2}, zeros(8))
	first := pickleText("conv1_1")
	layer := func(weight, bias string) string { return pickleFile(first, "]("+weight+bias+"e") }
	array := func(kind string, shape []int, data string) string {
		return layer(pickleArray(kind, "<", shape, data), bias)
	}
	program := func(instructions string) string { return objectHeader + "\x80\x04" + instructions }
	long := strings.Repeat("\x1b[2J", 16<<10)
	bulk := pickleBytes(strings.Repeat("\x1b", 8<<20))
	twice := strings.Repeat("2\x86", 200) // a tuple of itself and itself, and so on
	claim := func(op string, n uint64, width int) string {
		return program(op + string(binary.LittleEndian.AppendUint64(nil, n)[:width]) + "abc.")
	}
	return map[string]string{
		"bulk called":                  program(bulk + ")R."),
		"bulk called with bulk":        program("ccollections\nOrderedDict\n(" + bulk + bulk + "tR."),
		"bulk for a class":             program("(" + bulk + "o."),
		"bulk for a new object":        program(bulk + ")\x81."),
		"bulk for a name":              program("\x8c\x02os" + bulk + "\x93."),
		"bulk for a module":            program(bulk + "\x8c\x02os\x93."),
		"bulk built":                   program(bulk + "}b."),
		"bulk built from a dictionary": program(bulk + "}K\x01K\x01sb."),
		"bulk with slots":              program(bulk + "N}K\x01K\x01s\x86b."),
		"bulk for an encoding":         program("c_codecs\nencode\nX\x01\x00\x00\x00a" + bulk + "\x86R."),
		"bulk for a type":              program("cnumpy\ndtype\n" + bulk + "\x85R."),
		"bulk for a list":              program("cbuiltins\nlist\n" + bulk + bulk + "\x86R."),
		"bulk for a dictionary":        program("cbuiltins\ndict\n" + bulk + bulk + "\x86R."),
		"bulk for a key":               pickleFile(bulk, "N"),
		"bulk for a layer":             pickleFile(first, bulk),
		"name with escapes":            program("c" + "os\x1b[2J\x07" + "\n" + "system\x1b]0;title\x07" + "\n."),
		"name on the stack":            program(pickleText(escapes) + pickleText(escapes) + "\x93."),
		"long name":                    program("c" + strings.Repeat("o", 900) + "\n" + strings.Repeat("\x1b", 900) + "\n."),
		"endless line":                 program("c" + strings.Repeat("o", 1<<20)),
		"number with escapes":          program("I\x1b[2J\n."),
		"long number":                  program("L" + strings.Repeat("9", 1900) + "\n."),
		"endless number":               program("L" + strings.Repeat("9", 1<<20) + "\n."),
		"float with escapes":           program("F\x1b[2J\n."),
		"text without quotes":          program("S\x1b[2J\n."),
		"key with escapes":             pickleFile(pickleText("conv"+escapes), "N"),
		"key twice with escapes":       pickleFile(pickleText(escapes), "N", pickleText(escapes), "N"),
		"long key":                     pickleFile(pickleText("conv"+long), "N"),
		"key of 255 escapes":           pickleFile(pickleText("conv"+strings.Repeat("\x9b", 251)), "N"),
		"tuple of tuples, called":      program(")" + twice + ")R."),
		"tuple of tuples, built":       program(")" + twice + "}K\x01K\x01sb."),
		"list of itself, called":       program("]q\x00h\x00ah\x00)R."),
		"dictionary of itself, called": program("}q\x00h\x00h\x00sh\x00)R."),
		"dictionary of itself, a key":  program("}q\x00K\x01h\x00sh\x00(h\x00h\x00d)R."),
		"arguments from the memo":      program("ccollections\nOrderedDict\n(\x8c\x3f" + strings.Repeat("\x1b", 63) + "q\x00" + strings.Repeat("h\x00", 6000) + "tR."),
		"lines from the memo":          program("ccollections\nOrderedDict\n(S'" + strings.Repeat("\x1b", 250) + "'\nq\x00" + strings.Repeat("h\x00", 6000) + "tR."),
		"deep marks":                   program(strings.Repeat("(", 30000) + "."),
		"deep lists":                   program(strings.Repeat("]", 8000) + strings.Repeat("a", 7999) + "."),
		"deep tuples":                  program(")" + strings.Repeat("\x85", 30000) + "."),
		"large memo":                   program("]" + strings.Repeat("r\xff\xff\xff\x7f", 6000) + "."),
		"memo that is not there":       program("j\xff\xff\xff\xff)R."),
		"millions of frames":           program(strings.Repeat("\x95\x00\x00\x00\x00\x00\x00\x00\x00", 1<<20) + "."),
		"millions of strings":          program(strings.Repeat("B\x00\x01\x00\x00"+zeros(256), 1<<17) + "."),
		"millions of nothing":          program(strings.Repeat("N0", 1<<22) + "."),
		"a list of lists":              program("(" + strings.Repeat("cbuiltins\nlist\n", 1500) + "l."),
		"arrays of dimensions":         program("(" + strings.Repeat("K\x01", 3000) + "tq\x000" + strings.Repeat("cnumpy.core.numeric\n_frombuffer\n(C\x00Nh\x00Nt", 20) + "R."),
		"dictionaries built":           program("(" + strings.Repeat("U\x01aN", 1500) + "dq\x000ccollections\nOrderedDict\n)R" + strings.Repeat("h\x00b", 1500) + "."),
		"string of 2 GiB":              claim("T", 1<<31-1, 4),
		"string of 4 GiB":              claim("B", 1<<32-1, 4),
		"string of 2^63":               claim("\x8e", 1<<63, 8),
		"string of 2^64-1":             claim("\x8d", 1<<64-1, 8),
		"bytes of 2^40":                claim("\x96", 1<<40, 8),
		"integer of 2 GiB":             claim("\x8b", 1<<31-1, 4),
		"no weight":                    layer("", bias),
		"millions of filters":          array("f4", []int{3, 3, 3, 1 << 30}, zeros(300)),
		"filters that are there":       array("u1", []int{3, 3, 3, 2_000_000}, zeros(54_000_000)),
		"more than its shape":          array("f4", []int{3, 3, 3, 2}, zeros(32<<20)),
		"less than its shape":          array("f4", []int{3, 3, 3, 64}, zeros(216)),
		"negative":                     array("f4", []int{3, 3, 3, -2}, zeros(216)),
		"negative twice":               array("f4", []int{-3, -3, 3, 2}, zeros(216)),
		"overflow":                     array("f4", []int{1 << 30, 1 << 30, 1 << 30, 1 << 30}, zeros(216)),
		"1000 dimensions":              array("f4", make([]int, 1000), zeros(216)),
		"type with escapes":            array(escapes, []int{3, 3, 3, 2}, zeros(216)),
		"long type":                    array(long, []int{3, 3, 3, 2}, zeros(216)),
		"type of 255 escapes":          array(strings.Repeat("\x9b", 255), []int{3, 3, 3, 2}, zeros(216)),
		"objects":                      array("O", []int{3, 3, 3, 2}, zeros(216)),
		"bias that is too long":        layer(weight, pickleArray("f4", "<", []int{1 << 30}, zeros(8))),
		"bias of another shape":        layer(weight, pickleArray("f4", "<", []int{2, 1, 1, 1, 1, 1, 1, 1}, zeros(8))),
		"text that is no latin1": layer("cnumpy.core.numeric\n_frombuffer\n(c_codecs\nencode\n"+pickleText(strings.Repeat("\u20ac", 100))+
			"X\x06\x00\x00\x00latin1\x86Rcnumpy\ndtype\nX\x02\x00\x00\x00u1\x85R(K\x03K\x03K\x03K\x02tX\x01\x00\x00\x00CtR", bias),
		"latin1 that is too long": layer("cnumpy.core.numeric\n_frombuffer\n(c_codecs\nencode\n"+pickleText(strings.Repeat("\u00ff", 8<<20))+
			"X\x06\x00\x00\x00latin1\x86Rcnumpy\ndtype\nX\x02\x00\x00\x00u1\x85R(K\x03K\x03K\x03K\x02tX\x01\x00\x00\x00CtR", bias),
		"header with escapes":  npyText("'|O\x1b[2J'", "()", ""),
		"array of escapes":     npyText("'"+strings.Repeat("\x1b", 1000)+"'", "()", ""),
		"header of a 4 GiB":    "\x93NUMPY\x02\x00\xff\xff\xff\xff",
		"half a header":        "\x93NUMPY\x01\x00\xff\xff{'descr'",
		"version with a bell":  "\x93NUMPY\x07\x1b",
		"a gap":                pickleFile(pickleText("conv5_4"), "]("+weight+bias+"e"),
		"nothing":              pickleFile(),
		"another object":       program("K\x01."),
		"unknown instructions": program("\xff\x1b\x07."),
	}
}

func TestHostilePickles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.npy")
	w := tiny(t, func(w *Weights) { w.Padding, w.Input = tensor.PadZero, CaffeInput() })
	writeFile(t, path, []byte(pickleWeights(w)))
	if got, err := Load(path); err != nil || got.Hash() != w.Hash() {
		t.Fatal(got, err) // what follows is about the lies alone
	}
	for what, text := range pickleLies() {
		writeFile(t, path, []byte(text))
		expectRefusal(t, what, path)
	}
	// A file with a hole takes no room, and may have any length.
	hole := pickleLies()["millions of filters"]
	writeFile(t, path, []byte(hole[:len(hole)-3]))
	if err := os.Truncate(path, 1<<40); err != nil {
		t.Skip("no file of 1 TiB here: ", err)
	}
	expectRefusal(t, "1 TiB", path)
}

// A file that loses its end while it is loaded is an error, which names it: nothing
// of it is mapped into memory.
func TestTruncatedMeanwhile(t *testing.T) {
	w := tiny(t, func(w *Weights) { w.Padding, w.Input = tensor.PadZero, CaffeInput() })
	pickle := pickleWeights(w)
	path := filepath.Join(t.TempDir(), "w.npy")
	// The second layer's numbers follow the fourth type.
	numbers := 0
	for range 4 {
		numbers += strings.Index(pickle[numbers:], pickleDtype("f4", "<")) + 1
	}
	for _, length := range []int64{0, int64(numbers), int64(len(pickle)) - 1} {
		writeFile(t, path, []byte(pickle))
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		start := int64(len(objectHeader))
		r := &cutter{f, start, func() error { return os.Truncate(path, length) }}
		_, err = fromPickle(r, int64(len(pickle))-start)
		if length == int64(len(pickle))-1 {
			if err != nil {
				t.Errorf("the end mark was read already: %v", err)
			}
		} else if err == nil || !strings.Contains(err.Error(), "but only ") {
			t.Errorf("cut to %d of %d bytes: error %v", length, len(pickle), err)
		}
		f.Close()
	}
}

// A cutter reads a file from an offset on, and cuts it after the first reading.
type cutter struct {
	f     *os.File
	start int64
	cut   func() error
}

func (c *cutter) ReadAt(p []byte, offset int64) (int, error) {
	n, err := c.f.ReadAt(p, offset+c.start)
	if c.cut != nil {
		err2 := c.cut()
		c.cut = nil
		if err2 != nil {
			return 0, err2
		}
	}
	return n, err
}

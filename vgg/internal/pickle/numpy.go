package pickle

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/nlpodyssey/gopickle/types"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
	"github.com/brushgrad/brushgrad/vgg/internal/foreign"
)

// findClass stands in for Python's import statement while unpickling. It knows
// the few functions that pickles of NumPy arrays call, and nothing else.
func findClass(module, name string) (any, error) {
	switch module + "." + name {
	case "numpy.ndarray":
		return ndarrayClass{}, nil
	case "numpy.dtype":
		return function(newDtype), nil
	case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct":
		return function(reconstruct), nil
	case "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar":
		return function(scalar), nil
	case "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer":
		return function(fromBuffer), nil
	case "_codecs.encode":
		return function(encode), nil
	}
	return nil, fmt.Errorf("the pickle wants to import %s: only dictionaries, lists, strings, numbers and NumPy arrays are read",
		foreign.Quote(module+"."+name))
}

// A function can be called from a pickle.
type function func(args []any) (any, error)

func (f function) Call(args ...any) (any, error) { return f(args) }

// An ndarrayClass is only ever an argument, of reconstruct.
type ndarrayClass struct{}

// maxRank is the largest number of dimensions that NumPy knows.
const maxRank = 64

// An Array is a NumPy array as it was pickled. Nothing is decoded before Tensor
// is called: most files hold large layers that no one wants.
type Array struct {
	dtype   *dtype
	shape   []int
	fortran bool
	data    any // a byte string, or a *types.List of Python objects
}

// reconstruct is numpy.core.multiarray._reconstruct(type, shape, typecode): an
// empty array, whose state follows.
func reconstruct(args []any) (any, error) {
	if len(args) != 3 || args[0] != (ndarrayClass{}) {
		return nil, errors.New("damaged pickle: an array of an unknown class")
	}
	return &Array{}, nil
}

// PySetState is numpy.ndarray.__setstate__((version, shape, dtype, is Fortran
// order, data)). The unpickler calls it.
func (a *Array) PySetState(state any) error {
	s, err := tuple(state, 5)
	if err != nil {
		return err
	}
	return a.set(s[1], s[2], s[3], s[4])
}

// fromBuffer is numpy.core.numeric._frombuffer(data, dtype, shape, order).
func fromBuffer(args []any) (any, error) {
	if len(args) != 4 {
		return nil, errors.New("damaged pickle: an array that is incomplete")
	}
	a := &Array{}
	return a, a.set(args[2], args[1], args[3] == "F", args[0])
}

// scalar is numpy.core.multiarray.scalar(dtype, data), a single number.
func scalar(args []any) (any, error) {
	if len(args) != 2 {
		return nil, errors.New("damaged pickle: a number that is incomplete")
	}
	a := &Array{}
	return a, a.set(&types.Tuple{}, args[0], false, args[1])
}

func (a *Array) set(shape, typ, fortran, data any) error {
	dims, ok := shape.(*types.Tuple)
	if !ok {
		return errors.New("damaged pickle: the shape of an array is no tuple")
	}
	if dims.Len() > maxRank {
		return fmt.Errorf("damaged pickle: an array of %d dimensions", dims.Len())
	}
	a.shape = make([]int, dims.Len())
	for i, d := range *dims {
		if a.shape[i], ok = d.(int); !ok {
			return errors.New("damaged pickle: the shape of an array does not hold integers")
		}
	}
	if a.dtype, ok = typ.(*dtype); !ok {
		return errors.New("damaged pickle: an array without a type")
	}
	switch f := fortran.(type) {
	case bool:
		a.fortran = f
	case int:
		a.fortran = f != 0
	default:
		return errors.New("damaged pickle: an array without an order")
	}
	a.data = data
	return nil
}

// Shape returns the shape that the array claims to have, nil if it has no
// contents. It must not be changed.
func (a *Array) Shape() []int { return a.shape }

// Tensor reads the array, in C order. It is an error if the array does not hold
// numbers, or not as many as its shape says. Memory is taken for as many as that,
// if they are there.
func (a *Array) Tensor() (*tensor.Tensor, error) {
	if a.dtype == nil {
		return nil, errors.New("damaged pickle: an array without contents")
	}
	h := npy.Header{Descr: a.dtype.order + a.dtype.kind, FortranOrder: a.fortran, Shape: a.shape}
	if text, ok := a.data.(latin1); ok {
		r := text.reader()
		t, err := h.Read(r)
		if err != nil {
			return nil, err
		}
		if n, _ := io.ReadFull(r, make([]byte, 1)); n > 0 {
			return nil, errors.New("damaged pickle: an array of more bytes than its shape says")
		}
		return t, nil
	}
	r, err := byteString(a.data)
	if err != nil {
		return nil, err
	}
	return h.ReadSized(r, r.Size())
}

// A dtype is the type of an array's elements, such as "<" and "f4".
type dtype struct{ order, kind string }

// newDtype is numpy.dtype(kind, align, copy).
func newDtype(args []any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("damaged pickle: a type without a name")
	}
	kind, ok := args[0].(string)
	if !ok {
		return nil, errors.New("damaged pickle: a type without a name")
	}
	return &dtype{"|", kind}, nil
}

// PySetState is numpy.dtype.__setstate__((version, byte order, ...)). The other
// values describe structured types, whose kind is refused anyway.
func (d *dtype) PySetState(state any) error {
	s, ok := state.(*types.Tuple)
	if !ok || s.Len() < 2 {
		return errors.New("damaged pickle: a type without a byte order")
	}
	if d.order, ok = s.Get(1).(string); !ok {
		return errors.New("damaged pickle: a type without a byte order")
	}
	return nil
}

// latin1 is text that stands for the bytes of the same code points, which is
// how Python 3 pickles bytes for Python 2.
type latin1 struct{ text any } // string or bulk

// encode is _codecs.encode(text, "latin1").
func encode(args []any) (any, error) {
	if len(args) != 2 || args[1] != "latin1" {
		return nil, errors.New("damaged pickle: text in an encoding other than latin1")
	}
	switch args[0].(type) {
	case string, bulk:
		return latin1{args[0]}, nil
	}
	return nil, errors.New("damaged pickle: what is to be encoded is no text")
}

// A sized reader knows how many bytes it has.
type sized interface {
	io.Reader
	Size() int64
}

// byteString returns a reader of the bytes in any of the forms that a pickle has
// for them, but latin1.
func byteString(v any) (sized, error) {
	switch v := v.(type) {
	case string: // of Python 2
		return strings.NewReader(v), nil
	case []byte:
		return bytes.NewReader(v), nil
	case *types.ByteArray:
		return bytes.NewReader(*v), nil
	case bulk:
		if !v.text {
			return v.reader(), nil
		}
	}
	return nil, errors.New("an array does not hold numbers")
}

func (b bulk) reader() *io.SectionReader { return io.NewSectionReader(b.file, b.offset, b.size) }

// reader returns a reader of the bytes.
func (l latin1) reader() io.Reader {
	if b, ok := l.text.(bulk); ok {
		return latin1Reader{bufio.NewReaderSize(b.reader(), 64<<10)}
	}
	return latin1Reader{bufio.NewReader(strings.NewReader(l.text.(string)))}
}

// A latin1Reader reads UTF-8 and gives the bytes of the same code points.
type latin1Reader struct{ utf8 *bufio.Reader }

func (l latin1Reader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		c, err := l.utf8.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		if c >= 0x80 { // two bytes, for U+0080 to U+00FF
			next, err := l.utf8.ReadByte()
			if c != 0xc2 && c != 0xc3 || err != nil || next&0xc0 != 0x80 {
				return n, errors.New("damaged pickle: bytes hold a character that is none of latin1's")
			}
			c = c<<6 | next&0x3f
		}
		p[n] = c
		n++
	}
	return n, nil
}

// tuple returns the elements of a tuple of n.
func tuple(v any, n int) ([]any, error) {
	t, ok := v.(*types.Tuple)
	if !ok || t.Len() != n {
		return nil, fmt.Errorf("damaged pickle: no tuple of %d where one should be", n)
	}
	return *t, nil
}

package pickle

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/nlpodyssey/gopickle/types"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
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
	return nil, fmt.Errorf("the pickle wants to import %s.%s, which is refused: "+
		"only dictionaries, lists, strings, numbers and NumPy arrays are read", module, name)
}

// A function can be called from a pickle.
type function func(args []any) (any, error)

func (f function) Call(args ...any) (any, error) { return f(args) }

// An ndarrayClass is only ever an argument, of reconstruct.
type ndarrayClass struct{}

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

// Tensor returns a copy of the array, in C order. It is an error if the array does
// not hold numbers, or not as many as its shape says.
func (a *Array) Tensor() (*tensor.Tensor, error) {
	if a.dtype == nil {
		return nil, errors.New("damaged pickle: an array without contents")
	}
	data, err := byteString(a.data)
	if err != nil {
		return nil, err
	}
	return npy.Header{Descr: a.dtype.order + a.dtype.kind, FortranOrder: a.fortran, Shape: a.shape}.Decode(data)
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
type latin1 struct{ text []byte }

// encode is _codecs.encode(text, "latin1").
func encode(args []any) (any, error) {
	if len(args) != 2 || args[1] != "latin1" {
		return nil, errors.New("damaged pickle: text in an encoding other than latin1")
	}
	switch text := args[0].(type) {
	case string:
		return latin1{[]byte(text)}, nil
	case bulk:
		return latin1{text.data}, nil
	}
	return nil, errors.New("damaged pickle: what is to be encoded is no text")
}

// byteString returns the bytes of any of the forms that a pickle has for them.
func byteString(v any) ([]byte, error) {
	switch v := v.(type) {
	case string: // of Python 2
		return []byte(v), nil
	case []byte:
		return v, nil
	case *types.ByteArray:
		return *v, nil
	case bulk:
		if !v.text {
			return v.data, nil
		}
	case latin1:
		data := make([]byte, 0, len(v.text))
		for rest := v.text; len(rest) > 0; {
			r, size := utf8.DecodeRune(rest)
			if r > 0xff {
				return nil, errors.New("damaged pickle: bytes hold a character that is none of latin1's")
			}
			data, rest = append(data, byte(r)), rest[size:]
		}
		return data, nil
	}
	return nil, errors.New("an array does not hold numbers")
}

// tuple returns the elements of a tuple of n.
func tuple(v any, n int) ([]any, error) {
	t, ok := v.(*types.Tuple)
	if !ok || t.Len() != n {
		return nil, fmt.Errorf("damaged pickle: no tuple of %d where one should be", n)
	}
	return *t, nil
}

// Package pickle reads dictionaries of NumPy arrays that were pickled by Python,
// as numpy.save does with a dictionary {"name": [array, array, ...], ...}. It
// runs no code of the pickle's author.
//
// A pickle is a program for a machine with a stack: its instructions push
// strings and numbers, collect them in lists and dictionaries, and call Python
// functions by name to make everything else. Whoever writes a pickle chooses
// the functions, so that to run one is to run a stranger's program. Here,
//
//   - a name stands for nothing unless it is one of the few that NumPy's arrays
//     need, each of which has a stand-in written in Go, or one of a few
//     containers that the unpickler makes itself. Any other is an error that
//     names it, whether it would be called or not;
//   - opcodes that refer to what is outside of the pickle, extensions and
//     persistent identifiers, are refused, as are those that are unknown;
//   - no length is believed before the bytes that it counts are there, and the
//     program may have 32 KiB and 6144 instructions, long strings not counted.
//     Memory is bounded by that and by the shapes of the arrays that are asked for.
//
// Long strings are read when they are asked for. A file that became shorter until
// then is an error.
//
// Protocols 0 to 5 are read, of Python 2 as well, but for text with escapes,
// which is how protocol 0 spells bytes. Errors are worded to follow the name of
// a file, and are one short line whatever the file holds.
//
// The format is described in Python's Lib/pickletools.py, and what NumPy puts
// into it in numpy/core/src/multiarray/methods.c.
package pickle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	gopickle "github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"

	"github.com/brushgrad/brushgrad/vgg/internal/foreign"
)

// A Value is what a dictionary holds under a key.
type Value struct{ object any }

// Dictionary returns the entries of the dictionary in a pickle of size bytes, which
// must be an array of one object, as numpy.save makes of a dictionary. Keys must be
// strings, each of them once; what a value is shows when it is used. Arrays are read
// from r only by [Array.Tensor].
func Dictionary(r io.ReaderAt, size int64) (map[string]Value, error) {
	root, err := unpickle(r, size)
	if err != nil {
		return nil, err
	}
	a, ok := root.(*Array)
	if !ok {
		return nil, errors.New("the pickle holds no NumPy array")
	}
	var entries []types.DictEntry
	objects, ok := a.data.(*types.List)
	if ok && objects.Len() == 1 {
		switch d := objects.Get(0).(type) {
		case *types.Dict:
			entries = *d
		case *types.OrderedDict:
			for e := d.List.Front(); e != nil; e = e.Next() {
				entry := e.Value.(*types.OrderedDictEntry)
				entries = append(entries, types.DictEntry{Key: entry.Key, Value: entry.Value})
			}
		default:
			ok = false
		}
	}
	if !ok || objects.Len() != 1 {
		return nil, errors.New("the pickle holds no dictionary")
	}
	values := map[string]Value{}
	for _, e := range entries {
		key, ok := e.Key.(string)
		if !ok {
			return nil, errors.New("the dictionary has a key that is no string")
		}
		if _, ok := values[key]; ok {
			return nil, fmt.Errorf("%s appears twice in the dictionary", foreign.Quote(key))
		}
		values[key] = Value{e.Value}
	}
	return values, nil
}

// Arrays returns the arrays in a list or tuple that holds nothing else. For any
// other value it returns nil.
func (v Value) Arrays() []*Array {
	var objects []any
	switch l := v.object.(type) {
	case *types.List:
		objects = *l
	case *types.Tuple:
		objects = *l
	}
	var arrays []*Array
	for _, o := range objects {
		a, ok := o.(*Array)
		if !ok {
			return nil
		}
		arrays = append(arrays, a)
	}
	return arrays
}

// unpickle returns the value of a pickle. What findClass does not allow is an
// error, as is anything that the unpickler does not expect.
func unpickle(r io.ReaderAt, size int64) (root any, err error) {
	program, bulks, err := outline(r, size)
	if err != nil {
		return nil, err
	}
	// The unpickler panics where a damaged pickle leaves it without operands.
	defer func() {
		if r := recover(); r != nil {
			root, err = nil, fmt.Errorf("damaged pickle: %s", foreign.Message(fmt.Sprint(r)))
		}
	}()
	u := gopickle.NewUnpickler(bytes.NewReader(program))
	u.FindClass = findClass
	u.PersistentLoad = func(id any) (any, error) {
		i, err := strconv.Atoi(fmt.Sprint(id))
		if err != nil || i < 0 || i >= len(bulks) {
			return nil, errors.New("damaged pickle: a reference to a string that is not there")
		}
		return bulks[i], nil
	}
	if root, err = u.Load(); err != nil {
		return nil, errors.New(foreign.Message(err.Error()))
	}
	return root, nil
}

package vgg

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// loadPickled loads a .npy file whose array is one pickled dictionary.
func loadPickled(f *os.File) (*Weights, error) {
	file, err := npy.NewFile(f)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if file.Header.Descr != "|O" {
		return nil, errors.New("this .npy file holds a single array; weights are a folder of such files, " +
			"or a pickled dictionary of arrays: docs/weights.md")
	}
	return fromPickle(file.Data)
}

// fromPickle returns the weights in a pickle. They do not share its memory.
func fromPickle(data []byte) (*Weights, error) {
	root, err := unpickle(data)
	if err != nil {
		return nil, err
	}
	layers, err := layersOf(root)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range layerNames {
		if _, ok := layers[name]; ok {
			names = append(names, name)
		}
	}
	for name := range layers {
		if strings.HasPrefix(name, "conv") && !slices.Contains(names, name) {
			return nil, unknownLayer(name)
		}
	}
	if err := checkLayers(names); err != nil {
		return nil, err
	}
	w := &Weights{Padding: tensor.PadZero, Input: CaffeInput()}
	for _, name := range names {
		weight, bias, err := pair(layers[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := w.add(name, weight, bias, hwio); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// unpickle returns the value of a pickle. What findClass does not allow is an
// error, as is anything that the unpickler does not expect.
func unpickle(data []byte) (root any, err error) {
	program, bulks, err := outline(data)
	if err != nil {
		return nil, err
	}
	// The unpickler panics where a damaged pickle leaves it without operands.
	defer func() {
		if r := recover(); r != nil {
			root, err = nil, fmt.Errorf("damaged pickle: %v", r)
		}
	}()
	u := pickle.NewUnpickler(bytes.NewReader(program))
	u.FindClass = findClass
	u.PersistentLoad = func(id any) (any, error) {
		i, err := strconv.Atoi(fmt.Sprint(id))
		if err != nil || i >= len(bulks) {
			return nil, fmt.Errorf("damaged pickle: reference to %v", id)
		}
		return bulks[i], nil
	}
	return u.Load()
}

// layersOf returns the entries of the dictionary in root, which is an array of
// one object, as numpy.save makes of a dictionary.
func layersOf(root any) (map[string]any, error) {
	a, ok := root.(*ndarray)
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
		return nil, errors.New("the pickle holds no dictionary of layers")
	}
	layers := map[string]any{}
	for _, e := range entries {
		name, ok := e.Key.(string)
		if !ok {
			return nil, errors.New("the dictionary has a key that is no string")
		}
		if _, ok := layers[name]; ok {
			return nil, fmt.Errorf("%s appears twice in the dictionary", name)
		}
		layers[name] = e.Value
	}
	return layers, nil
}

// pair returns the weight and bias that a layer's entry [weight, bias] holds.
func pair(entry any) (weight, bias *tensor.Tensor, err error) {
	var two []any
	switch l := entry.(type) {
	case *types.List:
		two = *l
	case *types.Tuple:
		two = *l
	}
	if len(two) != 2 {
		return nil, nil, errors.New("no list of two arrays, [weight, bias]")
	}
	var tensors [2]*tensor.Tensor
	for i, v := range two {
		a, ok := v.(*ndarray)
		if !ok {
			return nil, nil, errors.New("no list of two arrays, [weight, bias]")
		}
		if tensors[i], err = a.tensor(); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", []string{"weight", "bias"}[i], err)
		}
	}
	return tensors[0], tensors[1], nil
}

package layers

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// In a file, the arrays of the optimiser begin with this; parameters must not.
const (
	optimizerPrefix = "optimizer."
	stepsName       = optimizerPrefix + "steps"
)

// stepsBase is the base of the two digits that make the number of steps: every
// integer up to it is a float32.
const stepsBase = 1 << 24

// Write writes the parameters of a layer, and the state of the optimiser that
// trains it, as one .npz file: a training that is broken off can go on from it
// to the bit. With the zero State it writes the parameters alone. The arrays are
//
//	conv1_1.weight                each parameter under its name, in its shape
//	optimizer.steps               (2): [h l] for h 2^24 + l steps, 0 <= h, l < 2^24
//	optimizer.0.conv1_1.weight    moment 0 of that parameter, in its shape
//
// A tensor that is used twice is written once, under its first name. The moments
// are those of all parameters in this order, as [Vars.ValuesAndGradients]
// returns it if all are leaves; where a part of a network is frozen, l has to be
// the part that is trained.
//
// Elements that are NaN or infinite are an error, before anything is written:
// [Read] would not take them. It is for the caller to see to it that a file
// appears completely or not at all. Write panics if the state does not suit the
// parameters, or if two of these have the same name or one begins with
// "optimizer.".
func Write(w io.Writer, l Layer, o optim.State) error {
	all, trained := saved("Write", l)
	arrays := map[string]*tensor.Tensor{}
	for _, p := range all {
		arrays[p.Name] = p.Value
	}
	if o.Steps != 0 || len(o.Moments) != 0 {
		if o.Steps < 0 || int64(o.Steps) >= stepsBase*stepsBase {
			panic(fmt.Sprintf("layers: Write: state after %d steps, wants 0 to 2^48-1", o.Steps))
		}
		arrays[stepsName] = tensor.FromSlice([]float32{float32(int64(o.Steps) / stepsBase), float32(o.Steps % stepsBase)}, 2)
	}
	for k, moment := range o.Moments {
		if len(moment) != len(trained) {
			panic(fmt.Sprintf("layers: Write: moment %d is of %d parameters, the layer has %d", k, len(moment), len(trained)))
		}
		for i, p := range trained {
			if len(moment[i]) != p.Value.Len() {
				panic(fmt.Sprintf("layers: Write: moment %d of %s has %d elements, the parameter has shape %v", k, p.Name, len(moment[i]), p.Value.Shape()))
			}
			arrays[momentName(k, p.Name)] = tensor.FromSlice(moment[i], p.Value.Shape()...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		if err := checkFinite(name, arrays[name]); err != nil {
			return fmt.Errorf("layers: %w", err)
		}
	}
	return npy.WriteZip(w, arrays)
}

// Read reads a file that [Write] has written, copies its parameters into those
// of l, in place, and returns the state of the optimiser: the zero State if the
// file has none. Not before everything has been checked is anything copied. It
// is an error, which names the file and the array, if an array is missing or of
// another shape, if there is one that l does not have, if there are more than eight
// moments, or if an element is NaN or infinite. What does not belong to l is not
// read, so that memory is bounded by what l and the moments have. Read panics as
// Write does if names of parameters clash.
func Read(path string, l Layer) (optim.State, error) {
	all, trained := saved("Read", l)
	arrays, err := npy.ReadZipFunc(path, func(name string, h npy.Header) error {
		shape, ok := shapeOf(name, all, trained)
		if !ok {
			return fmt.Errorf("it does not belong to the network, whose parameters are %s", list(all))
		}
		return checkShape(h.Shape, shape)
	})
	if err != nil {
		return optim.State{}, err
	}
	state, err := check(arrays, all, trained)
	if err != nil {
		return optim.State{}, fmt.Errorf("%s: %w", path, err)
	}
	for _, p := range all {
		p.Value.CopyFrom(arrays[p.Name])
	}
	return state, nil
}

// saved returns what a file holds of a layer: all parameters, each tensor once,
// and those among them that are trained, for which there are moments.
func saved(op string, l Layer) (all, trained []Parameter) {
	values, names := map[*tensor.Tensor]bool{}, map[string]bool{}
	for _, p := range l.Parameters() {
		if values[p.Value] {
			continue
		}
		if names[p.Name] {
			panic(fmt.Sprintf("layers: %s: two parameters are called %q", op, p.Name))
		}
		if strings.HasPrefix(p.Name, optimizerPrefix) {
			panic(fmt.Sprintf("layers: %s: a parameter is called %q: %q is the beginning of the optimiser's names", op, p.Name, optimizerPrefix))
		}
		values[p.Value], names[p.Name] = true, true
		all = append(all, p)
		if !p.Buffer {
			trained = append(trained, p)
		}
	}
	return all, trained
}

// maxMoments bounds the moments of an optimiser in a file; Adam has two.
const maxMoments = 8

// shapeOf returns the shape that an array of this name has in a file, if there can
// be one.
func shapeOf(name string, all, trained []Parameter) (shape []int, ok bool) {
	if name == stepsName {
		return []int{2}, true
	}
	if rest, moment := strings.CutPrefix(name, optimizerPrefix); moment {
		digits, parameter, _ := strings.Cut(rest, ".")
		k, err := strconv.Atoi(digits)
		if err != nil || k < 0 || k >= maxMoments || name != momentName(k, parameter) {
			return nil, false
		}
		name, all = parameter, trained
	}
	i := slices.IndexFunc(all, func(p Parameter) bool { return p.Name == name })
	if i < 0 {
		return nil, false
	}
	return all[i].Value.Shape(), true
}

// checkShape returns an error if the shape of an array in a file is not the want.
func checkShape(shape, want []int) error {
	if slices.Equal(shape, want) {
		return nil
	}
	if len(shape) > len(want) { // a file can give it any length
		return fmt.Errorf("%d dimensions, wants shape %v", len(shape), want)
	}
	return fmt.Errorf("shape %v, wants %v", shape, want)
}

func momentName(k int, parameter string) string {
	return optimizerPrefix + strconv.Itoa(k) + "." + parameter
}

// check checks the arrays of a file, whose names and shapes shapeOf knows, for
// what is missing and what makes no sense, and returns the optimiser's state.
func check(arrays map[string]*tensor.Tensor, all, trained []Parameter) (optim.State, error) {
	var state optim.State
	known := map[string]bool{}
	take := func(name string, shape []int) error {
		a := arrays[name]
		if a == nil {
			return fmt.Errorf("array %s is missing, of shape %v", name, shape)
		}
		known[name] = true
		return checkFinite(name, a)
	}
	for _, p := range all {
		if err := take(p.Name, p.Value.Shape()); err != nil {
			return state, err
		}
	}
	begins := func(prefix string) bool {
		for name := range arrays {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	}
	if begins(optimizerPrefix) {
		if err := take(stepsName, []int{2}); err != nil {
			return state, err
		}
		var err error
		if state.Steps, err = readSteps(arrays[stepsName].Data()); err != nil {
			return state, err
		}
		// As many moments as there are; of each, all parameters.
		for k := 0; begins(momentName(k, "")); k++ {
			var moment [][]float32
			for _, p := range trained {
				name := momentName(k, p.Name)
				if err := take(name, p.Value.Shape()); err != nil {
					return state, err
				}
				moment = append(moment, arrays[name].Data())
			}
			state.Moments = append(state.Moments, moment)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		if !known[name] {
			return state, fmt.Errorf("array %s is in the file, but moment %d is not", name, len(state.Moments))
		}
	}
	return state, nil
}

// readSteps puts the number of steps together from its two digits.
func readSteps(digits []float32) (int, error) {
	steps := int64(0)
	for _, d := range digits {
		if !(d >= 0 && d < stepsBase && d == float32(math.Floor(float64(d)))) {
			return 0, fmt.Errorf("array %s is %v, wants two integers from 0 to 2^24-1", stepsName, digits)
		}
		steps = steps*stepsBase + int64(d)
	}
	if steps > math.MaxInt {
		return 0, fmt.Errorf("array %s says %d steps, too many for this system: at most %d", stepsName, steps, math.MaxInt)
	}
	return int(steps), nil
}

// checkFinite returns an error if an element is NaN or infinite.
func checkFinite(name string, a *tensor.Tensor) error {
	i := slices.IndexFunc(a.Data(), func(v float32) bool { return v-v != 0 })
	if i < 0 {
		return nil
	}
	return fmt.Errorf("array %s of shape %v holds %v at element %d, wants finite numbers", name, a.Shape(), a.Data()[i], i)
}

// list returns the names of parameters for an error, the first few of many.
func list(all []Parameter) string {
	const most = 4
	var names []string
	for _, p := range all[:min(len(all), most)] {
		names = append(names, p.Name)
	}
	if more := len(all) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

package layers

import (
	"fmt"
	"slices"

	"github.com/brushgrad/brushgrad/autodiff"
)

// Named is a layer with its name in a network.
type Named struct {
	Name  string
	Layer Layer
}

// Sequential applies layers one after another. It is a layer itself, so that
// networks can be built of blocks. The name of a layer stands before those of
// its parameters: "conv1_1.weight", or "block1.conv1_1.weight" where the
// network consists of blocks. Names must differ from each other.
type Sequential []Named

// Forward implements [Layer].
func (s Sequential) Forward(x *autodiff.Var, vars Vars) *autodiff.Var {
	for _, l := range s {
		x = l.Layer.Forward(x, vars)
	}
	return x
}

// Features applies the layers as far as the deepest of those named, and returns
// what comes out of each of these, in the order of the names. It panics if
// there is no layer of a name.
func (s Sequential) Features(x *autodiff.Var, vars Vars, names ...string) []*autodiff.Var {
	deepest := -1
	for _, name := range names {
		i := slices.IndexFunc(s, func(l Named) bool { return l.Name == name })
		if i < 0 {
			panic(fmt.Sprintf("layers: Features: no layer is called %q, only %q", name, s.names()))
		}
		deepest = max(deepest, i)
	}
	features := make([]*autodiff.Var, len(names))
	for _, l := range s[:deepest+1] {
		x = l.Layer.Forward(x, vars)
		for i, name := range names {
			if name == l.Name {
				features[i] = x
			}
		}
	}
	return features
}

// Parameters implements [Layer].
func (s Sequential) Parameters() []Parameter {
	var all []Parameter
	for _, l := range s {
		for _, p := range l.Layer.Parameters() {
			all = append(all, Parameter{l.Name + "." + p.Name, p.Value})
		}
	}
	return all
}

func (s Sequential) names() []string {
	var names []string
	for _, l := range s {
		names = append(names, l.Name)
	}
	return names
}

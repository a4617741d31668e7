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
//
// What comes out of a layer belongs to Sequential, which releases it once the
// next layer has run, unless it is a result. A layer that returns a value of
// somebody else, such as the output of a layer before the previous one, does not
// fit in.
type Sequential []Named

// Forward implements [Layer].
func (s Sequential) Forward(x *autodiff.Var, vars Vars) *autodiff.Var {
	return s.run(x, vars, func(int, *autodiff.Var) bool { return true })
}

// Features applies the layers as far as the deepest of those named, and returns
// what comes out of each of these, in the order of the names. The results are
// the caller's to release. It panics if there is no layer of a name.
func (s Sequential) Features(x *autodiff.Var, vars Vars, names ...string) []*autodiff.Var {
	features := make([]*autodiff.Var, len(names))
	s[:s.depth("Features", names)].run(x, vars, func(i int, y *autodiff.Var) bool {
		release := true
		for k, name := range names {
			if name == s[i].Name {
				features[k], release = y, false
			}
		}
		return release
	})
	return features
}

// Visit applies the layers as far as the deepest of those named, and calls f
// with what comes out of each of these and its name, in the order of the
// layers. A value is valid until f returns, and not f's to release.
//
// What f computes from a value is next to it on the tape, and so is its
// gradient: in Backward, the values of the layers before are needed only then,
// and need not be joined by all of their gradients, as with Features. It panics
// if there is no layer of a name.
func (s Sequential) Visit(x *autodiff.Var, vars Vars, names []string, f func(name string, y *autodiff.Var)) {
	last := s[:s.depth("Visit", names)].run(x, vars, func(i int, y *autodiff.Var) bool {
		if slices.Contains(names, s[i].Name) {
			f(s[i].Name, y)
		}
		return true
	})
	if last != x {
		last.Release()
	}
}

// run applies the layers. It calls after with what comes out of each, and
// releases that once the next layer has run if after returned true. It returns
// the result.
func (s Sequential) run(x *autodiff.Var, vars Vars, after func(i int, y *autodiff.Var) (release bool)) *autodiff.Var {
	input, release := x, false
	for i, l := range s {
		y := l.Layer.Forward(x, vars)
		if y != x { // a layer may return what it was given
			if release {
				x.Release()
			}
			release = y != input
		}
		x = y
		release = after(i, x) && release
	}
	return x
}

// depth returns the number of layers up to the deepest of those named, and
// panics if there is no layer of a name.
func (s Sequential) depth(op string, names []string) int {
	depth := 0
	for _, name := range names {
		i := slices.IndexFunc(s, func(l Named) bool { return l.Name == name })
		if i < 0 {
			panic(fmt.Sprintf("layers: %s: no layer is called %q, only %q", op, name, s.names()))
		}
		depth = max(depth, i+1)
	}
	return depth
}

// Parameters implements [Layer].
func (s Sequential) Parameters() []Parameter {
	var all []Parameter
	for _, l := range s {
		for _, p := range l.Layer.Parameters() {
			p.Name = l.Name + "." + p.Name
			all = append(all, p)
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

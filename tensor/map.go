package tensor

import "github.com/brushgrad/brushgrad/tensor/parallel"

// Map stores f(v) in dst for every element v of x; dst may be x. f is called
// from several goroutines and must depend on its argument alone. It panics if
// the shapes differ.
func Map(dst, x *Tensor, f func(v float32) float32) {
	mustSameShape("Map", dst, x)
	parallel.Range(len(x.data), elementBlock, func(lo, hi int) {
		out := dst.data[lo:hi]
		for i, v := range x.data[lo:hi] {
			out[i] = f(v)
		}
	})
}

// Map2 stores f(v, w) in dst for every element v of a and w of b at the same
// place; dst may be a or b. f is called from several goroutines and must
// depend on its arguments alone. It panics if the shapes differ.
func Map2(dst, a, b *Tensor, f func(v, w float32) float32) {
	mustSameShape("Map2", dst, a)
	mustSameShape("Map2", a, b)
	parallel.Range(len(a.data), elementBlock, func(lo, hi int) {
		out, second := dst.data[lo:hi], b.data[lo:hi]
		for i, v := range a.data[lo:hi] {
			out[i] = f(v, second[i])
		}
	})
}

package tensor_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// element is a value of a row with its weight, and the part of all weight that it has when
// the row is sorted.
type element struct {
	index        int
	value        float64
	weight       float64
	before, upTo float64
}

// sorted returns the elements of a row, sorted by value.
func sorted(x, weights *tensor.Tensor, k int) []element {
	var all []element
	total := 0.0
	for i := range x.Dim(1) {
		w := 1.0
		if weights != nil {
			w = float64(weights.At(i))
		}
		all = append(all, element{index: i, value: float64(x.At(k, i)), weight: w})
		total += w
	}
	slices.SortStableFunc(all, func(a, b element) int { return cmp.Compare(a.value, b.value) })
	below := 0.0
	for i := range all {
		all[i].weight /= total
		all[i].before = below
		below += all[i].weight
		all[i].upTo = below
	}
	return all
}

// naiveDistance is QuantileDistance in float64, by sorting.
func naiveDistance(x, quantiles, weights *tensor.Tensor) (y float64, grad []float64) {
	rows, n, q := x.Dim(0), x.Dim(1), quantiles.Dim(1)
	grad = make([]float64, rows*n)
	for k := range rows {
		sums := [2][]float64{make([]float64, q+1), make([]float64, q+1)} // of quantiles, of squares
		power := func(p, j int) float64 { return math.Pow(float64(quantiles.At(k, j)), float64(p+1)) }
		for p := range sums {
			for j := range q {
				sums[p][j+1] = sums[p][j] + power(p, j)/float64(q)
			}
		}
		integral := func(p int, u float64) float64 {
			j := min(q-1, int(u*float64(q)))
			return sums[p][j] + (u-float64(j)/float64(q))*power(p, j)
		}
		all := sorted(x, weights, k)
		row := x.Data()[k*n:][:n]
		apart := (slices.Max(row) - slices.Min(row)) / (1 << 18)
		for i := 0; i < len(all); {
			first := i
			for i < len(all) && float32(all[i].value)-float32(all[first].value) <= apart {
				i++
			}
			before, upTo := all[first].before, all[i-1].upTo
			if upTo == before {
				continue // none has a weight
			}
			mean, square := (integral(0, upTo)-integral(0, before))/(upTo-before), (integral(1, upTo)-integral(1, before))/(upTo-before)
			for _, e := range all[first:i] {
				d := e.value - mean
				y += e.weight * (e.value*e.value - 2*e.value*mean + square) / float64(rows)
				grad[k*n+e.index] = 2 * e.weight * d / float64(rows)
			}
		}
	}
	return y, grad
}

// TestQuantileDistance compares with sorting in float64: for few and many elements, with
// more and fewer of them than quantiles, with weights, with a heavy tail, far from the
// quantiles and close to them.
func TestQuantileDistance(t *testing.T) {
	rng := newRand(3)
	for _, n := range []int{1, 2, 7, 100, 5000, 40000} {
		for _, q := range []int{1, 16, 1024} {
			for _, kind := range []string{"far", "close", "tail"} {
				x, quantiles := tensor.Random(rng, 3, n), tensor.Random(rng, 3, q)
				if kind != "far" {
					other := tensor.New(3, n)
					for i := range other.Data() {
						v := rng.NormFloat64()
						if kind == "tail" {
							v = v * v * v
						}
						other.Data()[i] = float32(v)
						x.Data()[i] = float32(v + 0.1*rng.NormFloat64())
					}
					tensor.Quantiles(quantiles, other, nil)
				} else {
					for k := range 3 {
						slices.Sort(quantiles.Data()[k*q:][:q])
					}
				}
				weights := tensor.New(n)
				for i := range weights.Data() {
					weights.Data()[i] = float32(i%4) / 3 // some without
				}
				weights.Data()[n/2] = 1
				for _, w := range []*tensor.Tensor{nil, weights} {
					name := fmt.Sprintf("%d elements, %d quantiles, %s, weights %v", n, q, kind, w != nil)
					want, wantGrad := naiveDistance(x, quantiles, w)
					grad := dirty(3, n)
					got := tensor.QuantileDistance(grad, x, quantiles, w)
					if !(math.Abs(got-want) <= 1e-4*want+1e-9) {
						t.Errorf("%s: %v, want %v", name, got, want)
					}
					off, length := 0.0, 0.0
					for i, g := range grad.Data() {
						off += (float64(g) - wantGrad[i]) * (float64(g) - wantGrad[i])
						length += wantGrad[i] * wantGrad[i]
					}
					if !(off <= 1e-3*1e-3*length+1e-18) {
						t.Errorf("%s: the gradient is off by %v of its length", name, math.Sqrt(off/length))
					}
					if again := tensor.QuantileDistance(nil, x, quantiles, w); again != got {
						t.Errorf("%s: %v without a gradient, %v with one", name, again, got)
					}
					inPlace := x.Clone()
					tensor.QuantileDistance(inPlace, inPlace, quantiles, w)
					checkSameBits(t, name+", in place", inPlace.Data(), grad.Data())
				}
			}
		}
	}
}

// TestQuantileDistanceOfEqualElements: all become the mean of the quantiles, and none is
// told from another.
func TestQuantileDistanceOfEqualElements(t *testing.T) {
	x, quantiles := tensor.Full(3, 1, 6), tensor.FromSlice([]float32{0, 1, 5}, 1, 3)
	grad := dirty(1, 6)
	if y := tensor.QuantileDistance(grad, x, quantiles, nil); math.Abs(y-17./3) > 1e-12 {
		t.Errorf("%v, want (3^2 + 2^2 + 2^2) / 3", y)
	}
	for i, g := range grad.Data() {
		if math.Abs(float64(g)-2./6) > 1e-7 {
			t.Errorf("element %d: gradient %v, want 1/3", i, g)
		}
	}
}

// TestQuantileDistanceIsNotFinite: what is not finite does not become a number.
func TestQuantileDistanceIsNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, at := range []int{0, 3, 9} {
			x := tensor.Random(newRand(1), 1, 10)
			x.Set(float32(bad), 0, at)
			if y := tensor.QuantileDistance(tensor.New(1, 10), x, tensor.Full(1, 1, 4), nil); y-y == 0 {
				t.Errorf("%v at %d: %v", bad, at, y)
			}
		}
	}
}

// TestQuantiles compares with a walk through all parts and elements in float64.
func TestQuantiles(t *testing.T) {
	rng := newRand(4)
	for _, n := range []int{1, 2, 9, 300, 1024, 5000} {
		for _, q := range []int{1, 4, 300, 1024} {
			x, weights := tensor.Random(rng, 2, n), tensor.New(n)
			for i := range weights.Data() {
				weights.Data()[i] = float32(i % 3)
			}
			weights.Data()[n-1] = 0.5
			for _, w := range []*tensor.Tensor{nil, weights} {
				got := dirty(2, q)
				tensor.Quantiles(got, x, w)
				for k := range 2 {
					all := sorted(x, w, k)
					first := 0
					for j := range q {
						from, to := float64(j)/float64(q), float64(j+1)/float64(q)
						for all[first].upTo < from {
							first++
						}
						want := 0.0
						for i := first; i < len(all) && all[i].before < to; i++ {
							want += max(0, min(to, all[i].upTo)-max(from, all[i].before)) * float64(q) * all[i].value
						}
						if math.Abs(float64(got.At(k, j))-want) > 1e-6*(1+math.Abs(want)) {
							t.Fatalf("%d elements, weights %v: quantile %d of %d is %v, want %v", n, w != nil, j, q, got.At(k, j), want)
						}
					}
				}
			}
		}
	}
}

package autodiff

import "math"

// Live returns how many floats are lent at the moment, most how many were at
// once, and chunks how many there is memory for; all of them with padding, a
// multiple of Padding for each value.
func (t *Tape) Live() (live, most, chunks int) {
	for _, c := range t.floats.chunks {
		chunks += len(c.data)
	}
	return t.floats.live, t.floats.peak, chunks
}

// Padding is the number of floats that Live counts for a single one.
const Padding = blockAlign / 4

// LiveBytes returns how many bytes are lent at the moment, with padding.
func (t *Tape) LiveBytes() int { return t.bytes.live }

// OnLend has f called with the length of each slice of floats that is lent from
// now on; nil ends it.
func (t *Tape) OnLend(f func(n int)) {
	t.floats.onLend = nil
	if f != nil {
		t.floats.onLend = func(s []float32) { f(len(s)) }
	}
}

// Poison fills memory from now on with values that show up in any result,
// whenever it is lent and whenever it is given back.
func (t *Tape) Poison() {
	floats := func(s []float32) {
		for i := range s {
			s[i] = float32(math.NaN())
		}
	}
	bytes := func(s []uint8) {
		for i := range s {
			s[i] = 255
		}
	}
	t.floats.onLend, t.floats.onGiveBack = floats, floats
	t.bytes.onLend, t.bytes.onGiveBack = bytes, bytes
}

// HasGrad reports whether a gradient has been computed for v and kept.
func (v *Var) HasGrad() bool { return v.grad != nil }

// Buffers makes the memory of a tape known to tests of its own.
type Buffers struct{ buffers[float32] }

// Lend, GiveBack and Reset are those of the tape.
func (b *Buffers) Lend(n int) []float32   { return b.lend(n) }
func (b *Buffers) GiveBack(s []float32)   { b.giveBack(s) }
func (b *Buffers) Reset()                 { b.reset() }
func (b *Buffers) Live() (live, most int) { return b.live, b.peak }

// Chunks returns for each chunk its size and the number of its blocks.
func (b *Buffers) Chunks() (sizes, blocks []int) {
	for _, c := range b.chunks {
		sizes, blocks = append(sizes, len(c.data)), append(blocks, len(c.blocks))
	}
	return sizes, blocks
}

package autodiff

// buffers lends slices and takes them back, so that the evaluations of a loop
// share the memory of the first. The zero value is ready to use.
type buffers[T any] struct {
	free map[int][][]T // by length
	kept [][]T         // lent by keep
}

// lend returns n elements with arbitrary contents, to be handed to giveBack.
func (b *buffers[T]) lend(n int) []T {
	same := b.free[n]
	if len(same) == 0 {
		return make([]T, n)
	}
	last := len(same) - 1
	b.free[n] = same[:last]
	return same[last]
}

// giveBack makes a slice from lend ready for use again.
func (b *buffers[T]) giveBack(s []T) {
	if b.free == nil {
		b.free = make(map[int][][]T)
	}
	b.free[len(s)] = append(b.free[len(s)], s)
}

// keep is lend for a slice that reset gives back.
func (b *buffers[T]) keep(n int) []T {
	s := b.lend(n)
	b.kept = append(b.kept, s)
	return s
}

// reset gives back everything that keep has lent.
func (b *buffers[T]) reset() {
	for _, s := range b.kept {
		b.giveBack(s)
	}
	clear(b.kept)
	b.kept = b.kept[:0]
}

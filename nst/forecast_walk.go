package nst

import (
	"math"
	"slices"

	"github.com/brushgrad/brushgrad/vgg"
)

// walk is a walk through the layers of a network that counts values per pixel of the
// picture, as an evaluation has them on its tape.
type walk struct {
	net    *vgg.Network
	costs  Costs
	masked bool
	layers []walked
}

// walked is a layer on a walk.
type walked struct {
	name    string
	size    float64 // values of its activations
	behind  float64 // of what comes next: the same, or a quarter if a pooling follows
	pools   bool    // a pooling follows
	fused   bool    // and the activations are not stored
	content bool
	style   bool
}

func newWalk(net *vgg.Network, costs Costs, masked bool) *walk {
	w := &walk{net: net, costs: costs, masked: masked}
	named := costs.Layers()
	scale := 1.0
	deepest := 0
	for i, name := range net.Layers() {
		l := walked{
			name: name, size: scale * float64(net.Channels(name)), pools: vgg.EndsBlock(name),
			content: layerIndex(costs.ContentLayers, name) >= 0, style: layerIndex(costs.StyleLayers, name) >= 0,
		}
		l.fused = net.PoolsWith(name) && !slices.Contains(named, name)
		if l.behind = l.size; l.pools {
			scale /= 4
			l.behind /= 4
		}
		w.layers = append(w.layers, l)
		if slices.Contains(named, name) {
			deepest = i
		}
	}
	w.layers = w.layers[:deepest+1]
	w.layers[deepest].pools, w.layers[deepest].behind = false, w.layers[deepest].size
	return w
}

// widest returns the most channels that a layer has.
func (w *walk) widest() float64 {
	most := 0
	for _, l := range w.layers {
		most = max(most, w.net.Channels(l.name))
	}
	return float64(most)
}

// copies reports whether the style cost makes a copy of activations to measure them.
func (w *walk) copies() bool {
	switch w.costs.StyleCost.(type) {
	case Gram:
		return w.masked
	case MeanStd:
		return false
	}
	return true
}

// keeps reports whether the activations of a layer are kept for its gradient. The Gram
// matrix of the first layer does without: it computes them again.
func (w *walk) keeps(i int) bool {
	l := w.layers[i]
	_, gram := w.costs.StyleCost.(Gram)
	again := gram && i == 0 && !w.costs.NormalizeGradients // which stands between the layer and its Gram matrix
	return l.content || l.style && !again
}

// normalised is the picture as the network has it, in values per pixel.
const normalised = 3

// forward returns the bytes per pixel that are in use at most while a picture is
// measured and no gradient follows.
func (w *walk) forward() float64 {
	most, _ := w.up(false)
	return w.chunked(most)
}

// chunked returns the bytes per pixel that the tape allocates to hold the given number of
// values per pixel. Its memory comes in chunks that have room for one and a half of the value
// they were made for: the normalised picture is the first, and the largest of all
// values the next. Where that is not enough there is another of the kind. Not all of a
// chunk is touched, but the collector counts it, and so does a limit of the address
// space.
func (w *walk) chunked(values float64) float64 {
	largest := 0.0
	for _, l := range w.layers {
		if !l.fused {
			largest = max(largest, l.size)
		}
	}
	const first = chunk * normalised
	return 4 * (first + chunk*largest*math.Ceil((values-first)/(chunk*largest)))
}

// up walks up the layers and returns the most values that are in use, and those that
// are kept in the end.
func (w *walk) up(gradient bool) (most, kept float64) {
	at := float64(normalised) // what the next layer reads
	if gradient {
		kept, at = normalised, 0
	}
	for i, l := range w.layers {
		stored := l.size
		if l.fused {
			stored = l.behind
		}
		most = max(most, kept+at+stored)
		at = stored
		if gradient && w.keeps(i) {
			kept, at = kept+stored, 0
		}
		if l.style && w.copies() {
			most = max(most, kept+at+stored)
		}
		if l.pools && !l.fused {
			most = max(most, kept+at+l.behind)
			at = l.behind
		}
	}
	return most, kept
}

// bandPixels is how many pixels of a layer are computed again or masked at a time,
// for the gradient (autodiff.Gram).
const bandPixels = 1 << 15

// evaluation returns the bytes per pixel that the tape allocates for an evaluation with its
// gradient, for a picture with the given number of pixels.
func (w *walk) evaluation(pixels float64) float64 {
	values, flags := w.upAndDown(pixels)
	return w.chunked(values+normalised) + w.keptChunk() + flags
}

// evaluationAlone is evaluation where nothing comes between evaluations. Unless the largest
// activations are kept or copied, what does not fit into their chunk is no larger than the
// next after them, and so is the chunk for that.
func (w *walk) evaluationAlone(pixels float64) float64 {
	values, flags := w.upAndDown(pixels)
	if w.keeps(0) || w.copies() || w.layers[0].pools {
		return w.chunked(values) + w.keptChunk() + flags
	}
	largest, next := 0.0, 0.0
	for i, l := range w.layers {
		stored := l.size
		if l.fused {
			stored = l.behind
		}
		if largest = max(largest, stored); i > 0 {
			next = max(next, stored)
		}
	}
	chunks := chunk * (normalised + largest)
	if rest := values - chunks; rest > 0 {
		chunks += chunk * next * math.Ceil(rest/(chunk*next))
	}
	return 4*chunks + flags
}

// keptChunk returns the bytes per pixel of one chunk more. Where the largest activations
// are kept, the rest of their chunk is too small for gradients, which then need it. (A copy
// of them has made one already.)
func (w *walk) keptChunk() float64 {
	if _, copied := w.costs.StyleCost.(Wasserstein); w.keeps(0) && !copied {
		return 4 * chunk * w.layers[0].size
	}
	return 0
}

// upAndDown walks up the layers and back, and returns the most values that are in use, and
// the bytes of what is noted for the way back, per pixel.
func (w *walk) upAndDown(pixels float64) (most, flags float64) {
	most, kept := w.up(true)
	behind := 0.0
	share := 1.0 // pixels of a layer for one of the picture
	shares := make([]float64, len(w.layers))
	for i, l := range w.layers {
		shares[i] = share
		if l.pools {
			share /= 4
		}
		switch {
		case l.fused:
			flags += l.behind * 3 / 8
		case l.pools:
			flags += l.size/8 + l.behind
		default:
			flags += l.size / 8
		}
	}
	for i := len(w.layers) - 1; i >= 0; i-- {
		l := w.layers[i]
		// The gradient of the next layer exists; this allocates that of the layer itself.
		grad := behind
		if !l.fused {
			grad = l.size
			if l.pools {
				most = max(most, kept+behind+grad)
			}
		}
		if l.style {
			band := 0.0
			_, gram := w.costs.StyleCost.(Gram)
			if w.copies() || gram && i == 0 {
				band = min(1, bandPixels/(pixels*shares[i])) * l.size
				if w.masked {
					band *= 2
				}
			}
			most = max(most, kept+grad+band)
		}
		if w.costs.NormalizeGradients && (l.style || l.content) {
			most = max(most, kept+2*grad)
		}
		if w.keeps(i) {
			kept -= l.size
		}
		below := float64(normalised)
		if i > 0 {
			below = w.layers[i-1].behind
		}
		most = max(most, kept+grad+below)
		behind = below
	}
	return most, chunk * flags
}

// targets is the bytes per pixel of the activations that the content cost compares
// with.
func (w *walk) targets() float64 {
	bytes := 0.0
	for _, l := range w.layers {
		if l.content {
			bytes += 4 * l.size
		}
	}
	return bytes
}

// matrices is the bytes of what the style costs hold, whatever the size of the
// pictures: for each layer a matrix of all pairs of channels, as it is measured, with
// its gradient, and of each style as the target and while that is computed.
func (w *walk) matrices(styles int) int64 {
	bytes := 0
	for _, l := range w.layers {
		if !l.style {
			continue
		}
		c := w.net.Channels(l.name)
		switch w.costs.StyleCost.(type) {
		case MeanStd:
			bytes += 4 * c * (4 + 3*styles)
		case Gram:
			bytes += 4 * c * c * (4 + 2*styles)
		default:
			bytes += 4 * c * c * (8 + 4*styles)
		}
	}
	return int64(bytes)
}

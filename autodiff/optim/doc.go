// Package optim holds the optimisers: L-BFGS, Adam, and gradient descent with
// momentum. They know nothing of graphs or pictures. All they ask for is a
// function that returns its value at a point x and writes its gradient there:
//
//	func(x, grad []float32) float64
//
// Minimize runs any of them on such a function. A classifier that is trained
// on mini-batches has a new function every time; there the loop is the
// caller's, and the Step methods of Adam and SGD are what it calls.
//
// # Which one
//
// L-BFGS wants the exact gradient of a function that stays the same. Then it is
// far ahead of the others, as it learns the curvature and chooses the length of
// its steps by itself. That is style transfer: x is the picture. Adam and SGD
// are content with noisy gradients, but want a learning rate that suits the
// problem.
//
// # Training
//
// A loop of training has three more tools. Cosine is a schedule: the rate is
// small while Adam's running means are still those of a few gradients, high for
// most of the way, and small again in the end, when the noise of the mini-batches
// is all that moves the parameters. ClipNorm bounds the length of a gradient, so
// that one bad batch does no harm; and it returns the norm, which tells that a
// step with NaN had better be skipped. WeightDecay turns Adam into AdamW.
//
//	for step := range schedule.Steps {
//		params, grads := ... // the gradients of the next mini-batch
//		norm := optim.ClipNorm(grads, 1)
//		if math.IsNaN(norm) || math.IsInf(norm, 0) {
//			continue
//		}
//		adam.LearningRate = schedule.Rate(step)
//		adam.Step(params, grads)
//	}
//
// State is what Adam and SGD remember between steps. A program that keeps it
// along with the parameters can stop, and go on later to the bit.
//
// # L-BFGS in one page
//
// Near x, a smooth function f looks like a parabola with the gradient g and the
// Hessian B, the matrix of its second derivatives:
//
//	f(x+p) ~ f(x) + g'p + p'Bp/2
//
// Newton's method goes to the bottom of that parabola, p = -B^-1 g. For a
// picture of 512x512 pixels B has 6e11 elements, so that is out of the
// question. But B shows itself along the way. A step s = x1 - x0 changes the
// gradient by y = g1 - g0, and for a parabola y = B s exactly. So let us keep
// an approximation H of the inverse B^-1, and change it after each step as
// little as possible so that it agrees with what was just seen, H y = s. That
// is the BFGS update, with r = 1 / s'y:
//
//	H <- (I - r s y') H (I - r y s') + r s s'
//
// H remains positive definite, so that -H g is a direction in which f falls, if
// and only if s'y > 0: the slope along s must have increased.
//
// H is as large as B, but it need never be formed. Only H g is needed, and the
// update, read from right to left, says how to get it from products with s and
// y alone. That can be done m times in a row, for the last m steps, starting
// from a multiple of I. It takes two loops (Algorithm 7.4):
//
//	q = g
//	for the pairs (s, y) from the newest to the oldest:
//		a = r s'q              (one a for each pair)
//		q = q - a y
//	q = (s'y / y'y) q          the newest pair's: a guess at the size of B^-1
//	for the pairs from the oldest to the newest:
//		b = r y'q
//		q = q + (a - b) s
//	the direction is -q
//
// All that is a sum of g, the y and the s, so that both loops need only run over
// coefficients and inner products; LBFGS computes those in one pass over the 2m
// vectors it stores, and the sum in another. That is little compared with one
// evaluation of a network. Forgetting the older pairs is no great
// loss: they belong to a place that has been left behind. Between 3 and 20 pairs
// are usual.
//
// If f is a sum of functions of one part of x each, B has a block for each part
// and zeros elsewhere. LBFGS.Parts says so: then each part has pairs of its own,
// pieces of the same vectors, and all of the above is done part by part.
//
// # How far to go
//
// Along the direction d the function is phi(t) = f(x + t d). The parabola says
// t = 1. That is tried first, and nearly always it is good enough in the sense
// of the strong Wolfe conditions, which are:
//
//	phi(t) <= phi(0) + 0.0001 t phi'(0)    the value falls in earnest
//	|phi'(t)| <= 0.9 |phi'(0)|             the slope has become less steep
//
// The second one implies s'y > 0. So an iteration normally costs a single
// evaluation. If not, the cubic through two values and their slopes tells where
// to look next: between the two, once they enclose a good step, and further
// out before that.
//
// Only at the very start there is no H to give d a length. A fixed rule such
// as 1/|g| may be wrong by many orders of magnitude, and the search then needs
// half a dozen evaluations to find that out. Here the first step is 4 f / g'g,
// bounded by the size of x; see firstStep in lbfgs.go.
//
// # Precision
//
// x, its gradient and the history are float32, as the engine delivers them.
// Values, slopes and all inner products are float64, since differences of
// nearly equal ones decide. s is the difference of the float32 points, not
// t d: near a minimum these differ. Such a run ends when no float32 point along
// the gradient has a lower value: the status is LineSearchFailed, and x as good
// as it gets.
//
// # Sources
//
//   - J. Nocedal, S. J. Wright: Numerical Optimization, 2nd edition, Springer
//     2006. Chapter 3 (line searches), 6 (BFGS), 7.2 (limited memory).
//   - D. C. Liu, J. Nocedal: On the limited memory BFGS method for large scale
//     optimization. Mathematical Programming 45 (1989), 503-528.
//   - A. Griewank, Ph. L. Toint: Partitioned variable metric updates for large
//     structured optimization problems. Numerische Mathematik 39 (1982), 119-137.
//   - D. P. Kingma, J. Ba: Adam: a method for stochastic optimization. ICLR 2015.
//   - I. Loshchilov, F. Hutter: Decoupled weight decay regularization. ICLR 2019.
//   - I. Loshchilov, F. Hutter: SGDR: stochastic gradient descent with warm
//     restarts. ICLR 2017.
//   - R. Pascanu, T. Mikolov, Y. Bengio: On the difficulty of training recurrent
//     neural networks. ICML 2013.
//   - I. Sutskever, J. Martens, G. Dahl, G. Hinton: On the importance of
//     initialization and momentum in deep learning. ICML 2013.
package optim
